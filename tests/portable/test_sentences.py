"""Sentences cut out of a receiver's bytes, whatever else is between them."""

from sigap_tracker.position.nmea import NmeaParser
from sigap_tracker.position.sentences import BAD, EMPTY, MAX_LENGTH, Sentences
from tests.portable.checks import sentence

GSV = sentence("GPGSV,3,1,12,04,16,162,46,07,84,207,48,08,34,135,45,09,17,315,38")


def counted(data, chunk=4096):
    """(sentences, bad_checksum, unparsable) of the bytes, given `chunk` at a time."""
    parser = NmeaParser()
    for at in range(0, len(data), chunk):
        part = bytearray(data[at : at + chunk])
        parser.feed(part, len(part))
    parser.flush()
    return parser.sentences, parser.bad_checksum, parser.unparsable


def same_in_chunks(data, expected):
    for chunk in (4096, 511, 64, 7, 1):
        assert counted(data, chunk) == expected, chunk


def loaded(body):
    text = Sentences()
    data = sentence(body)
    text.load(memoryview(data), 0, len(data))
    assert text.advance()
    text.split()
    return text


def test_right_ones_follow_one_another():
    same_in_chunks(GSV * 20, (20, 0, 0))


def test_line_ends_of_all_kinds():
    same_in_chunks(b"".join(GSV.strip() + end for end in (b"\r\n", b"\n", b"\r", b"", b"\r\r\n\n")), (5, 0, 0))


def test_lower_case_checksum():
    text = sentence("PMTK010,001")
    assert text == b"$PMTK010,001*2E\r\n"
    same_in_chunks(text.lower().replace(b"pmtk", b"PMTK"), (1, 0, 0))


def test_a_wrong_checksum_is_counted():
    same_in_chunks(GSV.replace(b"04,16", b"04,17") + GSV, (2, 1, 0))


def test_no_checksum_is_unparsable():
    same_in_chunks(b"$POLYN,TIME,RESTART_OCCURRED\r\n" + GSV, (2, 0, 1))
    same_in_chunks(b"$POLYN*\r\n" + GSV, (2, 0, 1))
    same_in_chunks(b"$POLYN*G0\r\n" + GSV, (2, 0, 1))


def test_a_sentence_cut_by_the_next_loses_only_itself():
    same_in_chunks(GSV[:20] + GSV + GSV[:-3] + GSV, (4, 0, 2))


def test_a_sentence_that_lost_its_beginning_is_passed_over():
    same_in_chunks(GSV[9:] + GSV, (1, 0, 0))


def test_doubled_dollars_begin_one_sentence():
    same_in_chunks(b"$" + GSV + b"$$$" + GSV, (2, 0, 0))


def test_a_cut_end_of_input_is_unparsable():
    for end in range(1, len(GSV) - 2):
        assert counted(GSV + GSV[:end]) == (2, 0, 1), end
    assert counted(b"$A*$B") == counted(b"$A*4$B") == (2, 0, 2)
    assert counted(b"\x00\xff no sentence at all") == (0, 0, 0)


def test_binary_between_sentences():
    ubx = b"\xb5\x62\x01\x07\x5c\x00" + bytes(range(0x25, 0x100)) + b"\x0a\x0d\x2a\x2a"
    same_in_chunks(ubx + GSV + ubx + GSV + ubx, (2, 0, 0))


def test_binary_with_a_dollar_costs_no_sentence():
    same_in_chunks(b"\xb5\x62$\x00\xff" + GSV, (2, 0, 1))
    same_in_chunks(b"\xb5\x62$*\xff" + GSV, (2, 0, 1))
    same_in_chunks(b"$*00" + GSV, (2, 0, 0))


def test_length_is_bounded():
    longest = sentence("P" + "x" * (MAX_LENGTH - 2))
    assert longest.index(b"*") == MAX_LENGTH
    same_in_chunks(longest + GSV, (2, 0, 0))
    same_in_chunks(sentence("P" + "x" * (MAX_LENGTH - 1)) + GSV, (2, 0, 1))
    same_in_chunks(b"$" + b"x" * 3000 + GSV, (2, 0, 1))
    same_in_chunks(b"$" + b"x" * 3000 + b"*00" + b"y" * 600 + GSV, (2, 0, 1))


def test_fields_in_place():
    text = loaded("GPXXX,12.5,,A,AB,-3,1.2.3,0012,9999999")
    assert text.decimal(1, 3) == 12500
    assert text.decimal(2, 3) == EMPTY
    assert text.letter(3) == ord("A")
    assert text.letter(2) == EMPTY
    assert text.letter(4) == BAD
    assert text.letter(40) == EMPTY
    assert text.decimal(5, 0) == BAD
    assert text.decimal(6, 0) == BAD
    assert text.decimal(7, 2) == 1200
    assert text.decimal(8, 0) == BAD


def test_further_digits_are_cut_off():
    text = loaded("GPXXX,1.23456789,.5,5.,1.9999")
    assert text.decimal(1, 3) == 1234
    assert text.decimal(2, 3) == 500
    assert text.decimal(3, 3) == 5000
    assert text.decimal(4, 0) == 1


def test_angles():
    for text, limit, expected in (
        ("0654.5000", 90, 69083333),
        ("10736.500000", 180, 1076083333),
        ("4134.49795459", 90, 415749659),
        ("4807.038", 90, 481173000),
        ("0000.0000", 90, 0),
        ("0000.00000599", 90, 1),
        ("0000.00000299", 90, 0),
        ("9000.0000", 90, 900000000),
        ("18000", 180, 1800000000),
        ("5959.9999999", 90, 600000000),
        ("512.5", 90, 52083333),
        ("9000.0001", 90, BAD),
        ("9100.0000", 90, BAD),
        ("18000.01", 180, BAD),
        ("8960.0000", 90, BAD),
        ("12.5", 90, BAD),
        ("2.5", 90, BAD),
        (".5", 90, BAD),
        ("ab12.5", 90, BAD),
        ("0612.5x", 90, BAD),
        ("06-2.5", 90, BAD),
        ("", 90, EMPTY),
    ):
        assert loaded("GPXXX," + text).angle_e7(1, limit) == expected, text


def test_kind_is_told_by_the_letters_after_the_talker():
    assert loaded("GPRMC,1").kind() == loaded("GNRMC,1").kind() == loaded("BDRMC,").kind() == 0x524D43
    assert loaded("PGRMC,A,218.8").kind() == 0  # Garmin's sensor configuration
    for body in ("PRMC,1", "GPRMC", "GPRMCX,1", "RMC,1,2,3", "GPR,C,1"):
        assert loaded(body).kind() not in (0x524D43, 0x474741, 0x5A4441), body


def test_more_fields_than_any_sentence_has():
    assert loaded("GPXXX" + ",1" * 100).decimal(1, 0) == 1
