"""A package that is on its way, in a file: what there is of it survives every restart.

The file begins with the offer, 12 bytes; then come the package's bytes as far as they have come. It only ever grows at
its end, so that its length says what to ask for next.

Of an image only the first IMAGE_AT bytes, with the header, stand in the file. The rest goes into the partition that it
is for, a sector at a time, and the file grows by one byte for each that is there.
"""

import os
import struct

from sigap_tracker.interfaces import Flash
from sigap_tracker.update.package import IMAGE_AT, IMAGE_MAGIC
from sigap_wire.ota import Offer

_LEAD = ">III"  # update id, package's size, version
LEAD_BYTES = 12
_SECTOR = 4096


class Part:
    """`offer` is None while nothing is on its way; `size_bytes` of the package are there. Methods raise OSError.

    is_image   as the package's first bytes say
    verified   whether its header was found in order since the start: no byte of an image is written before
    """

    def __init__(self, path: str, image_flash: "Flash | None" = None) -> None:
        """`image_flash` is the partition for an image; None if there is none."""
        self.path = path
        self.is_image = self.verified = False
        self._image_flash = image_flash
        self.offer: "Offer | None" = None
        self.size_bytes = 0
        try:
            with open(path, "rb") as file:
                lead = file.read(LEAD_BYTES)
            if len(lead) == LEAD_BYTES:
                self.offer = Offer(*struct.unpack(_LEAD, lead))
                self.size_bytes = min(os.stat(path)[6] - LEAD_BYTES, self.offer.size_bytes)
                self._look()
                if self.is_image:
                    blocks = self.size_bytes - IMAGE_AT
                    self.size_bytes = min(IMAGE_AT + blocks * _SECTOR, self.offer.size_bytes)
        except OSError:
            pass  # there is none

    def is_of(self, offer: Offer) -> bool:
        """Whether it is this offer's package that is on its way."""
        mine = self.offer
        return (
            mine is not None
            and mine.update_id == offer.update_id
            and mine.size_bytes == offer.size_bytes
            and mine.version == offer.version
        )

    def is_whole(self) -> bool:
        return self.offer is not None and self.size_bytes == self.offer.size_bytes

    def is_waiting(self) -> bool:
        """For its header to be looked at, before more is taken."""
        return self.is_image and not self.verified

    def begin(self, offer: Offer) -> None:
        """In place of what was there."""
        self.offer = None
        self.is_image = self.verified = False
        with open(self.path, "wb") as file:
            file.write(struct.pack(_LEAD, offer.update_id, offer.size_bytes, offer.version))
        self.offer = offer
        self.size_bytes = 0

    def append(self, pieces: "list[bytes]") -> None:
        """The package's next bytes; of an image a whole sector, or its end."""
        count = sum([len(piece) for piece in pieces])
        if self.is_image:
            self._write_sector(pieces)
            pieces = [b"\x00"]
        with open(self.path, "ab") as file:
            for piece in pieces:
                file.write(piece)
        self.size_bytes += count
        if self.size_bytes == IMAGE_AT:
            self._look()

    def remove(self) -> None:
        """Nothing is on its way any more."""
        self.offer = None
        self.size_bytes = 0
        self.is_image = self.verified = False
        try:
            os.remove(self.path)
        except OSError:
            pass  # it was not there

    def _look(self) -> None:
        if self.size_bytes >= IMAGE_AT:
            with open(self.path, "rb") as file:
                file.seek(LEAD_BYTES)
                self.is_image = file.read(len(IMAGE_MAGIC)) == IMAGE_MAGIC

    def _write_sector(self, pieces: "list[bytes]") -> None:
        flash = self._image_flash
        assert flash is not None
        assert self.verified
        at = self.size_bytes - IMAGE_AT
        flash.erase(at // _SECTOR)
        for piece in pieces:
            flash.write(at, piece)
            at += len(piece)
