"""What the screen says, in each language. The display's font is ASCII; 16 characters fill a line."""

_LANGUAGES = ("id", "en")

_TEXTS = (
    # key             Indonesian          English
    ("emergency", "DARURAT", "EMERGENCY"),
    ("drill", "LATIHAN", "DRILL"),
    ("assigned", "TUGAS", "ASSIGNED"),
    ("on_scene", "DI LOKASI", "ON SCENE"),
    ("waiting", "TUNGGU PUSAT", "CONFIRMING"),
    ("accepted", "sudah diterima", "you accepted"),
    ("cancelled", "BATAL", "CANCELLED"),
    ("expired", "WAKTU HABIS", "TIMED OUT"),
    ("other_car", "dialihkan ke unit lain", "passed on to another unit"),
    ("cleared", "SELESAI", "CLEAR"),
    ("reporting", "lapor ke pusat", "telling control"),
    ("accept", "TERIMA", "ACCEPT"),
    ("decline", "TOLAK", "DECLINE"),
    ("arrive", "TIBA", "ARRIVED"),
    ("clear", "SELESAI", "CLEAR"),
    ("ready", "SIAGA", "READY"),
    ("link", "terhubung", "connected"),
    ("no_link", "TANPA SINYAL", "NO CONNECTION"),
    ("no_gps", "GPS MENCARI", "GPS SEARCHING"),
    ("satellites", "satelit", "satellites"),
    ("kmh", "km/j", "km/h"),
    ("minutes", "mnt", "min"),
    ("now", "baru", "now"),
    ("point", ",", "."),
    ("directions", "U TL T TG S BD B BL", "N NE E SE S SW W NW"),
)


def load(language: str) -> "dict[str, str]":
    """key → text. Keep this and drop the module: the other languages then take no memory."""
    column = 1 + _LANGUAGES.index(language)
    return {row[0]: row[column] for row in _TEXTS}
