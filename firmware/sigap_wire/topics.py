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

_ROOT = "sigap/v1/unit/"
_UNIT_ID_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789-"
UNIT_ID_MAX = 32


def check_unit_id(unit_id: str) -> str:
    """Lower-case letters, digits and '-' only: safe as a topic level, a NATS subject token and a file name."""
    ok = 0 < len(unit_id) <= UNIT_ID_MAX and not unit_id.startswith("-")
    if not ok or unit_id.strip(_UNIT_ID_CHARS):
        raise WireError("unit id %r: expected 1 to %d of a-z, 0-9 and -" % (unit_id, UNIT_ID_MAX))
    return unit_id


def topic(unit_id: str, kind: str) -> str:
    """The topic on which a unit's messages of one kind travel. `unit_id` may be '+' in a subscription."""
    if unit_id != "+":
        check_unit_id(unit_id)
    if kind not in FROM_UNIT and kind not in TO_UNIT:
        raise WireError("unknown topic kind %r" % kind)
    return prefix(unit_id) + kind


def prefix(unit_id: str) -> str:
    """What a unit's topics begin with; the kind of message comes behind it."""
    return "%s%s/" % (_ROOT, unit_id)


def parse(name: str) -> "tuple[str, str]":
    """(unit_id, kind) of a topic, or WireError."""
    levels = name[len(_ROOT) :].split("/")
    if not name.startswith(_ROOT) or len(levels) != 2:
        raise WireError("topic %r: expected sigap/v1/unit/ID/KIND" % name)
    unit_id, kind = levels
    if kind not in FROM_UNIT and kind not in TO_UNIT:
        raise WireError("topic %r has unknown kind %r" % (name, kind))
    return check_unit_id(unit_id), kind
