"""Fetches a package over a bad line: which offers are taken, which bytes are asked for next, and when again.

The unit asks for the bytes from an offset on and gets up to WINDOW_BYTES of them in chunks. Only the chunk that
continues what is there is taken, so that a chunk that is doubled, late, or came before another one does no harm: what
is missing is asked for again.
"""

from sigap_tracker.errors import UpdateError
from sigap_tracker.update.package import IMAGE_AT, PACKAGE_MAX_BYTES
from sigap_tracker.update.part import Part
from sigap_wire.ota import Chunk, Offer

WINDOW_BYTES = 4096  # also what goes into the file at once: a sector
_AGAIN_S = 10  # without an answer, and twice as long each further time
_AGAIN_MAX_S = 3600


class Download:
    """Without a clock and a line: messages in, and `wanted` out, the offset to ask for now, or -1."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.wanted = -1
        self._window: "list[bytes]" = []  # so much of a sector; in one piece it would find no room in the heap
        self._filled = 0
        self._silent_s = 0
        self._again_s = _AGAIN_S
        self.ask()

    def offer(self, offer: Offer, floor: int, image_bytes: int = 0) -> None:
        """The server has an update. Raises UpdateError if it is not to be had.

        image_bytes   room for an image of the interpreter; 0 where there is none
        """
        most = max(PACKAGE_MAX_BYTES, IMAGE_AT + image_bytes)
        if offer.size_bytes > most:
            where = "" if image_bytes else "; no second partition for the interpreter"
            raise UpdateError("package of %d bytes, at most %d taken%s" % (offer.size_bytes, most, where))
        if offer.version < floor:
            raise UpdateError("version %d, expected %d or higher" % (offer.version, floor))
        if not self.part.is_of(offer):
            self._empty()
            self.part.begin(offer)
        self.ask()

    def chunk(self, chunk: Chunk) -> None:
        """Some bytes. Raises OSError if they cannot be kept, UpdateError if no more of that package is wanted."""
        offer = self.part.offer
        next_byte = self.part.size_bytes + self._filled
        skipped = next_byte - chunk.offset
        if offer is None or chunk.update_id != offer.update_id or not 0 <= skipped < len(chunk.data):
            return
        if self.part.is_waiting():
            return
        room = WINDOW_BYTES - next_byte % WINDOW_BYTES
        count = min(len(chunk.data) - skipped, room, offer.size_bytes - next_byte)
        self._window.append(chunk.data[skipped : skipped + count])
        self._filled += count
        self._silent_s = 0
        self._again_s = _AGAIN_S
        if count == room or next_byte + count == offer.size_bytes:
            self.part.append(self._window)
            self._empty()
            if offer.size_bytes > PACKAGE_MAX_BYTES and not self.part.is_image:
                self.part.remove()
                raise UpdateError("package of %d bytes, at most %d taken" % (offer.size_bytes, PACKAGE_MAX_BYTES))
            self.ask()

    def second(self) -> None:
        """A second went by."""
        if self.part.offer is None or self.part.is_whole() or self.part.is_waiting():
            return
        self._silent_s += 1
        if self._silent_s >= self._again_s:
            self._again_s = min(2 * self._again_s, _AGAIN_MAX_S)
            self.ask()

    def take_wanted(self) -> int:
        """`wanted`, which then is -1 again."""
        wanted, self.wanted = self.wanted, -1
        return wanted

    def _empty(self) -> None:
        self._window = []
        self._filled = 0

    def ask(self) -> None:
        """For what comes next, if it is time for it."""
        self._silent_s = 0
        if self.part.offer is not None and not self.part.is_whole() and not self.part.is_waiting():
            self.wanted = self.part.size_bytes + self._filled
