"""What the screen says, in each language. The display's font is ASCII; 16 characters fill a line."""

LANGUAGES = ("id", "en")

# Every text's number: its line in the table.
EMERGENCY, DRILL, ASSIGNED, ON_SCENE, ACCEPTED, CONFIRMING, CANCELLED, EXPIRED, OTHER_CAR = range(9)
CLEARED, REPORTING, ACCEPT, DECLINE, ARRIVE, CLEAR, READY, NOT_READY, LINK, NO_LINK = range(9, 19)
NO_GPS, SATELLITES, KMH, MINUTES, NOW, POINT, DIRECTIONS, IGNITION_OFF, LOW, SAFE_MODE, SAFE_TEXT = range(19, 30)
# The order's reasons from REASON_WITHDRAWN on, in their order.
WITHDRAWN, SUPERSEDED, UNANSWERED, DUPLICATE, UNIT_LOST = range(30, 35)
AGO, SOS, DISTRESS, HOLD_BEGIN, HOLD_END = range(35, 40)

# name|Indonesian|English
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
ignition_off|MESIN MATI|ENGINE OFF
low|AKI LEMAH|LOW BATTERY
safe_mode|GANGGUAN|FAULT
safe_text|panggil teknisi|call a technician
withdrawn|tidak diperlukan lagi|no longer needed
superseded|unit lain berangkat|another unit goes
unanswered|tidak sempat dijawab|not answered in time
duplicate|sama dengan tugas lain|same as another case
unit_lost|unit ini terputus|unit was out of reach
ago|LALU|AGO
sos|SOS|SOS
distress|petugas darurat|officer distress
hold_begin|tahan untuk SOS|hold for SOS
hold_end|tahan 2s: usai|hold 2s to end
"""


def names() -> "list[str]":
    """Every text's name, in the order of their numbers."""
    return [line.split("|")[0] for line in _TABLE.strip().split("\n")]


class Texts:
    """texts[number] in one language of LANGUAGES, looked up in the table each time: a list would take up memory."""

    def __init__(self, language: str) -> None:
        self._column = 1 + LANGUAGES.index(language)

    def __getitem__(self, number: int) -> str:
        start = 0
        for _ in range(number):
            start = _TABLE.find("\n", start + 1)
        return _TABLE[start + 1 : _TABLE.find("\n", start + 1)].split("|")[self._column]
