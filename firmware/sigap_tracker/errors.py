"""The tracker's exceptions.

TrackerError(Exception)
    SettingsError      a setting is unknown, missing or out of its range; the unit does not start
    MqttError          this connection cannot go on: refused, broken or dead; the unit connects again
    UpdateError        a package or an offer is not taken, or cannot be
    LineError          there is no way into the network: no card, no coverage, no answer from the modem
"""


class TrackerError(Exception):
    """`str(error)` says what was found and what was expected."""


class SettingsError(TrackerError):
    """Names the key and the values it allows."""


class MqttError(TrackerError):
    """Says why a connection ended."""


class LineError(TrackerError):
    """Says what the line was asked for and what it answered."""


class UpdateError(TrackerError):
    """Says what was wrong with the update; the server is told."""
