"""What a receiver is told, and when."""

from sigap_tracker.position import receiver_setup
from sigap_tracker.position.receiver_watch import ATTEMPTS, LOOK_S, SETTLE_S, requests


def told():
    return b"".join(receiver_setup.batches())


def test_sentences_as_their_makers_write_them():
    lines = told().split(b"\r\n")
    for line in (
        b"$PMTK314,0,1,0,1,5,5,0,0,0,0,0,0,0,0,0,0,0,0,0*28",
        b"$PMTK220,1000*1F",
        b"$PAIR062,0,1*3F",
        b"$PAIR062,1,0*3F",
        b"$PAIR062,4,1*3B",
        b"$PUBX,40,GLL,0,0,0,0,0,0*5C",
        b"$PUBX,40,VTG,0,0,0,0,0,0*5E",
        b"$PCAS02,1000*2E",
    ):
        assert any(each.endswith(line) for each in lines), line
    assert any(each.endswith(b"$PAIR050,1000*12") for each in lines)


def test_u_blox_frames_as_u_center_writes_them():
    first = told()
    assert b"\xb5\x62\x06\x08\x06\x00\xe8\x03\x01\x00\x01\x00\x01\x39" in first  # CFG-RATE, 1 Hz
    assert b"\xb5\x62\x06\x01\x03\x00\xf0\x01\x00\xfb\x11" in first  # CFG-MSG, GLL off
    assert b"\xb5\x62\x06\x01\x03\x00\xf0\x05\x00\xff\x19" in first  # CFG-MSG, VTG off


def test_keys_of_an_m10():
    (values,) = [batch for batch in receiver_setup.batches() if batch[2:4] == b"\x06\x8a"]
    assert values[6:10] == b"\x00\x01\x00\x00"  # version 0, RAM alone
    for key, value in ((0x209100BB, 1), (0x209100AC, 1), (0x209100CA, 0), (0x209100B1, 0), (0x209100C5, 5)):
        pair = bytes((key & 255, key >> 8 & 255, key >> 16 & 255, key >> 24, value))
        assert pair in values, hex(key)
    assert b"\x01\x00\x21\x30\xe8\x03" in values


def test_nothing_is_too_long_for_a_receivers_input():
    assert max([len(batch) for batch in receiver_setup.batches()]) <= 220
    assert ATTEMPTS * len(told()) < 4000  # nor for a line that nobody reads


class Parser:
    """What requests() wants of a parser."""

    def __init__(self):
        self.sentences = self.fixes = self.setups = 0
        self.in_pairs = True

    def paired(self):
        return self.in_pairs


def seconds(watch, parser, count, sentences, fixes=1):
    """That many seconds of a receiver; how many of them something was said to it."""
    said = 0
    for _ in range(count):
        said += next(watch) is not None
        parser.sentences += sentences
        parser.fixes += fixes
    return said


BATCHES = len(receiver_setup.batches())
ROUND_S = BATCHES + SETTLE_S + LOOK_S


def test_one_that_does_as_it_is_told_is_told_once():
    parser = Parser()
    watch = requests(parser)
    assert seconds(watch, parser, BATCHES, 12) == BATCHES
    assert seconds(watch, parser, 1000, 2) == 0
    assert parser.setups == 1


def test_one_that_does_not_listen_is_left_in_peace():
    parser = Parser()
    watch = requests(parser)
    assert seconds(watch, parser, 5000, 12) == ATTEMPTS * BATCHES
    assert parser.setups == ATTEMPTS


def test_one_that_starts_anew_is_told_again():
    parser = Parser()
    watch = requests(parser)
    for number in range(1, 6):
        seconds(watch, parser, ROUND_S + LOOK_S, 2)
        assert parser.setups == number
        assert seconds(watch, parser, LOOK_S + BATCHES, 12) > 0
    # Having listened before, it gets every attempt again.
    before = parser.setups
    seconds(watch, parser, 5000, 12)
    assert parser.setups == before + ATTEMPTS - 1


def test_what_is_not_as_asked():
    for sentences, fixes, in_pairs in ((12, 1, True), (20, 10, True), (0, 0, True), (1, 1, True), (3, 1, False)):
        parser = Parser()
        parser.in_pairs = in_pairs
        seconds(requests(parser), parser, ROUND_S + 1, sentences, fixes)
        assert parser.setups == 2, (sentences, fixes, in_pairs)


def test_silence_is_asked_too():
    parser = Parser()
    watch = requests(parser)
    seconds(watch, parser, 5000, 0, 0)
    assert parser.setups == ATTEMPTS
    seconds(watch, parser, 3 * LOOK_S, 2)
    seconds(watch, parser, 3 * LOOK_S, 12)
    assert parser.setups > ATTEMPTS
