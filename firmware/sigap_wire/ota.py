"""ota: an update for a unit, first offered and then sent piece by piece, each piece as the unit asks for it.

The unit asks with a result of subject update and outcome wanted, whose value is the offset of the next byte. So a
transfer goes on by itself after any interruption, and a piece that is lost, late or doubled does no harm.
"""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError
from sigap_wire.fields import UINT32_MAX, check_int, open_message

MAX_BYTES = 544
DATA_MAX_BYTES = 512

PART_OFFER, PART_CHUNK = range(2)


class Offer:
    """`update_id` stands for exactly these bytes, for good: what a unit has of them it need not get again.

    size_bytes   of the whole package
    version      of what is in it, which rises with every release
    """

    def __init__(self, update_id: int, size_bytes: int, version: int) -> None:
        self.update_id = update_id
        self.size_bytes = size_bytes
        self.version = version

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Offer) and self.encode() == other.encode()

    def __repr__(self) -> str:
        return "Offer(update_id=%d, size_bytes=%d, version=%d)" % (self.update_id, self.size_bytes, self.version)

    def encode(self) -> bytes:
        """[version of the wire, PART_OFFER, update_id, size_bytes, version]. Raises WireError."""
        check_int("update_id", self.update_id, 1, UINT32_MAX)
        check_int("size_bytes", self.size_bytes, 1, UINT32_MAX)
        check_int("version", self.version, 0, UINT32_MAX)
        return cbor.dumps([WIRE_VERSION, PART_OFFER, self.update_id, self.size_bytes, self.version])


class Chunk:
    """Bytes of the package from `offset` on, 1 to DATA_MAX_BYTES of them."""

    def __init__(self, update_id: int, offset: int, data: bytes) -> None:
        self.update_id = update_id
        self.offset = offset
        self.data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chunk) and self.encode() == other.encode()

    def __repr__(self) -> str:
        return "Chunk(update_id=%d, offset=%d, data=%r)" % (self.update_id, self.offset, self.data)

    def encode(self) -> bytes:
        """[version of the wire, PART_CHUNK, update_id, offset, data]. Raises WireError."""
        check_int("update_id", self.update_id, 1, UINT32_MAX)
        check_int("offset", self.offset, 0, UINT32_MAX)
        return cbor.dumps([WIRE_VERSION, PART_CHUNK, self.update_id, self.offset, _check_data(self.data)])


def decode(payload: bytes) -> "Offer | Chunk":
    """Raises WireError naming the first field that is not as the contract says."""
    part, update_id, number, last = open_message("ota", payload, MAX_BYTES, 4)
    check_int("part", part, PART_OFFER, PART_CHUNK)
    update_id = check_int("update_id", update_id, 1, UINT32_MAX)
    if part == PART_OFFER:
        return Offer(
            update_id, check_int("size_bytes", number, 1, UINT32_MAX), check_int("version", last, 0, UINT32_MAX)
        )
    return Chunk(update_id, check_int("offset", number, 0, UINT32_MAX), _check_data(last))


def _check_data(data: object) -> bytes:
    if not isinstance(data, bytes) or not 1 <= len(data) <= DATA_MAX_BYTES:
        raise WireError("data is not 1 to %d bytes" % DATA_MAX_BYTES)
    return data
