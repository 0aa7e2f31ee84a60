"""NOR flash for tests, with its rules held and its power cut at any operation; runs on both interpreters."""

SECTOR_BYTES = 4096


class PowerCutError(Exception):
    """The power went; only power_on() helps."""


class NorFlash:
    """A flash as in sigap_tracker/interfaces.pyi.

    seed      of what a cut leaves behind: how much of a write, and what in a sector that was being erased
    cut_at    number of the write or erase, from 0 on, in which the power goes; None for never
    """

    def __init__(self, sector_count, seed=0, cut_at=None):
        self.sector_count = sector_count
        self.content = bytearray(b"\xff" * (sector_count * SECTOR_BYTES))
        self.erases = [0] * sector_count
        self.operations = 0
        self.cut_at = cut_at
        self._state = seed * 2 + 1
        self._on = True

    def power_on(self, cut_at=None):
        """As after a power cut, with all that is in it."""
        self._on = True
        self.operations = 0
        self.cut_at = cut_at

    def read(self, at, buffer):
        assert self._on, "read without power"
        assert 0 <= at <= len(self.content) - len(buffer), f"read of {len(buffer)} bytes at {at}"
        buffer[:] = self.content[at : at + len(buffer)]

    def write(self, at, data):
        assert self._on, "write without power"
        assert 0 <= at <= len(self.content) - len(data), f"write of {len(data)} bytes at {at}"
        for i in range(len(data)):
            assert self.content[at + i] & data[i] == data[i], f"bits set by writing at {at + i}"
        if self._is_cut():
            self._tear(at, data)
        self.content[at : at + len(data)] = data

    def erase(self, sector):
        assert self._on, "erase without power"
        assert 0 <= sector < self.sector_count, f"erase of sector {sector}"
        self.erases[sector] += 1
        if self._is_cut():
            self._tear_erase(sector)
        self.content[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES] = b"\xff" * SECTOR_BYTES

    def damage(self, at, bits):
        """These bits of a byte are 0 from now on."""
        self.content[at] &= ~bits

    def _is_cut(self):
        self.operations += 1
        if self.cut_at is None or self.operations <= self.cut_at:
            return False
        self._on = False
        return True

    def _tear(self, at, data):
        """Some bytes are written, the next has some of its bits cleared."""
        whole = self._random(len(data) + 1)
        self.content[at : at + whole] = data[:whole]
        if whole < len(data):
            self.content[at + whole] &= data[whole] | self._random(256)
        raise PowerCutError

    def _tear_erase(self, sector):
        """Nothing happened, all did, a part did, or what is there has nothing to do with what was."""
        at = sector * SECTOR_BYTES
        kind = self._random(4)
        if kind == 1:
            self.content[at : at + SECTOR_BYTES] = b"\xff" * SECTOR_BYTES
        elif kind == 2:
            begin = self._random(SECTOR_BYTES)
            for i in range(begin, begin + self._random(SECTOR_BYTES - begin)):
                self.content[at + i] = 0xFF
        elif kind == 3:
            for i in range(SECTOR_BYTES):
                self.content[at + i] |= self._random(256)
        raise PowerCutError

    def _random(self, below):
        """The same numbers on every interpreter."""
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 8) % below
