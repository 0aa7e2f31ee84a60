"""The unit's settings: a JSON file, checked whole before anything starts."""

import json

from sigap_tracker.errors import SettingsError
from sigap_tracker.officer.texts import LANGUAGES
from sigap_wire import topics
from sigap_wire.errors import WireError

# Key, with its section before a dot; kind; lowest and highest value of an integer, or length of a text; default. A key
# without a default must be given; "-" is an empty text.
_SCHEMA = """
unit_id text 1 32
callsign text 0 16 unit_id
gps text 1 255
state_dir text 1 255
language text 2 2 id
utc_offset_min integer -720 840 420
health_interval_s integer 5 86400 300
watchdog_s integer 5 600 60
safe_mode_s integer 5 86400 600
line text 4 5 host
modem.device text 0 255 -
modem.family text 5 7 A7670
modem.apn text 0 63 -
modem.user text 0 64 -
modem.password text 0 64 -
modem.pin text 0 8 -
ladder.patience_s integer 1 3600 120
ladder.reboot_s integer 10 21600 1800
mqtt.host text 1 255
mqtt.port integer 1 65535 1883
mqtt.user text 1 64
mqtt.password text 1 128
mqtt.keepalive_s integer 4 3600 30
mqtt.tls text 2 3 off
mqtt.ca text 0 2048 -
mqtt.server_name text 0 255 -
mqtt.psk_identity text 0 64 -
mqtt.psk text 0 128 -
mqtt.reconnect_min_s integer 1 3600 1
mqtt.reconnect_max_s integer 1 3600 60
mqtt.trial_s integer 5 3600 600
power.off_delay_s integer 0 86400 120
power.low_mv integer 0 60000 11800
power.low_s integer 1 3600 30
power.cutoff_mv integer 0 60000 11000
policy.min_interval_s integer 1 3600 1
policy.max_interval_s integer 1 86400 30
policy.distance_m integer 10 100000 50
policy.angle_deg integer 5 180 20
policy.no_fix_s integer 3 3600 10
gate.min_satellites integer 0 99 3
gate.max_hdop_centi integer 50 9999 2500
gate.max_speed_cmps integer 100 50000 7000
gate.build_floor integer 0 1 1
update.key text 0 128 -
update.next_key text 0 128 -
wifi.ssid text 0 32 -
wifi.password text 0 63 -
"""
_SECTIONS = ("mqtt", "policy", "gate", "power", "modem", "ladder", "wifi", "update")

# The way into the network: the host's own, Wi-Fi, or an LTE modem.
LINE_HOST, LINE_WIFI, LINE_MODEM = "host", "wifi", "modem"
_LINES = (LINE_HOST, LINE_WIFI, LINE_MODEM)
MODEM_FAMILIES = ("A7670", "SIM7600", "SIM7000")  # network/modem_script.py has a row for each

SECRETS = ("mqtt.password", "mqtt.psk", "modem.password", "modem.pin", "wifi.password")

# mqtt.tls: the broker proves itself by a certificate that mqtt.ca vouches for, or by the key mqtt.psk.
TLS_OFF, TLS_CA, TLS_PSK = "off", "ca", "psk"
_TLS = (TLS_OFF, TLS_CA, TLS_PSK)


class Settings:
    """Each key of the schema, "_" in place of the dot, checked. `callsign` is the unit's id where none is given."""

    unit_id: str
    callsign: str
    gps: str
    state_dir: str
    language: str
    utc_offset_min: int
    health_interval_s: int
    watchdog_s: int
    safe_mode_s: int
    line: str
    modem_device: str
    modem_family: str
    modem_apn: str
    modem_user: str
    modem_password: str
    modem_pin: str
    ladder_patience_s: int
    ladder_reboot_s: int
    mqtt_host: str
    mqtt_port: int
    mqtt_user: str
    mqtt_password: str
    mqtt_keepalive_s: int
    mqtt_tls: str
    mqtt_ca: str
    mqtt_server_name: str
    mqtt_psk_identity: str
    mqtt_psk: str
    mqtt_reconnect_min_s: int
    mqtt_reconnect_max_s: int
    mqtt_trial_s: int
    power_off_delay_s: int
    power_low_mv: int
    power_low_s: int
    power_cutoff_mv: int
    policy_min_interval_s: int
    policy_max_interval_s: int
    policy_distance_m: int
    policy_angle_deg: int
    policy_no_fix_s: int
    gate_min_satellites: int
    gate_max_hdop_centi: int
    gate_max_speed_cmps: int
    gate_build_floor: int
    update_key: str
    update_next_key: str
    wifi_ssid: str
    wifi_password: str


def known_keys() -> "list[str]":
    """Every key, with its section before a dot."""
    return [line.split()[0] for line in _SCHEMA.strip().split("\n")]


