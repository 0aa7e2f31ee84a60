"""NOR flash in memory, for units that CPython runs by the thousand: an erased sector takes no memory."""

from collections.abc import Iterator

from sigap_tracker.storage.flash_map import SECTOR_BYTES

_ERASED = b"\xff" * SECTOR_BYTES


class NorFlash:
    """See Flash in sigap_tracker/interfaces.pyi."""

    def __init__(self, sector_count: int) -> None:
        self.sector_count = sector_count
        self._written: dict[int, bytearray] = {}  # sector → its content; one that is not here is erased

    def read(self, at: int, buffer: bytearray | memoryview) -> None:
        """Fill the buffer from byte `at` on."""
        for done, sector, start, count in self._parts(at, len(buffer)):
            content = self._written.get(sector, _ERASED)
            buffer[done : done + count] = content[start : start + count]

    def write(self, at: int, data: bytes | bytearray | memoryview) -> None:
        """Clear the bits that are 0 in `data`, from byte `at` on."""
        for done, sector, start, count in self._parts(at, len(data)):
            if sector not in self._written:
                self._written[sector] = bytearray(_ERASED)
            content = self._written[sector]
            before = int.from_bytes(content[start : start + count], "big")
            after = before & int.from_bytes(data[done : done + count], "big")
            content[start : start + count] = after.to_bytes(count, "big")

    def erase(self, sector: int) -> None:
        self._written.pop(sector, None)

    def _parts(self, at: int, length: int) -> Iterator[tuple[int, int, int, int]]:
        """(bytes before it, sector, offset in it, bytes) of each sector's part of a range. Raises OSError."""
        if not 0 <= at <= self.sector_count * SECTOR_BYTES - length:
            raise OSError(f"{length} bytes at {at} of a flash of {self.sector_count} sectors")
        done = 0
        while done < length:
            sector, start = divmod(at + done, SECTOR_BYTES)
            count = min(length - done, SECTOR_BYTES - start)
            yield done, sector, start, count
            done += count
