"""config: a change of a unit's settings, applied as a whole or refused as a whole; the unit answers with a result."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.errors import WireError
from sigap_wire.fields import INT32_MAX, UINT32_MAX, check_int, check_text, open_message

MAX_BYTES = 1024
MAX_CHANGES = 32
NAME_MAX_BYTES = 32
TEXT_MAX_BYTES = 768  # an elliptic-curve certificate in base64; what is longer comes with provisioning or an update


class Config:
    """`changes` maps a setting's name (text, at most NAME_MAX_BYTES) to an integer of 32 bits or a text.

    `revision` names the change, and only a higher one than the unit applied last is news. No changes at all ask the
    unit to tell how it is: it answers with a result and a health message.
    """

    def __init__(self, revision: int, changes: "dict[str, int | str]") -> None:
        self.revision = revision
        self.changes = changes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.encode() == other.encode()

    def __repr__(self) -> str:
        # Names alone: a value may be a secret, and this is what ends in logs.
        return "Config(revision=%d, changes=%s)" % (self.revision, ", ".join(sorted(self.changes)))

    def encode(self) -> bytes:
        """[version, revision, {name: integer or text}]. Raises WireError."""
        check_int("revision", self.revision, 1, UINT32_MAX)
        payload = cbor.dumps([WIRE_VERSION, self.revision, _check_changes(self.changes)])
        if len(payload) > MAX_BYTES:
            raise WireError("config of %d bytes, at most %d allowed" % (len(payload), MAX_BYTES))
        return payload

    @staticmethod
    def decode(payload: bytes) -> "Config":
        """Raises WireError."""
        revision, changes = open_message("config", payload, MAX_BYTES, 2)
        return Config(check_int("revision", revision, 1, UINT32_MAX), _check_changes(changes))


def _check_changes(changes: object) -> "dict[str, int | str]":
    if not isinstance(changes, dict):
        raise WireError("config changes are not a map")
    check_int("number of changes", len(changes), 0, MAX_CHANGES)
    for name, value in changes.items():
        check_text("setting's name", name, NAME_MAX_BYTES)
        if isinstance(value, str):
            if not 0 <= cbor.utf8_length(value) <= TEXT_MAX_BYTES:
                raise WireError("%s is too long, expected text of at most %d bytes" % (name, TEXT_MAX_BYTES))
        elif isinstance(value, int):
            check_int(name, value, -INT32_MAX - 1, INT32_MAX)
        else:
            raise WireError("%s is %s, expected an integer or text" % (name, type(value).__name__))
    return changes
