"""Fetching a package over a line that loses, doubles and delays; and what a start makes of what there is."""

import os

from sigap_tracker.errors import UpdateError
from sigap_tracker.update.download import WINDOW_BYTES, Download
from sigap_tracker.update.package import PACKAGE_MAX_BYTES
from sigap_tracker.update.part import LEAD_BYTES, Part
from sigap_wire.ota import Chunk, Offer
from tests.portable.checks import error_of
from tests.portable.scratch import folder

CONTENT = bytes([at * 7 & 0xFF for at in range(2 * WINDOW_BYTES + 1000)])
OFFER = Offer(5, len(CONTENT), 2000)


def begun():
    download = Download(Part(folder() + "/update.part"))
    assert download.take_wanted() == -1
    download.offer(OFFER, 0)
    return download


def chunks(offset, size=512):
    """What a server says to a question."""
    end = min(offset + WINDOW_BYTES, len(CONTENT))
    return [Chunk(5, at, CONTENT[at : min(at + size, end)]) for at in range(offset, end, size)]


def held(download):
    with open(download.part.path, "rb") as file:
        return file.read()[LEAD_BYTES:]


def test_question_by_question():
    download = begun()
    asked = []
    while not download.part.is_whole():
        asked.append(download.take_wanted())
        for chunk in chunks(asked[-1]):
            download.chunk(chunk)
    assert asked == [0, 4096, 8192]
    assert held(download) == CONTENT
    assert download.take_wanted() == -1


def test_a_question_is_asked_once():
    download = begun()
    assert download.take_wanted() == 0
    assert download.take_wanted() == -1


def test_chunks_that_are_doubled_late_or_of_something_else_do_no_harm():
    download = begun()
    first = chunks(0)
    for chunk in first[:3] + first[:3] + [first[5], Chunk(6, 1536, b"x" * 512), Chunk(5, 99999, b"x"), first[2]]:
        download.chunk(chunk)
    assert held(download) == b""
    for chunk in first[3:] + first:
        download.chunk(chunk)
    assert held(download) == CONTENT[:WINDOW_BYTES]
    assert download.take_wanted() == WINDOW_BYTES


def test_chunks_of_any_size_and_overlapping():
    download = begun()
    at = 0
    step = 1
    while not download.part.is_whole():
        begin = max(0, at - 3)
        download.chunk(Chunk(5, begin, CONTENT[begin : begin + step + 3]))
        at = max(at, min(begin + step + 3, (at // WINDOW_BYTES + 1) * WINDOW_BYTES))
        step = step % 400 + 13
    assert held(download) == CONTENT


def test_more_than_was_offered_is_not_kept():
    download = begun()
    for offset in (0, 4096):
        for chunk in chunks(offset):
            download.chunk(chunk)
    download.chunk(Chunk(5, 8192, CONTENT[8192:8700]))
    download.chunk(Chunk(5, 8700, CONTENT[8700:] + b"more"))
    assert download.part.is_whole()
    assert held(download) == CONTENT
    download.chunk(Chunk(5, len(CONTENT), b"more"))
    assert held(download) == CONTENT


def test_what_was_lost_is_asked_for_again_and_less_and_less_often():
    download = begun()
    download.take_wanted()
    for chunk in chunks(0)[:2]:
        download.chunk(chunk)
    asked = []
    for second in range(1, 20000):
        download.second()
        if download.take_wanted() >= 0:
            asked.append(second)
    assert asked[:5] == [10, 30, 70, 150, 310]
    assert asked[-1] - asked[-2] == 3600
    download.chunk(chunks(0)[2])
    for _ in range(10):
        download.second()
    assert download.take_wanted() == 1536, "quick again once something came"


def test_a_start_goes_on_where_the_file_ends():
    download = begun()
    for chunk in chunks(0) + chunks(4096)[:4]:
        download.chunk(chunk)
    again = Download(Part(download.part.path))
    assert again.part.is_of(OFFER)
    assert again.take_wanted() == 4096
    for offset in (4096, 8192):
        for chunk in chunks(offset):
            again.chunk(chunk)
    assert held(again) == CONTENT
    assert Part(again.part.path).is_whole()


def test_the_same_offer_again_loses_nothing():
    download = begun()
    for chunk in chunks(0):
        download.chunk(chunk)
    download.take_wanted()
    download.offer(Offer(5, len(CONTENT), 2000), 0)
    assert download.take_wanted() == 4096


def test_another_offer_takes_its_place():
    download = begun()
    for chunk in chunks(0)[:3]:
        download.chunk(chunk)
    for other in (Offer(6, 600, 2000), Offer(6, 601, 2000), Offer(6, 601, 2001)):
        download.offer(other, 0)
        assert download.take_wanted() == 0
        download.chunk(chunks(0)[0])  # of the one before
        assert held(download) == b""
        download.chunk(Chunk(6, 0, b"y" * 512))
    download.chunk(Chunk(6, 512, b"z" * 89))
    assert held(download) == b"y" * 512 + b"z" * 89


def test_offers_that_are_not_taken():
    download = begun()
    large = Offer(6, PACKAGE_MAX_BYTES + 1, 2000)
    assert f"at most {PACKAGE_MAX_BYTES} taken" in error_of(UpdateError, download.offer, large, 0)
    assert error_of(UpdateError, download.offer, Offer(6, 9, 1999), 2000) == "version 1999, expected 2000 or higher"
    assert download.part.is_of(OFFER), "and the one before goes on"


def test_a_file_that_a_power_cut_left_behind():
    path = folder() + "/update.part"
    for content in (b"", b"\0\0\0\5", b"\0" * 11):
        with open(path, "wb") as file:
            file.write(content)
        part = Part(path)
        assert part.offer is None
        assert not part.is_whole()
    part.remove()
    part.remove()
    assert "update.part" not in os.listdir(path.rsplit("/", 1)[0])
