"""result: what became of something a unit was told, or of what it had to do by itself."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.fields import UINT32_MAX, check_text, check_values, open_message

MAX_BYTES = 256
DETAIL_MAX_BYTES = 192

SUBJECT_CONFIG, SUBJECT_UPDATE, SUBJECT_ORDER, SUBJECT_CONNECTION = range(4)
SUBJECT_NAMES = ("config", "update", "order", "connection")

# pending: takes effect at the unit's next start. wanted: the update's bytes from `value` on, please. verified: the
# package is whole and signed. confirmed: the unit runs with it and is well. rolled_back: it did not work, and
# what was before is back.
APPLIED, REFUSED, PENDING, WANTED, VERIFIED, CONFIRMED, ROLLED_BACK = range(7)
OUTCOME_NAMES = ("applied", "refused", "pending", "wanted", "verified", "confirmed", "rolled_back")

RANGES = (
    ("boot_id", 0, UINT32_MAX),
    ("seq", 0, UINT32_MAX),
    ("subject", 0, len(SUBJECT_NAMES) - 1),
    ("number", 0, UINT32_MAX),
    ("outcome", 0, len(OUTCOME_NAMES) - 1),
    ("value", 0, UINT32_MAX),
)


class Result:
    """`seq` counts the unit's results within `boot_id`, apart from its reports and acknowledgements.

    subject   one of SUBJECT_…
    number    the config's revision, the update's id or the order's id; 0 if it has none
    outcome   one of APPLIED … ROLLED_BACK
    value     with WANTED the offset of the next byte, else 0 or a number that `detail` explains
    detail    the reason, for people; at most DETAIL_MAX_BYTES of UTF-8
    """

    def __init__(
        self, boot_id: int, seq: int, subject: int, number: int, outcome: int, value: int = 0, detail: str = ""
    ) -> None:
        self.boot_id = boot_id
        self.seq = seq
        self.subject = subject
        self.number = number
        self.outcome = outcome
        self.value = value
        self.detail = detail

    def values(self) -> "list[int]":
        """The integer fields in the order of RANGES."""
        return [self.boot_id, self.seq, self.subject, self.number, self.outcome, self.value]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.encode() == other.encode()

    def __repr__(self) -> str:
        parts = ["%s=%d" % (r[0], v) for r, v in zip(RANGES, self.values())]
        return "Result(%s, detail=%r)" % (", ".join(parts), self.detail)

    def encode(self) -> bytes:
        """[version, the integers of RANGES …, detail]. Raises WireError."""
        values: "list[object]" = [WIRE_VERSION]
        values.extend(check_values("result", RANGES, self.values()))
        values.append(check_text("detail", self.detail, DETAIL_MAX_BYTES))
        return cbor.dumps(values)

    @staticmethod
    def decode(payload: bytes) -> "Result":
        """Raises WireError naming the first field that is not as the contract says."""
        items = open_message("result", payload, MAX_BYTES, len(RANGES) + 1)
        result = Result(*check_values("result", RANGES, items[:-1]))  # type: ignore[arg-type]  # a list of any length
        result.detail = check_text("detail", items[-1], DETAIL_MAX_BYTES)
        return result
