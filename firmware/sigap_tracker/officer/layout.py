"""How the screen puts numbers and texts: integers in, short strings out, nothing drawn."""

from sigap_tracker.officer import texts as say
from sigap_tracker.officer.texts import Texts
from sigap_wire.order import ETA_UNKNOWN

LINE_CHARS = 16


def distance(distance_m: int, point: str) -> "tuple[str, str]":
    """At most three characters and a unit: 850 m, 1,2 km, 12 km. Two figures are all that a glance takes in."""
    if distance_m < 1000:
        rounded_m = (distance_m + 5) // 10 * 10
        if rounded_m < 1000:
            return str(rounded_m), "m"
    tenths = (distance_m + 50) // 100
    if tenths < 100:
        return "%d%s%d" % (tenths // 10, point, tenths % 10), "km"
    return str(min((distance_m + 500) // 1000, 999)), "km"


def age(seconds: int, texts: Texts) -> str:
    """How long ago: "baru", "40s", "3mnt", "2h". A clock behind the server's makes it negative: then it is now."""
    if seconds < 10:
        return texts[say.NOW]
    if seconds < 60:
        return "%ds" % (seconds // 10 * 10)
    if seconds < 5940:
        return "%d%s" % ((seconds + 30) // 60, texts[say.MINUTES])
    return "%dh" % (seconds // 3600)


def eta(eta_s: int, texts: Texts) -> str:
    """The server's travel time in whole minutes, at least one; empty where it has none."""
    if eta_s == ETA_UNKNOWN:
        return ""
    return "ETA %d %s" % (max(1, (eta_s + 30) // 60), texts[say.MINUTES])


def position_age(seconds: int, texts: Texts) -> str:
    """How old the position is that distance and arrow are from."""
    return "GPS %s %s" % (age(seconds, texts), texts[say.AGO])


def clock(unix_s: int, utc_offset_min: int) -> str:
    """Local time of day, or dashes while there is none."""
    if not unix_s:
        return "--:--"
    minutes = (unix_s // 60 + utc_offset_min) % 1440
    return "%02d:%02d" % (minutes // 60, minutes % 60)


def lines(text: str) -> "list[str]":
    """Split at spaces into lines of LINE_CHARS; longer words are cut."""
    found = []
    line = ""
    for word in text.split():
        while word:
            room = LINE_CHARS - len(line) - (1 if line else 0)
            if len(word) <= room:
                line = line + " " + word if line else word
                word = ""
            elif line:
                found.append(line)
                line = ""
            else:
                line, word = word[:LINE_CHARS], word[LINE_CHARS:]
    if line:
        found.append(line)
    return found
