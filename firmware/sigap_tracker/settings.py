"""The unit's settings: a JSON file, checked whole before anything starts."""

import json

from sigap_tracker.errors import SettingsError
from sigap_tracker.policy import RANGES as POLICY_RANGES
from sigap_wire import topics
from sigap_wire.errors import WireError

# key: (default or None where it must be given, lowest, highest), of a number's value or a text's length.
_TEXT, _NUMBER = str, int
_UNIT = {
    "unit_id": (_TEXT, None, 1, topics.UNIT_ID_MAX),
    "callsign": (_TEXT, "", 0, 16),
    "gps": (_TEXT, None, 1, 255),
    "state_dir": (_TEXT, None, 1, 255),
    "language": (_TEXT, "id", 2, 2),
    "utc_offset_min": (_NUMBER, 420, -720, 840),
    "queue_fixes": (_NUMBER, 256, 8, 4096),
    "health_interval_s": (_NUMBER, 300, 5, 86400),
}
_MQTT = {
    "host": (_TEXT, None, 1, 255),
    "port": (_NUMBER, 1883, 1, 65535),
    "user": (_TEXT, None, 1, 64),
    "password": (_TEXT, None, 1, 128),
    "keepalive_s": (_NUMBER, 30, 4, 3600),
    "reconnect_min_s": (_NUMBER, 1, 1, 3600),
    "reconnect_max_s": (_NUMBER, 60, 1, 3600),
}
_POLICY = {"min_interval_s": 1, "max_interval_s": 30, "distance_m": 50, "angle_deg": 20}
_LANGUAGES = ("id", "en")


def load(path: str) -> "dict[str, object]":
    """The settings in `path` with every default filled in. Raises SettingsError."""
    try:
        with open(path) as file:
            given = json.load(file)
    except OSError as error:
        raise SettingsError("cannot read settings file %s: %s" % (path, error))
    except ValueError:
        raise SettingsError("settings file %s is not JSON" % path)
    return check(given)


def check(given: object) -> "dict[str, object]":
    """A copy of `given` with every default filled in. Raises SettingsError naming the key and what it may be."""
    if not isinstance(given, dict):
        raise SettingsError("settings are not a JSON object")
    rest = dict(given)
    parts = rest.pop("mqtt", {}), rest.pop("policy", {})
    settings = _section("", rest, _UNIT, ("mqtt", "policy"))
    settings["mqtt"] = mqtt = _section("mqtt.", parts[0], _MQTT)
    policy_rows = {name: (_NUMBER, _POLICY[name], low, high) for name, low, high in POLICY_RANGES}
    settings["policy"] = policy = _section("policy.", parts[1], policy_rows)
    try:
        topics.check_unit_id(settings["unit_id"])
    except WireError as error:
        raise SettingsError("unit_id: %s" % error)
    if settings["language"] not in _LANGUAGES:
        raise SettingsError("language is %r, expected one of: %s" % (settings["language"], ", ".join(_LANGUAGES)))
    _check_order("policy.", policy, "min_interval_s", "max_interval_s")
    _check_order("mqtt.", mqtt, "reconnect_min_s", "reconnect_max_s")
    return settings


def _section(prefix, given, rows, others=()):  # type: ignore[no-untyped-def]
    """The values of one JSON object whose keys are those of `rows`."""
    if not isinstance(given, dict):
        raise SettingsError("%s is not a JSON object" % prefix[:-1])
    for key in given:
        if key not in rows:
            known = ", ".join(sorted(list(rows) + list(others)))
            raise SettingsError("unknown setting %s%s; known here: %s" % (prefix, key, known))
    values = {}
    for key, (kind, default, low, high) in rows.items():
        value = given.get(key, default)
        if kind is _NUMBER:
            good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
            wanted = "an integer from %d to %d" % (low, high)
        else:
            good = isinstance(value, str) and low <= len(value) <= high
            wanted = "text of %d to %d characters" % (low, high)
        if not good:
            found = "missing" if value is None else repr(value)
            raise SettingsError("%s%s is %s, expected %s" % (prefix, key, found, wanted))
        values[key] = value
    return values


def _check_order(prefix, values, low, high):  # type: ignore[no-untyped-def]
    if values[low] > values[high]:
        found = (prefix, high, values[high], prefix, low, values[low])
        raise SettingsError("%s%s is %d, expected %s%s (%d) or more" % found)
