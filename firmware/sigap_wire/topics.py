"""MQTT topics: sigap/v1/unit/{unit_id}/{kind}."""

from sigap_wire.errors import WireError

REPORT = "report"  # unit → server: live fixes
BACKLOG = "backlog"  # unit → server: fixes kept while the link was down
LINK = "link"  # unit → server: retained; also the last will
HEALTH = "health"  # unit → server: counters
ACK = "ack"  # unit → server: what the unit and its officer did with an order
RESULT = "result"  # unit → server: what became of a change, an update, an order
ORDER = "order"  # server → unit: never retained
CONFIG = "config"  # server → unit: a change of settings
OTA = "ota"  # server → unit: an update, offered and then piece by piece

FROM_UNIT = (REPORT, BACKLOG, LINK, HEALTH, ACK, RESULT)
TO_UNIT = (ORDER, CONFIG, OTA)

_PREFIX = ("sigap", "v1", "unit")
_UNIT_ID_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789-"
UNIT_ID_MAX = 32


def check_unit_id(unit_id: str) -> str:
    """Lower-case letters, digits and '-' only: safe as a topic level, a NATS subject token and a file name."""
    ok = 0 < len(unit_id) <= UNIT_ID_MAX and unit_id[0] != "-"
    for char in unit_id:
        ok = ok and char in _UNIT_ID_CHARS
    if not ok:
        raise WireError("unit id %r: expected 1 to %d of a-z, 0-9 and -" % (unit_id, UNIT_ID_MAX))
    return unit_id


def topic(unit_id: str, kind: str) -> str:
    """The topic on which a unit's messages of one kind travel. `unit_id` may be '+' in a subscription."""
    if unit_id != "+":
        check_unit_id(unit_id)
    if kind not in FROM_UNIT and kind not in TO_UNIT:
        raise WireError("unknown topic kind %r" % kind)
    return "/".join(_PREFIX + (unit_id, kind))


def parse(name: str) -> "tuple[str, str]":
    """(unit_id, kind) of a topic, or WireError."""
    levels = name.split("/")
    if len(levels) != 5 or tuple(levels[:3]) != _PREFIX:
        raise WireError("topic %r: expected sigap/v1/unit/ID/KIND" % name)
    unit_id, kind = levels[3], levels[4]
    if kind not in FROM_UNIT and kind not in TO_UNIT:
        raise WireError("topic %r has unknown kind %r" % (name, kind))
    return check_unit_id(unit_id), kind
