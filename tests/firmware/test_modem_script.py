"""Bringing a modem's line up, from every state and with everything that can be wrong with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_simulator.modem_core import ABSENT, FAMILIES, PIN, PUK, ModemCore, Surroundings
from sigap_tracker.errors import LineError
from sigap_tracker.network import modem_script
from sigap_tracker.storage.settings import MODEM_FAMILIES
from tests.firmware.modem_bench import Bench

every_family = pytest.mark.parametrize("family", sorted(FAMILIES))


def bench(on: bool = False, **surroundings: object) -> Bench:
    return Bench(ModemCore(Surroundings(**surroundings), on))  # type: ignore[arg-type]


def refused(made: Bench, **how: object) -> str:
    with pytest.raises(LineError) as error:
        made.bring_up(made.core.around.family, **how)  # type: ignore[arg-type]
    return str(error.value)


@every_family
@pytest.mark.parametrize("on", [False, True])
def test_from_off_and_from_on(family: str, on: bool) -> None:
    made = bench(on, family=family, apn="internet", signal=17)
    assert made.bring_up(family, "internet") == (-79, "TELKOMSEL")
    assert made.core.call is not None
    assert made.core.starts == (0 if on else 1)
    assert made.pins == ([] if on else [("key", True), ("key", False)])
    assert made.core.settings["CNMP"] == "2"
    assert made.core.settings["CMNB"] == ("3" if family == "SIM7000" else "1")
    # Within its time to boot and a few seconds.
    assert made.now_s < FAMILIES[family].boot_s + 12


@every_family
def test_again_when_nothing_has_to_be_set(family: str) -> None:
    made = bench(family=family, apn="internet")
    made.bring_up(family, "internet")
    made.core.hang_up()
    before = len(made.core.log)
    made.bring_up(family, "internet")
    again = made.core.log[before:]
    assert not [command for command in again if "CNMP=" in command or "CMNB=" in command or "CGDCONT=" in command]


def test_a_call_that_the_unit_forgot() -> None:
    """The unit restarted, and the modem did not: its serial line still carries a call."""
    made = bench(True)
    made.bring_up("A7670")
    assert made.core.call is not None
    made.bring_up("A7670")
    assert made.core.call is not None
    assert made.core.starts == 0


def test_another_modem_than_the_board_says() -> None:
    made = bench(True, family="SIM7600")
    with pytest.raises(LineError, match=r"it is SIMCOM_SIM7600G-H, modem\.family says A7670"):
        made.bring_up("A7670")
    with pytest.raises(LineError, match=r"modem\.family is SIM900, expected one of: A7670, SIM7600, SIM7000"):
        made.bring_up("SIM900")


def test_a_family_of_the_settings_has_its_row() -> None:
    assert [modem_script.family(name)[0] for name in MODEM_FAMILIES] == list(MODEM_FAMILIES)
    assert sorted(MODEM_FAMILIES) == sorted(FAMILIES)


def test_roaming_is_told() -> None:
    assert bench(True, states=[2, 2, 5], operator="MY MAXIS").bring_up("A7670") == (-73, "MY MAXIS (roaming)")


def test_a_signal_that_is_not_known() -> None:
    assert bench(True, signal=99).bring_up("A7670")[0] is None


def test_registration_that_is_denied() -> None:
    assert "network denies registration (+CEREG/+CGREG: 3, 0)" in refused(bench(True, states=[2, 3]))


def test_a_denial_that_passes() -> None:
    bench(True, states=[3, 3, 2, 1]).bring_up("A7670")


def test_no_coverage() -> None:
    made = bench(True, states=[2], signal=99)
    assert refused(made) == "no network: searching/idle, signal unknown"
    assert 80 < made.now_s < 200


def test_a_wrong_apn() -> None:
    made = bench(True, apn="internet")
    assert refused(made, apn="intrenet") == "APN intrenet on TELKOMSEL: NO CARRIER"
    made.bring_up("A7670", "internet")


def test_a_modem_that_answers_nothing() -> None:
    made = bench(True, fault="hung")
    assert refused(made) == "no answer to AT within 20 s of its start"
    # The power key was pressed as to start it, not so long that it would switch off a modem that only is slow.
    assert made.pins == [("key", True), ("key", False)]
    assert made.core.state == "on"


def test_noise() -> None:
    assert "bytes that are no text: is the baud rate right?" in refused(bench(True, fault="noise"))


@every_family
def test_a_hung_modem_after_its_reset_pin(family: str) -> None:
    made = bench(True, family=family)
    made.run(modem_script.reset(made.dialogue, modem_script.family(family), True))
    assert made.core.starts == 1
    made.bring_up(family)


@every_family
def test_a_reset_by_command(family: str) -> None:
    made = bench(True, family=family)
    made.bring_up(family)
    made.run(modem_script.reset(made.dialogue, modem_script.family(family), False))
    assert (made.core.starts, made.pins) == (1, [])


@every_family
@pytest.mark.parametrize("has_supply", [False, True])
@pytest.mark.parametrize("fault", ["", "hung"])
def test_power_away_and_back(family: str, has_supply: bool, fault: str) -> None:
    made = bench(True, family=family, fault=fault)
    states = []
    made.core.tick = lambda now_s, tick=made.core.tick: (tick(now_s), states.append(made.core.state))[0]  # type: ignore[method-assign]
    script = modem_script.power_cycle(made.dialogue, modem_script.family(family), has_supply)
    if fault:
        with pytest.raises(LineError, match="no answer to AT"):
            made.run(script)
    else:
        made.run(script)
    assert "off" in states
    assert (made.core.starts, made.core.state) == (1, "on")


@every_family
@pytest.mark.parametrize("fault", ["", "hung"])
def test_off_for_the_night(family: str, fault: str) -> None:
    made = bench(True, family=family, fault=fault)
    if not fault:
        made.bring_up(family)  # out of a call
    started_s = made.now_s
    assert made.run(modem_script.switch_off(made.dialogue, modem_script.family(family), False)) == (not fault)
    assert made.now_s - started_s <= 10.5
    made.core.tick(made.now_s + FAMILIES[family].ends_s)
    assert made.core.state == "off"


class TestCards:
    def test_its_pin_is_entered_once(self) -> None:
        made = bench(card=PIN)
        made.bring_up("A7670", pin="1234")
        assert made.remembered == ["1234", ""]
        assert sum(command.startswith("AT+CPIN=") for command in made.core.log) == 1

    def test_and_again_after_the_modem_lost_its_power(self) -> None:
        made = bench(card=PIN)
        made.bring_up("A7670", pin="1234")
        made.run(modem_script.power_cycle(made.dialogue, modem_script.family("A7670"), True))
        made.bring_up("A7670", pin="1234")
        assert made.core.around.tries == 3

    def test_a_wrong_one_is_never_entered_twice(self) -> None:
        made = bench(card=PIN, pin="9999")
        assert refused(made, pin="1234") == "SIM PIN refused: +CME ERROR: incorrect password"
        assert made.remembered == ["1234"]
        for tried_now in (True, False, False):  # in this start, and after it
            reason = refused(made, pin="1234", tried="1234", tried_now=tried_now)
            assert "not tried again until modem.pin changes; tries left: 2" in reason
        assert made.core.around.tries == 2
        # Corrected by a change of the setting.
        made.bring_up("A7670", pin="9999", tried="1234")
        assert made.remembered[-1] == ""

    def test_the_last_try_is_left_to_a_person(self) -> None:
        made = bench(True, card=PIN, pin="9999", tries=1)
        assert "last try" in refused(made, pin="1234")
        assert made.core.around.tries == 1

    def test_power_cut_while_it_was_entered(self) -> None:
        """Nobody knows what came of it; the card does."""
        bench(card=PIN).bring_up("A7670", pin="1234", tried="1234")
        made = bench(card=PIN, pin="9999", tries=2)
        assert "not tried again" in refused(made, pin="1234", tried="1234")

    def test_a_pin_that_nobody_gave(self) -> None:
        assert refused(bench(card=PIN)) == "SIM asks for a PIN and modem.pin is empty"

    def test_a_puk(self) -> None:
        assert refused(bench(card=PUK), pin="1234") == "SIM asks for SIM PUK"

    def test_none(self) -> None:
        assert refused(bench(card=ABSENT)) == "no SIM: +CME ERROR: SIM not inserted"

    @given(
        st.lists(st.sampled_from(["1111", "2222", "3333", "4444", ""]), max_size=30),
        st.lists(st.sampled_from(["again", "restart", "power"]), min_size=30, max_size=30),
    )
    @settings(max_examples=60, deadline=None)
    def test_however_often_the_setting_is_wrong_no_card_is_locked(self, given: list[str], between: list[str]) -> None:
        made = bench(True, card=PIN, pin="0000")
        tried, tried_now = "", False
        for pin, then in zip(given, between, strict=False):
            made.remembered.clear()
            with pytest.raises(LineError):
                made.bring_up("A7670", pin=pin, tried=tried, tried_now=tried_now)
            if made.remembered:
                tried, tried_now = made.remembered[-1], bool(made.remembered[-1])
            if then == "restart":
                tried_now = False
            elif then == "power":
                made.core._begin()
            assert made.core.around.tries >= 1
        assert made.core.around.card == PIN


def test_a_modem_that_starts_anew_in_the_middle() -> None:
    made = bench(True)
    heard = iter([b""] * 8 + [b"\r\nRDY\r\n"])
    made._interference = lambda said: next(heard, b"") + said if said else said
    assert "started anew (RDY)" in refused(made)
    made._interference = bytes
    made.bring_up("A7670")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_heard_it_ends_in_a_call_or_a_reason(data: st.DataObject) -> None:
    """Bytes lost, doubled or made up: never anything but a LineError, and never without an end."""
    family = data.draw(st.sampled_from(sorted(FAMILIES)))
    made = bench(data.draw(st.booleans()), family=family, card=data.draw(st.sampled_from(["READY", PIN, PUK, ABSENT])))
    harm = st.sampled_from(["none", "none", "none", "lost", "cut", "twice", "made up"])

    def interfere(said: bytes) -> bytes:
        if not said:
            return said
        kind = data.draw(harm)
        if kind == "lost":
            return b""
        if kind == "cut":
            return said[: data.draw(st.integers(0, len(said)))]
        if kind == "twice":
            return said * 2
        if kind == "made up":
            return data.draw(st.binary(max_size=40)) + said
        return said

    made._interference = interfere
    try:
        signal_dbm, operator = made.bring_up(family, "internet", "1234")
    except LineError as error:
        assert str(error)
    else:
        assert signal_dbm is None or -113 <= signal_dbm <= -51
        assert operator
    assert made.now_s < 1500
    assert made.core.around.tries >= 2
