"""The flash of a unit that runs on a computer."""

import errno
import os

_SECTOR_BYTES = 4096
_CHUNK_BYTES = 64  # a unit's heap has no 4096 bytes in a row to spare
_ERASED = b"\xff" * _CHUNK_BYTES
_FLASH_SECTORS = 256  # as the partition of an ESP32 with 4 MB has
_LEAST_SECTORS = 18  # the fixed parts, and a ring of two for the spool


class FileFlash:
    """A file with the rules of NOR flash; see Flash in sigap_tracker/interfaces.pyi.

    One that is there keeps its size; a smaller one than a unit needs is an OSError.
    """

    def __init__(self, path: str) -> None:
        try:
            self._file = open(path, "r+b")
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            with open(path + ".new", "wb") as new:
                for _ in range(_FLASH_SECTORS * _SECTOR_BYTES // _CHUNK_BYTES):
                    new.write(_ERASED)
            os.rename(path + ".new", path)
            self._file = open(path, "r+b")
        self.sector_count = self._file.seek(0, 2) // _SECTOR_BYTES
        if self.sector_count < _LEAST_SECTORS:
            raise OSError("%s has %d sectors, expected %d or more" % (path, self.sector_count, _LEAST_SECTORS))

    def read(self, at: int, buffer: "bytearray | memoryview") -> None:
        self._file.seek(at)
        if self._file.readinto(buffer) != len(buffer):
            raise OSError(errno.EIO)

    def write(self, at: int, data: "bytes | bytearray | memoryview") -> None:
        for begin in range(0, len(data), _CHUNK_BYTES):
            part = memoryview(data)[begin : begin + _CHUNK_BYTES]
            found = bytearray(len(part))
            self.read(at + begin, found)
            for i in range(len(part)):
                found[i] &= part[i]
            self._file.seek(at + begin)
            self._file.write(found)
        self._file.flush()

    def erase(self, sector: int) -> None:
        self._file.seek(sector * _SECTOR_BYTES)
        for _ in range(_SECTOR_BYTES // _CHUNK_BYTES):
            self._file.write(_ERASED)
        self._file.flush()

    def close(self) -> None:
        self._file.close()
