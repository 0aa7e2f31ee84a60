"""Changes of the settings from afar: applied or refused as a whole, on trial where a mistake would cut the unit off."""

import json

from sigap_tracker import configuration
from sigap_tracker.changes import ANEW, APPLY, NOTHING, OWES, SETTLED, TELL, TRIAL
from sigap_tracker.errors import SettingsError
from sigap_wire.config import Config
from sigap_wire.result import APPLIED, PENDING, REFUSED, ROLLED_BACK
from tests.portable.checks import error_of
from tests.portable.nor_flash import NorFlash, PowerCutError
from tests.portable.test_settings import given

PATH = "of these tests alone"
FILES = {}
_really_read = configuration.schema.read


def read(path):
    """A settings file that is in no folder."""
    if path != PATH:
        return _really_read(path)
    if path not in FILES:
        raise SettingsError(f"cannot read settings file {path}: gone")
    return FILES[path]


configuration.schema.read = read


def prove(settings):
    """What only a machine can tell of settings."""
    if settings.mqtt_ca == "no certificate":
        raise SettingsError("mqtt.ca is no certificate")


class Unit:
    """A unit's settings file and flash."""

    def __init__(self, **settings):
        self.flash = NorFlash(16)
        self.provision(**settings)

    def provision(self, **settings):
        FILES[PATH] = json.dumps(given(**settings)).encode()

    def start(self):
        return configuration.load(lambda settings: self.flash, PATH)

    def change(self, revision, changes):
        return configuration.change(self.flash, PATH, Config(revision, changes).encode(), prove)

    def present(self):
        return configuration.present(self.flash, PATH)


def test_as_it_was_provisioned():
    unit = Unit(policy__distance_m=80)
    settings, state = unit.start()
    assert (settings.policy_distance_m, state) == (80, SETTLED)
    assert configuration.connected(unit.flash) is None


def test_what_can_be_is_applied_at_once_and_kept():
    unit = Unit()
    revision, outcome, detail, effect, settings = unit.change(3, {"policy.distance_m": 200, "language": "en"})
    assert (revision, outcome, detail, effect) == (3, APPLIED, "", APPLY)
    assert (settings.policy_distance_m, settings.language, settings.mqtt_port) == (200, "en", 1883)
    settings, state = unit.start()
    assert (settings.policy_distance_m, settings.language, state) == (200, "en", SETTLED)
    assert unit.present().policy_distance_m == 200


def test_the_same_again_gets_the_same_answer_and_does_nothing():
    unit = Unit()
    unit.change(3, {"policy.distance_m": 200})
    assert unit.change(3, {"policy.distance_m": 200}) == (3, APPLIED, "", NOTHING, None)
    assert unit.change(2, {"policy.distance_m": 100})[:3] == (2, REFUSED, "revision 3 was applied already")
    assert unit.present().policy_distance_m == 200


def test_one_bad_key_refuses_all_of_it():
    unit = Unit()
    for changes, reason in (
        ({"policy.distance_m": 200, "policy.angle_deg": 1}, "policy.angle_deg is 1, expected an integer from 5 to 180"),
        ({"policy.distance_m": 200, "colour": "blue"}, "unknown setting colour; known: "),
        ({"policy.distance_m": 200, "unit_id": "other"}, "unit_id is not changed from afar"),
        ({"policy.distance_m": "far"}, "policy.distance_m is 'far', expected an integer"),
        ({"policy.min_interval_s": 60}, "policy.max_interval_s is 30, expected policy.min_interval_s (60) or more"),
        ({"mqtt.password": ""}, "mqtt.password is a secret, expected text of 1 to 128 characters"),
        ({"mqtt.ca": "no certificate"}, "mqtt.ca is no certificate"),
        ({"mqtt.psk": 31415}, "mqtt.psk is a secret, expected text of 0 to 128 characters"),
    ):
        revision, outcome, detail, effect, settings = unit.change(1, changes)
        assert (revision, outcome, effect, settings) == (1, REFUSED, NOTHING, None)
        assert detail.startswith(reason), detail
    assert unit.flash.operations == 0
    assert unit.present().policy_distance_m == 50


def test_what_is_no_config_is_refused():
    unit = Unit()
    assert configuration.change(unit.flash, PATH, b"\xff", prove)[:2] == (0, REFUSED)


def test_no_changes_ask_how_it_is():
    assert Unit().change(9, {}) == (9, APPLIED, "", TELL, None)


def test_what_needs_a_new_start_is_told_after_it():
    unit = Unit()
    assert unit.change(1, {"watchdog_s": 64}) == (1, PENDING, "", ANEW, None)
    settings, state = unit.start()
    assert (settings.watchdog_s, state) == (64, OWES)
    assert configuration.connected(unit.flash) == (1, APPLIED)
    assert unit.start()[1] == SETTLED
    assert configuration.connected(unit.flash) is None
    assert unit.change(1, {"watchdog_s": 64})[1] == APPLIED


