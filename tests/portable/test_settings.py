"""A unit's settings: good ones with their defaults, bad ones refused by name."""

from sigap_tracker.errors import SettingsError
from sigap_tracker.position.fix_gate import FixGate
from sigap_tracker.position.policy import Policy
from sigap_tracker.storage import settings
from tests.portable.checks import error_of

LEAST = {
    "unit_id": "unit-01",
    "gps": "/dev/pts/7",
    "state_dir": "/tmp/unit-01",
    "mqtt": {"host": "127.0.0.1", "user": "unit-01", "password": "secret"},
}


def given(**changes):
    """LEAST with changes; "mqtt__port" is mqtt's port."""
    made = {key: dict(value) if isinstance(value, dict) else value for key, value in LEAST.items()}
    for name, value in changes.items():
        section, _, inner = name.partition("__")
        if inner:
            made.setdefault(section, {})[inner] = value
        elif value is None:
            del made[name]
        else:
            made[name] = value
    return made


def refusal(**changes):
    return error_of(SettingsError, settings.check, given(**changes))


def test_defaults():
    found = settings.check(LEAST)
    assert (found.mqtt_port, found.mqtt_keepalive_s) == (1883, 30)
    assert (found.mqtt_reconnect_min_s, found.mqtt_reconnect_max_s) == (1, 60)
    assert (found.policy_min_interval_s, found.policy_max_interval_s) == (1, 30)
    assert (found.policy_distance_m, found.policy_angle_deg) == (50, 20)
    assert (found.language, found.utc_offset_min, found.health_interval_s) == ("id", 420, 300)
    assert found.callsign == "unit-01"


def test_what_is_given_is_taken():
    found = settings.check(given(callsign="MAUNG-07", language="en", mqtt__port=2883, policy__distance_m=100))
    assert (found.callsign, found.language, found.mqtt_port, found.policy_distance_m) == ("MAUNG-07", "en", 2883, 100)
    assert settings.check(given(callsign="")).callsign == "unit-01"


def test_the_given_object_stays_as_it_is():
    before = given()
    settings.check(before)
    assert before == LEAST


def test_what_is_missing_is_named():
    assert refusal(unit_id=None) == "unit_id is missing, expected text of 1 to 32 characters"
    assert refusal(mqtt=None) == "mqtt.host is missing, expected text of 1 to 255 characters"


def test_what_is_out_of_range_is_named_with_the_range():
    assert refusal(mqtt__port=70000) == "mqtt.port is 70000, expected an integer from 1 to 65535"
    assert refusal(mqtt__port="1883") == "mqtt.port is '1883', expected an integer from 1 to 65535"
    assert refusal(mqtt__keepalive_s=3) == "mqtt.keepalive_s is 3, expected an integer from 4 to 3600"
    assert refusal(health_interval_s=True) == "health_interval_s is True, expected an integer from 5 to 86400"
    assert refusal(utc_offset_min=7.5).startswith("utc_offset_min is 7.5, expected an integer from -720")
    assert refusal(gps="") == "gps is '', expected text of 1 to 255 characters"
    assert refusal(callsign=7) == "callsign is 7, expected text of 0 to 16 characters"


def test_what_does_not_fit_together_is_named():
    assert refusal(language="fr") == "language is 'fr', expected one of: id, en"
    assert refusal(unit_id="Unit 1").startswith("unit_id: unit id 'Unit 1'")
    assert (
        refusal(policy__min_interval_s=60) == "policy.max_interval_s is 30, expected policy.min_interval_s (60) or more"
    )
    assert (
        refusal(mqtt__reconnect_max_s=5, mqtt__reconnect_min_s=6)
        == "mqtt.reconnect_max_s is 5, expected mqtt.reconnect_min_s (6) or more"
    )


def test_unknown_keys_are_named():
    assert refusal(colour="blue").startswith("unknown setting colour; known: unit_id, ")
    assert refusal(mqtt__prot=1).startswith("unknown setting mqtt.prot; known: ")
    assert refusal(policy__interval_s=1).startswith("unknown setting policy.interval_s; known: ")


def test_objects_where_objects_belong():
    assert refusal(mqtt=5) == "mqtt is 5, expected a JSON object"
    assert refusal(policy=[1]) == "policy is [1], expected a JSON object"
    assert "expected a JSON object" in error_of(SettingsError, settings.check, [LEAST])


def test_every_attribute_is_set():
    found = settings.check(LEAST)
    for key in settings.known_keys():
        assert hasattr(found, key.replace(".", "_")), key


def test_what_policy_and_gate_take():
    for section, name, low, high in (
        ("policy", "min_interval_s", 1, 3600),
        ("policy", "max_interval_s", 1, 86400),
        ("policy", "distance_m", 10, 100000),
        ("policy", "angle_deg", 5, 180),
        ("policy", "no_fix_s", 3, 3600),
        ("gate", "min_satellites", 0, 99),
        ("gate", "max_hdop_centi", 50, 9999),
        ("gate", "max_speed_cmps", 100, 50000),
        ("gate", "build_floor", 0, 1),
    ):
        for value in (low, high):
            rest = {"max_interval_s": 86400} if name == "min_interval_s" else {}
            settings.check(given(**{section: dict(rest, **{name: value})}))
        for value in (low - 1, high + 1, str(low), True):
            text = f"{section}.{name} is {value!r}, expected an integer from {low} to {high}"
            assert refusal(**{section: {name: value}}) == text


def test_the_defaults_are_those_of_policy_and_gate():
    found = settings.check(LEAST)
    policy, gate = Policy(), FixGate()
    for name in ("min_interval_s", "max_interval_s", "distance_m", "no_fix_s"):
        assert getattr(policy, "_" + name) == getattr(found, "policy_" + name)
    assert policy._angle_cdeg == found.policy_angle_deg * 100
    for name in ("min_satellites", "max_hdop_centi", "max_speed_cmps"):
        assert getattr(gate, "_" + name) == getattr(found, "gate_" + name)


def test_files():
    assert "cannot read settings file /nonexistent" in error_of(SettingsError, settings.load, "/nonexistent")
    assert error_of(SettingsError, settings.load, __file__) == f"settings file {__file__} is not JSON"


def test_lines_and_pins():
    assert settings.check(given(line="modem", modem__pin="0123")).modem_pin == "0123"
    assert refusal(modem__family="SIM900") == "modem.family is 'SIM900', expected one of: A7670, SIM7600, SIM7000"
    assert refusal(line="ether") == "line is 'ether', expected one of: host, wifi, modem"
    # A PIN is told to nobody, not even a wrong one.
    for pin in ("123", "12a4", "1 23"):
        assert refusal(modem__pin=pin) == "modem.pin is not 4 to 8 digits"
