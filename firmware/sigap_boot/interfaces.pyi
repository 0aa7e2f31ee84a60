"""What the loader asks of the flash."""

from typing import Protocol

class Flash(Protocol):
    """NOR flash in sectors of 4096 bytes, see Flash in sigap_tracker/interfaces.pyi. All three raise OSError."""

    def read(self, at: int, buffer: bytearray | memoryview) -> None: ...
    def write(self, at: int, data: bytes | bytearray | memoryview) -> None: ...
    def erase(self, sector: int) -> None: ...
