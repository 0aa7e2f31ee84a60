"""NOR flash in memory, for units that CPython runs by the thousand: an erased sector takes no memory."""

from sigap_tracker.storage.flash_map import SECTOR_BYTES


class NorFlash:
    """See Flash in sigap_tracker/interfaces.pyi."""

    def __init__(self, sector_count: int) -> None:
        self.sector_count = sector_count
        self._written: dict[int, bytearray] = {}  # sector → its content; one that is not here is erased

    def read(self, at: int, buffer: bytearray | memoryview) -> None:
        """Fill the buffer from byte `at` on."""
        done = 0
        while done < len(buffer):
            sector, start = divmod(at + done, SECTOR_BYTES)
            count = min(len(buffer) - done, SECTOR_BYTES - start)
            content = self._written.get(self._checked(sector))
            found = b"\xff" * count if content is None else content[start : start + count]
            buffer[done : done + count] = found
            done += count

    def write(self, at: int, data: bytes | bytearray | memoryview) -> None:
        """Clear the bits that are 0 in `data`, from byte `at` on."""
        for offset, byte in enumerate(data, at):
            sector, start = divmod(offset, SECTOR_BYTES)
            content = self._written.get(self._checked(sector))
            if content is None:
                content = self._written[sector] = bytearray(b"\xff" * SECTOR_BYTES)
            content[start] &= byte

    def erase(self, sector: int) -> None:
        self._written.pop(self._checked(sector), None)

    def _checked(self, sector: int) -> int:
        if not 0 <= sector < self.sector_count:
            raise OSError(f"sector {sector} of a flash of {self.sector_count}")
        return sector
