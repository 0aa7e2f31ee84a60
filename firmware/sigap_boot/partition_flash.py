"""The flash of a unit that runs on an ESP32: the raw partition `sigap` of its table."""

from sigap_boot.interfaces import Partition

_SECTOR = 4096
_BLOCK_COUNT, _ERASE = 4, 6  # of the block device protocol


class PartitionFlash:
    """See Flash in sigap_tracker/interfaces.pyi.

    With an offset, esp32.Partition reads and writes as the chip does: no erase, any length, across blocks.
    """

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self.sector_count: int = partition.ioctl(_BLOCK_COUNT, 0)

    def read(self, at: int, buffer: "bytearray | memoryview") -> None:
        self._partition.readblocks(at // _SECTOR, buffer, at % _SECTOR)

    def write(self, at: int, data: "bytes | bytearray | memoryview") -> None:
        self._partition.writeblocks(at // _SECTOR, data, at % _SECTOR)

    def erase(self, sector: int) -> None:
        self._partition.ioctl(_ERASE, sector)