def test_a_way_to_the_server_that_works_is_kept():
    unit = Unit()
    assert unit.change(1, {"mqtt.host": "other"})[1:4] == (PENDING, "", ANEW)
    settings, state = unit.start()
    assert (settings.mqtt_host, state) == ("other", TRIAL)
    assert configuration.connected(unit.flash) == (1, APPLIED)
    configuration.revert(unit.flash)  # too late to matter
    settings, state = unit.start()
    assert (settings.mqtt_host, state) == ("other", SETTLED)


def test_a_way_to_the_server_that_fails_is_left_and_told():
    unit = Unit()
    unit.change(1, {"policy.distance_m": 80})
    unit.change(2, {"mqtt.host": "nowhere", "policy.distance_m": 90})
    assert unit.start()[1] == TRIAL
    configuration.revert(unit.flash)
    settings, state = unit.start()
    assert (settings.mqtt_host, settings.policy_distance_m, state) == ("127.0.0.1", 80, OWES)
    assert configuration.connected(unit.flash) == (2, ROLLED_BACK)
    assert unit.start()[1] == SETTLED
    assert unit.change(2, {"mqtt.host": "nowhere"})[1] == ROLLED_BACK


def test_a_trial_ends_after_a_few_starts_too():
    unit = Unit()
    unit.change(1, {"mqtt.host": "nowhere"})
    assert [unit.start()[1] for _ in range(6)] == [TRIAL] * 5 + [OWES]
    assert configuration.connected(unit.flash) == (1, ROLLED_BACK)


def test_a_second_change_on_trial_goes_back_as_far_as_the_first():
    unit = Unit()
    unit.change(1, {"mqtt.host": "nowhere"})
    unit.change(2, {"mqtt.port": 1})
    configuration.revert(unit.flash)
    settings = unit.start()[0]
    assert (settings.mqtt_host, settings.mqtt_port) == ("127.0.0.1", 1883)


def test_a_new_provisioning_voids_what_was_changed():
    unit = Unit()
    unit.change(7, {"policy.distance_m": 200})
    unit.provision(policy__distance_m=60)
    assert unit.start()[0].policy_distance_m == 60
    assert unit.change(1, {"policy.angle_deg": 30})[1] == APPLIED
    assert unit.start()[0].policy_distance_m == 60


def test_a_damaged_file_is_no_end():
    unit = Unit()
    unit.change(1, {"policy.distance_m": 200})
    FILES[PATH] = b'{"unit_id": '
    assert unit.start()[0].policy_distance_m == 200
    del FILES[PATH]
    assert unit.start()[0].policy_distance_m == 200
    assert unit.change(2, {"policy.distance_m": 210})[1] == APPLIED
    assert unit.start()[0].policy_distance_m == 210


def test_no_file_and_no_record_is_an_end():
    unit = Unit()
    del FILES[PATH]
    assert "cannot read settings file" in error_of(SettingsError, unit.start)


def test_a_record_of_another_version_of_the_program_is_taken_as_far_as_it_goes():
    unit = Unit()
    unit.change(1, {"policy.distance_m": 200})
    record = configuration._record(unit.flash)
    record["settings"]["of_later_days"] = 1
    configuration._store(unit.flash, record)
    assert unit.start()[0].policy_distance_m == 200
    record["settings"]["policy.distance_m"] = 1
    configuration._store(unit.flash, record)
    assert unit.start()[0].policy_distance_m == 50


def test_a_flash_that_fails_is_no_end():
    class Broken:
        sector_count = 16

        def read(self, at, buffer):
            raise OSError("flash")

    unit = Unit()
    unit.flash = Broken()
    assert unit.start()[0].policy_distance_m == 50
    assert unit.change(1, {"policy.distance_m": 200})[:4] == (1, REFUSED, "flash", NOTHING)


def test_power_cut_at_any_moment_leaves_the_old_or_the_new():
    """A change, its new start and its trial's end either way, cut at every operation; then all of it again."""
    cut_at = 0
    done = False
    while not done:
        unit = Unit()
        unit.change(1, {"policy.distance_m": 80})
        unit.flash.power_on(cut_at)
        try:
            unit.change(2, {"mqtt.host": "other", "policy.distance_m": 90})
            unit.start()
            if cut_at % 2:
                configuration.revert(unit.flash)
            configuration.connected(unit.flash)
            done = True
        except PowerCutError:
            pass
        unit.flash.power_on()
        settings, _ = unit.start()
        assert (settings.mqtt_host, settings.policy_distance_m) in (("127.0.0.1", 80), ("other", 90))
        # The server says it again, as it had no answer; nothing is in the way of it, unless it was tried and left.
        outcome = unit.change(2, {"mqtt.host": "other", "policy.distance_m": 90})[1]
        assert outcome in (PENDING, APPLIED, ROLLED_BACK), outcome
        unit.start()
        if outcome == ROLLED_BACK:
            assert unit.present().mqtt_host == "127.0.0.1"
        else:
            assert unit.present().mqtt_host == "other"
        configuration.connected(unit.flash)
        assert unit.start()[1] == SETTLED
        cut_at += 1
    assert cut_at > 8