def read(path: str) -> bytes:
    """The content of a settings file. Raises SettingsError."""
    try:
        with open(path, "rb") as file:
            content: bytes = file.read()
            return content
    except OSError as error:
        raise SettingsError("cannot read settings file %s: %s" % (path, error))


def parse(path: str, content: bytes) -> object:
    """The JSON in it. Raises SettingsError."""
    try:
        return json.loads(content)
    except ValueError:
        raise SettingsError("settings file %s is not JSON" % path)


def load(path: str) -> Settings:
    """The settings in `path`, with every default filled in. Raises SettingsError."""
    return check(parse(path, read(path)))


def check(given: object) -> Settings:
    """What a settings file holds, with every default filled in. Raises SettingsError naming the key and its values."""
    rest = flat(given)
    settings = Settings()
    for line in _SCHEMA.strip().split("\n"):
        row = line.split()
        key, low, high = row[0], int(row[2]), int(row[3])
        value = rest.pop(key, None)
        if value is None and len(row) > 4:
            value = int(row[4]) if row[1] == "integer" else row[4] if row[4] != "-" else ""
        elif row[1] == "integer":
            value = _integer(key, value, low, high)
        else:
            value = _text(key, value, low, high)
        setattr(settings, key.replace(".", "_"), value)
    if rest:
        raise SettingsError("unknown setting %s; known: %s" % (sorted(rest)[0], ", ".join(known_keys())))
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    try:
        topics.check_unit_id(settings.unit_id)
    except WireError as error:
        raise SettingsError("unit_id: %s" % error)
    if settings.callsign in ("", "unit_id"):
        settings.callsign = settings.unit_id
    if settings.language not in LANGUAGES:
        raise SettingsError("language is %r, expected one of: %s" % (settings.language, ", ".join(LANGUAGES)))
    if settings.line not in _LINES:
        raise SettingsError("line is %r, expected one of: %s" % (settings.line, ", ".join(_LINES)))
    pin = settings.modem_pin
    if pin and not (pin.isdigit() and len(pin) >= 4):
        raise SettingsError("modem.pin is not 4 to 8 digits")
    if settings.modem_family not in MODEM_FAMILIES:
        found = settings.modem_family, ", ".join(MODEM_FAMILIES)
        raise SettingsError("modem.family is %r, expected one of: %s" % found)
    if settings.mqtt_tls not in _TLS:
        raise SettingsError("mqtt.tls is %r, expected one of: %s" % (settings.mqtt_tls, ", ".join(_TLS)))
    if settings.power_cutoff_mv > settings.power_low_mv > 0:
        high = settings.power_low_mv
        raise SettingsError(
            "power.cutoff_mv is %d, expected power.low_mv (%d) or less" % (settings.power_cutoff_mv, high)
        )
    for key, value in (("update.key", settings.update_key), ("update.next_key", settings.update_next_key)):
        if len(value) not in (0, 128) or value.strip("0123456789abcdef"):
            raise SettingsError("%s is not 128 hexadecimal digits in lower case: x and y of a point on P-256" % key)
    _check_order("policy.", "min_interval_s", settings.policy_min_interval_s, settings.policy_max_interval_s)
    _check_order("mqtt.", "reconnect_min_s", settings.mqtt_reconnect_min_s, settings.mqtt_reconnect_max_s)


def _check_order(section: str, name: str, low: int, high: int) -> None:
    if low > high:
        key = section + name
        raise SettingsError("%s is %d, expected %s (%d) or more" % (key.replace("min", "max"), high, key, low))


def flat(given: object) -> "dict[str, object]":
    """{"mqtt": {"port": 1}} as {"mqtt.port": 1}; the latter stays as it is. Raises SettingsError."""
    found: "dict[str, object]" = {}
    for key, value in _object("the settings file's content", given).items():
        if key in _SECTIONS:
            for inner, item in _object(key, value).items():
                found["%s.%s" % (key, inner)] = item
        else:
            found[key] = value
    return found


def _object(what: str, value: object) -> "dict[str, object]":
    if not isinstance(value, dict):
        raise SettingsError("%s is %r, expected a JSON object" % (what, value))
    return value


def _integer(key: str, value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SettingsError("%s is %s, expected an integer from %d to %d" % (key, _found(key, value), low, high))
    return value


def _text(key: str, value: object, low: int, high: int) -> str:
    if not isinstance(value, str) or not low <= len(value) <= high:
        raise SettingsError("%s is %s, expected text of %d to %d characters" % (key, _found(key, value), low, high))
    return value


def _found(key: str, value: object) -> str:
    """A secret is never shown: what is said of it goes to logs and to the server."""
    if value is None:
        return "missing"
    return "a secret" if key in SECRETS else repr(value)
