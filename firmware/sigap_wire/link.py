"""link: whether a unit is connected. Retained; the offline form is the unit's last will."""

from sigap_wire import WIRE_VERSION, cbor
from sigap_wire.fields import UINT32_MAX, check_int, check_text, open_message

MAX_BYTES = 128
FIRMWARE_MAX_BYTES = 32


class Link:
    """`connection` counts the unit's connections within `boot_id`, so that the will of an old connection, which a
    broker may deliver after the next one began, cannot mark a connected unit as lost."""

    def __init__(self, boot_id: int, connection: int, online: bool, firmware: str) -> None:
        self.boot_id = boot_id
        self.connection = connection
        self.online = online
        self.firmware = firmware

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Link) and self.encode() == other.encode()

    def __repr__(self) -> str:
        return "Link(boot_id=%d, connection=%d, online=%r, firmware=%r)" % (
            self.boot_id,
            self.connection,
            self.online,
            self.firmware,
        )

    def encode(self) -> bytes:
        """[version, boot_id, connection, online, firmware]. Raises WireError."""
        check_int("boot_id", self.boot_id, 0, UINT32_MAX)
        check_int("connection", self.connection, 0, UINT32_MAX)
        check_text("firmware", self.firmware, FIRMWARE_MAX_BYTES)
        return cbor.dumps([WIRE_VERSION, self.boot_id, self.connection, 1 if self.online else 0, self.firmware])

    @staticmethod
    def decode(payload: bytes) -> "Link":
        """Raises WireError."""
        boot_id, connection, online, firmware = open_message("link", payload, MAX_BYTES, 4)
        return Link(
            check_int("boot_id", boot_id, 0, UINT32_MAX),
            check_int("connection", connection, 0, UINT32_MAX),
            check_int("online", online, 0, 1) == 1,
            check_text("firmware", firmware, FIRMWARE_MAX_BYTES),
        )
