"""What the screen says, in each language. The display's font is ASCII; 16 characters fill a line."""

LANGUAGES = ("id", "en")

# key|Indonesian|English
_TABLE = """
emergency|DARURAT|EMERGENCY
drill|LATIHAN|DRILL
assigned|TUGAS|ASSIGNED
on_scene|DI LOKASI|ON SCENE
accepted|DITERIMA|ACCEPTED
confirming|menunggu pusat|awaiting control
cancelled|BATAL|CALLED OFF
expired|WAKTU HABIS|TIMED OUT
other_car|dialihkan ke unit lain|passed to another unit
cleared|SELESAI|CLEAR
reporting|lapor ke pusat|telling control
accept|TERIMA|ACCEPT
decline|TOLAK|DECLINE
arrive|TIBA|ARRIVED
clear|SELESAI|CLEAR
ready|SIAGA|READY
not_ready|BELUM|WAIT
link|terhubung|connected
no_link|TANPA SINYAL|NO CONNECTION
no_gps|GPS MENCARI|GPS SEARCHING
satellites|satelit|sats
kmh|km/j|km/h
minutes|mnt|min
now|baru|now
point|,|.
directions|U TL T TG S BD B BL|N NE E SE S SW W NW
"""


def known_keys() -> "list[str]":
    """Every text's key."""
    return [line.split("|")[0] for line in _TABLE.strip().split("\n")]


class Texts:
    """texts[key] in one language of LANGUAGES. Looked up in the table each time: a dictionary would take up memory."""

    def __init__(self, language: str) -> None:
        self._column = 1 + LANGUAGES.index(language)

    def __getitem__(self, key: str) -> str:
        start = _TABLE.find("\n" + key + "|")
        if start < 0:
            raise KeyError(key)
        return _TABLE[start + 1 : _TABLE.find("\n", start + 1)].split("|")[self._column]
