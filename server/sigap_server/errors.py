"""The server's exceptions.

SigapError                      the message is for the person who runs the server
├── SettingsError               a setting is unknown or its value is not allowed; the message names it
├── PortInUseError              another program listens on a configured port; the message names port and setting
├── BrokerError                 no usable NATS server, or it refuses its configuration
├── PolicyError                 a rule of the dispatch policy is unknown or makes no sense; the message names it
├── RegistrationError           a unit cannot be registered like this; has field
├── UnknownUnitError            a unit that was never registered; has unit_id (fleet.py)
├── AlertRefusedError           an alert that nobody could act on; has code, message and field (alerts.py)
├── RecordError                 an event in the log that this program cannot read (dispatch/records.py)
├── DatabaseError               the database cannot be used as it is
│   └── DatabaseVersionError    its schema is newer than this program, or not prepared
└── RequestError                an HTTP request that is refused; has status, code, message and field
"""


class SigapError(Exception):
    """Base of everything the server raises on purpose."""


class SettingsError(SigapError):
    """One line for every setting that is wrong, each with its name and what is allowed."""


class PortInUseError(SigapError):
    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(
            f"port {port} on {host} is already in use by another program; "
            f"stop that program or choose another port with the setting {setting}"
        )


class BrokerError(SigapError):
    pass


class PolicyError(SigapError, ValueError):
    pass


class RegistrationError(SigapError):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class DatabaseError(SigapError):
    pass


class DatabaseVersionError(DatabaseError):
    pass


class RequestError(SigapError):
    """`code` is for programs and never changes, `message` is for people, `field` names the input at fault."""

    def __init__(
        self, status: int, code: str, message: str, field: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s
