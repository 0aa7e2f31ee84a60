"""The modem's line on MicroPython: the firmware's own serial line and pins, a simulated modem at their other end."""

import json
from pathlib import Path

from sigap_simulator.modem import SimulatedModem
from sigap_simulator.modem_core import PIN, Surroundings
from tests.portable.interpreters import run_micropython


def run(modem: SimulatedModem, *steps: str, **settings: str) -> list[list[object]]:
    """[error, whether it is up, signal, status] after each step."""
    given = {"modem_family": modem.around.family, **settings}
    script = Path(__file__).with_name("modem_up.py")
    said = run_micropython([script, modem.path, json.dumps(given), *steps], 60)
    return [json.loads(line)[1:] for line in said.splitlines()]


def test_up_reset_power_and_down(tmp_path: Path) -> None:
    with SimulatedModem(tmp_path, Surroundings(apn="internet", signal=31)) as modem:
        steps = ("up", "up", "down", "up", "reset", "up", "power_cycle", "up", "off")
        found = run(modem, *steps, modem_apn="internet")
    up: list[object] = ["", True, -51, "TELKOMSEL"]
    assert found[0] == found[1] == found[3] == found[5] == found[7] == up
    assert [row[:2] for row in (found[2], found[4], found[6], found[8])] == [["", False]] * 4
    # From off, by the reset pin, by the supply; and not one start more.
    assert modem.core.starts == 3
    assert modem.core.state in ("ending", "off")
    assert modem.core.call is None


def test_a_wrong_pin_is_entered_once(tmp_path: Path) -> None:
    with SimulatedModem(tmp_path, Surroundings(card=PIN, pin="9999"), on=True) as modem:
        found = run(modem, "up", "up", "up", modem_pin="1234")
    assert found[0][0] == "modem: SIM PIN refused: +CME ERROR: incorrect password"
    assert "not tried again" in str(found[2][0])
    assert modem.core.around.tries == 2


def test_off_while_it_is_brought_up(tmp_path: Path) -> None:
    with SimulatedModem(tmp_path, Surroundings(states=[2]), on=True) as modem:
        found = run(modem, "off_amid_up", "up")
        assert found[0][0] == "modem: the unit goes off"
        assert found[1][0] == "modem: the unit goes off"
        assert modem.core.state in ("ending", "off")
    with SimulatedModem(tmp_path / "never started", Surroundings()) as modem:
        assert run(modem, "off")[0][:2] == ["", False]
        assert modem.core.state == "off"


def test_the_network_hangs_up(tmp_path: Path) -> None:
    with SimulatedModem(tmp_path, Surroundings(calls_last_s=[5]), on=True) as modem:
        found = run(modem, "up", "wait_down", "up")
    assert [row[:2] for row in found] == [["", True], ["", False], ["", True]]
