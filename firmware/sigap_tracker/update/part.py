"""A package that is on its way, in a file: what there is of it survives every restart.

The file begins with the offer, 12 bytes; then come the package's bytes as far as they have come. It only ever grows at
its end, so that its length says what to ask for next.
"""

import os
import struct

from sigap_wire.ota import Offer

_LEAD = ">III"  # update id, package's size, version
LEAD_BYTES = 12


class Part:
    """`offer` is None while nothing is on its way; `size_bytes` of the package are there. Methods raise OSError."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.offer: "Offer | None" = None
        self.size_bytes = 0
        try:
            with open(path, "rb") as file:
                lead = file.read(LEAD_BYTES)
            if len(lead) == LEAD_BYTES:
                self.offer = Offer(*struct.unpack(_LEAD, lead))
                self.size_bytes = min(os.stat(path)[6] - LEAD_BYTES, self.offer.size_bytes)
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

    def begin(self, offer: Offer) -> None:
        """In place of what was there."""
        self.offer = None
        with open(self.path, "wb") as file:
            file.write(struct.pack(_LEAD, offer.update_id, offer.size_bytes, offer.version))
        self.offer = offer
        self.size_bytes = 0

    def append(self, pieces: "list[bytes]") -> None:
        """The package's next bytes."""
        with open(self.path, "ab") as file:
            for piece in pieces:
                file.write(piece)
        self.size_bytes += sum([len(piece) for piece in pieces])

    def remove(self) -> None:
        """Nothing is on its way any more."""
        self.offer = None
        self.size_bytes = 0
        try:
            os.remove(self.path)
        except OSError:
            pass  # it was not there
