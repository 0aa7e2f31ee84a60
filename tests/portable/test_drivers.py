"""What hangs on a chip's pins, by the bytes and levels that it is given."""

from sigap_boot.partition_flash import PartitionFlash
from sigap_tracker.drivers.edges import Edges
from sigap_tracker.drivers.oled import SH1106, SSD1306, Oled
from sigap_tracker.drivers.supply import Supply
from tests.portable.checks import error_of
from tests.portable.panel import Panel

PIXELS = bytearray(bytes(range(256)) * 4)
ADDRESS = 0x3C


def refresh(oled, pixels):
    """Returns how often the display was sent a page."""
    pages = 0
    while oled.send(pixels):
        pages += 1
    return pages


def test_a_display_shows_the_picture():
    for kind in (SSD1306, SH1106):
        panel = Panel(ADDRESS, kind)
        oled = Oled(panel, ADDRESS, kind)
        assert not oled.answers
        assert refresh(oled, PIXELS) == 8
        assert panel.is_on
        assert panel.picture() == PIXELS
        assert oled.answers
        assert oled.faults == 0


def test_only_pages_that_changed_are_sent():
    panel = Panel(ADDRESS, SH1106)
    oled = Oled(panel, ADDRESS, SH1106)
    refresh(oled, PIXELS)
    panel.bytes = 0
    assert refresh(oled, PIXELS) == 0
    assert panel.bytes == 2  # whether it is there
    changed = bytearray(PIXELS)
    changed[128 * 5 + 17] ^= 0x80
    assert refresh(oled, changed) == 1
    assert panel.bytes == 2 + 2 + 4 + 129
    assert panel.picture() == changed


def test_a_page_fits_into_five_milliseconds():
    panel = Panel(ADDRESS, SSD1306)
    oled = Oled(panel, ADDRESS, SSD1306)
    while oled.send(PIXELS):
        # Nine bits a byte at 400 kHz, and the address of each transfer.
        assert (panel.bytes + panel.transfers) * 9 * 1000 // 400000 < 5
        panel.bytes = panel.transfers = 0


def test_a_display_that_is_gone_is_counted_and_comes_back():
    panel = Panel(ADDRESS, SH1106)
    oled = Oled(panel, ADDRESS, SH1106)
    panel.is_there = False
    for faults in range(1, 4):
        assert refresh(oled, PIXELS) == 0
        assert oled.faults == faults
        assert not oled.answers
    panel.is_there = True
    assert refresh(oled, PIXELS) == 8
    assert panel.picture() == PIXELS
    assert oled.answers


def test_a_display_that_goes_within_a_picture_gets_the_whole_of_it_later():
    panel = Panel(ADDRESS, SSD1306)
    oled = Oled(panel, ADDRESS, SSD1306)
    assert oled.send(PIXELS)
    assert oled.send(PIXELS)
    panel.power_off()
    assert not oled.send(PIXELS)
    panel.is_there = True
    assert refresh(oled, PIXELS) == 8
    assert panel.is_on
    assert panel.picture() == PIXELS


def test_a_display_that_forgot_everything_unseen_is_right_within_a_minute():
    panel = Panel(ADDRESS, SH1106)
    oled = Oled(panel, ADDRESS, SH1106)
    refresh(oled, PIXELS)
    panel.power_off()
    panel.is_there = True
    pictures = 0
    while not panel.is_on:
        refresh(oled, PIXELS)
        pictures += 1
    assert pictures <= 60
    assert panel.picture() == PIXELS


def test_edges_come_in_their_order():
    edges = Edges()
    assert edges.take() is None
    for number in range(100):
        edges.put(number % 4, number % 2, 2**30 - 50 + number if number < 50 else number - 50)
        edges.put(3, 1, number)
        assert edges.take() == (number % 4, number % 2, 2**30 - 50 + number if number < 50 else number - 50)
        assert edges.take() == (3, 1, number)
    assert edges.take() is None
    assert edges.lost == 0


def test_a_full_ring_loses_the_latest_and_counts_them():
    edges = Edges()
    for number in range(40):
        edges.put(1, number % 2, number)
    assert edges.lost == 9
    assert [edges.take()[2] for _ in range(31)] == list(range(31))
    assert edges.take() is None
    edges.put(2, 0, 7)
    assert edges.take() == (2, 0, 7)


class Meter:
    def __init__(self, readings_uv):
        self.readings_uv = readings_uv

    def read_uv(self):
        return self.readings_uv.pop(0)


def test_the_supply_is_what_the_divider_says_it_is():
    assert Supply(Meter([1145000] * 5), 100000, 10000).millivolts() == 12595
    assert Supply(Meter([0] * 5), 100000, 10000).millivolts() == 0
    assert Supply(Meter([3100000] * 5), 1000000, 100000).millivolts() == 34100
    assert Supply(Meter([2000000] * 5), 10000, 10000).millivolts() == 4000


def test_a_spike_is_no_supply():
    assert Supply(Meter([1100000, 3100000, 1099000, 0, 1101000]), 100000, 10000).millivolts() == 12100


class Partition:
    """esp32.Partition of two sectors; as there, a write without an offset erases, which nobody may want here."""

    def __init__(self):
        self.content = bytearray(8192)
        self.broken = False

    def readblocks(self, block, buffer, offset):
        if self.broken:
            raise OSError(-258)
        at = block * 4096 + offset
        buffer[:] = self.content[at : at + len(buffer)]

    def writeblocks(self, block, data, offset):
        at = block * 4096 + offset
        for i, byte in enumerate(data):
            self.content[at + i] &= byte

    def ioctl(self, operation, argument):
        if operation == 4:
            return 2
        assert operation == 6
        self.content[argument * 4096 : argument * 4096 + 4096] = b"\xff" * 4096
        return 0


def test_a_partition_is_flash():
    partition = Partition()
    flash = PartitionFlash(partition)
    assert flash.sector_count == 2
    flash.erase(0)
    flash.erase(1)
    flash.write(4090, b"across two")
    flash.write(4090, b"\x00")
    found = bytearray(12)
    flash.read(4089, memoryview(found))
    assert bytes(found) == b"\xff\x00cross two\xff"
    flash.erase(1)
    flash.read(4090, found)
    assert bytes(found) == b"\x00cross" + b"\xff" * 6
    partition.broken = True
    assert "-258" in error_of(OSError, flash.read, 0, found)
