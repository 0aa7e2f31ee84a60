"""How the screen puts numbers and texts."""

from sigap_tracker.officer import layout, texts
from sigap_tracker.officer.texts import LANGUAGES, Texts
from sigap_wire.order import ETA_UNKNOWN

INDONESIAN, ENGLISH = Texts("id"), Texts("en")


def test_distances_have_two_figures():
    for metres, shown in (
        (0, ("0", "m")),
        (4, ("0", "m")),
        (5, ("10", "m")),
        (834, ("830", "m")),
        (994, ("990", "m")),
        (995, ("1,0", "km")),
        (1000, ("1,0", "km")),
        (1249, ("1,2", "km")),
        (1250, ("1,3", "km")),
        (9949, ("9,9", "km")),
        (9950, ("10", "km")),
        (12400, ("12", "km")),
        (2000000, ("999", "km")),
    ):
        assert layout.distance(metres, ",") == shown, metres
    assert layout.distance(1500, ".") == ("1.5", "km")


def test_distances_never_grow_shorter_on_the_screen():
    before = 0
    for metres in range(0, 30000, 7):
        number, unit = layout.distance(metres, ".")
        assert len(number) <= 3
        shown_m = int(number) if unit == "m" else int(number.replace(".", "")) * (100 if "." in number else 1000)
        assert shown_m >= before
        before = shown_m


def test_ages():
    for seconds, shown in ((-30, "baru"), (0, "baru"), (9, "baru"), (10, "10s"), (59, "50s"), (60, "1mnt")):
        assert layout.age(seconds, INDONESIAN) == shown, seconds
    for seconds, shown in ((89, "1min"), (90, "2min"), (5939, "99min"), (5940, "1h"), (90000, "25h")):
        assert layout.age(seconds, ENGLISH) == shown, seconds


def test_travel_times():
    assert layout.eta(ETA_UNKNOWN, ENGLISH) == ""
    assert layout.eta(0, ENGLISH) == "ETA 1 min"
    assert layout.eta(89, INDONESIAN) == "ETA 1 mnt"
    assert layout.eta(90, INDONESIAN) == "ETA 2 mnt"
    assert len(layout.eta(ETA_UNKNOWN - 1, INDONESIAN)) <= layout.LINE_CHARS


def test_time_of_day():
    assert layout.clock(0, 420) == "--:--"
    assert layout.clock(1789882530, 420) == "12:35"
    assert layout.clock(1789882530, 0) == "05:35"
    assert layout.clock(1789882530, -720) == "17:35"
    assert layout.clock(1789882530, 840) == "19:35"


def test_lines_are_split_at_spaces():
    assert layout.lines("") == []
    assert layout.lines("  \n ") == []
    assert layout.lines("Dirampok di depan minimarket") == ["Dirampok di", "depan minimarket"]
    assert layout.lines("x" * 40) == ["x" * 16, "x" * 16, "x" * 8]
    assert layout.lines("ab " + "x" * 17) == ["ab", "x" * 16, "x"]
    assert layout.lines("1234567890123456 next") == ["1234567890123456", "next"]


def test_lines_lose_nothing_and_fit():
    words = "a bb ccc dddd eeeee ffffff ggggggg hhhhhhhh iiiiiiiii jjjjjjjjjj kkkkkkkkkkkkkkkkkkkkk"
    for end in range(len(words)):
        found = layout.lines(words[:end])
        assert "".join(found).replace(" ", "") == words[:end].replace(" ", "")
        assert all(0 < len(line) <= layout.LINE_CHARS for line in found)


def test_every_text_is_there_in_every_language():
    assert len(texts.names()) > 20
    for language in LANGUAGES:
        for number, name in enumerate(texts.names()):
            text = Texts(language)[number]
            assert text, (language, name)
            assert len(text) <= 24, (language, name)
            assert all(32 <= ord(char) < 127 for char in text), (language, name)
        assert len(Texts(language)[texts.DIRECTIONS].split()) == 8


def test_every_text_has_its_number():
    for number, name in enumerate(texts.names()):
        assert getattr(texts, name.upper()) == number, name
    assert (INDONESIAN[texts.EMERGENCY], ENGLISH[texts.EMERGENCY]) == ("DARURAT", "EMERGENCY")
    assert (INDONESIAN[texts.NO_GPS], ENGLISH[texts.NO_GPS]) == ("GPS MENCARI", "GPS SEARCHING")
    assert INDONESIAN[texts.DIRECTIONS].split()[1] == "TL"
