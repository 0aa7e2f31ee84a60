"""A whole unit on an ESP32, its silicon replaced by what the datasheets say of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigap.boards import definition
from sigap_boot.file_flash import FileFlash
from sigap_boot.record import load
from sigap_simulator.modem import SimulatedModem
from sigap_simulator.modem_core import Surroundings
from sigap_wire import ack, topics
from sigap_wire.order import STATE_ASSIGNED, STATE_OFFERED
from tests.firmware.conftest import MakeEsp32
from tests.firmware.control import Control, order
from tests.firmware.esp32_unit import Esp32Unit
from tests.firmware.real_broker import Mosquitto
from tests.firmware.sentences import START_S, drive
from tests.support.processes import Processes
from tests.support.waiting import eventually

OFFER_ENDS_IN_S = 10**7


@pytest.fixture
def broker(tmp_path: Path, processes: Processes) -> Mosquitto:
    made = Mosquitto(tmp_path / "broker", processes)
    made.start()
    return made


@pytest.fixture
def control(broker: Mosquitto) -> Iterator[Control]:
    made = Control(broker.port, broker.control_user, broker.control_password)
    yield made
    made.close()


@pytest.fixture(params=["sources", "flashed"])
def make(request: pytest.FixtureRequest, make_esp32: MakeEsp32) -> MakeEsp32:
    """Makes units of either kind. A flashed one runs main.py, which chooses the slot by the boot record, and in it the
    very files that are made for a chip."""

    def made(*arguments: Any, **named: Any) -> Esp32Unit:
        unit = make_esp32(*arguments, **named)
        if request.param == "flashed":
            unit.flash(request.getfixturevalue("esp32_files"))
        return unit

    return made


def test_from_the_receivers_bytes_to_the_broker_and_from_an_order_to_the_display(
    make: MakeEsp32, broker: Mosquitto, control: Control, tmp_path: Path
) -> None:
    unit = make(port=broker.port)
    unit.start()
    unit.await_log("connected")
    assert unit.logged("boot")[0]["cause"] == "power_on"
    unit.feed(drive(0))
    report = control.await_message(topics.REPORT)
    assert report.fixes[0].fix_time_s == START_S

    idle = unit.look()["picture"]
    control.order(order(STATE_OFFERED, expires_in_s=OFFER_ENDS_IN_S))
    eventually(lambda: control.acks() == [(7, 1, ack.RECEIVED)])
    eventually(lambda: unit.look()["picture"] != idle)
    assert unit.look()["is_on"]
    assert unit.await_done("tone", 2)["frequency_hz"] > 0
    eventually(lambda: unit.done("tone")[-1]["frequency_hz"] == 0, deadline_s=5)

    unit.press("accept")
    eventually(unit.held)
    unit.release("accept")
    eventually(lambda: control.acks()[1:] == [(7, 1, ack.ACCEPTED)])
    control.order(order(STATE_ASSIGNED, 2))
    eventually(lambda: unit.views() == ["offered", "waiting", "assigned"])
    assert unit.logged("task_failed") == []
    assert crashes(tmp_path / "esp32") == 0


def test_a_press_whose_interrupts_were_missed(make_esp32: MakeEsp32, broker: Mosquitto, control: Control) -> None:
    unit = make_esp32(port=broker.port)
    unit.start()
    control.await_message(topics.LINK)
    control.order(order(STATE_OFFERED, expires_in_s=OFFER_ENDS_IN_S))
    unit.await_log("screen")
    unit.happens(pin=unit.board.buttons.accept, level=0, missed=1)
    eventually(unit.held)
    unit.happens(pin=unit.board.buttons.accept, level=1, missed=1)
    eventually(lambda: (7, 1, ack.ACCEPTED) in control.acks())


def test_a_button_that_is_held_calls_for_help(make_esp32: MakeEsp32, broker: Mosquitto, control: Control) -> None:
    unit = make_esp32(port=broker.port)
    unit.start()
    control.await_message(topics.LINK)
    unit.pin(unit.board.buttons.clear, 0)
    eventually(lambda: control.acks() == [(0, 0, ack.EMERGENCY)])
    unit.release("clear")


@pytest.mark.parametrize("make", ["flashed"], indirect=True)
def test_over_the_modem(make: MakeEsp32, broker: Mosquitto, control: Control, tmp_path: Path) -> None:
    """AT commands on the board's serial line, then PPP, then MQTT."""
    with SimulatedModem(tmp_path / "modem", Surroundings(), on=True, speed=1.0) as modem:
        unit = make("lilygo-t-a7670", broker.port, modem={"apn": "internet"})
        assert unit.board.modem
        unit.uarts[unit.board.modem.uart] = modem.path
        unit.start()
        unit.await_log("connected", deadline_s=20)
        assert unit.await_done("ppp") == {"did": "ppp", "security": 0, "user": None}
        unit.feed(drive(0))
        assert control.await_message(topics.REPORT).fixes[0].fix_time_s == START_S


def test_it_sleeps_when_the_ignition_is_off_and_wakes_by_it(
    make_esp32: MakeEsp32, broker: Mosquitto, control: Control
) -> None:
    unit = make_esp32("lilygo-t-a7670", broker.port, line="wifi", power={"off_delay_s": 0})
    assert unit.board.ignition
    unit.pin(unit.board.ignition.pin, 1)
    unit.start()
    unit.await_log("connected")
    unit.pin(unit.board.ignition.pin, 0)
    assert unit.await_log("power")["what"] == "ignition_off"
    assert unit.await_done("wake on")["pin"] == unit.board.ignition.pin
    assert unit.wait() == 0
    unit.start(booted=False, env={"SIGAP_BENCH_RESET_CAUSE": "4"})
    assert unit.await_log("boot", 2)["cause"] == "ignition"


def test_every_board_starts(make_esp32: MakeEsp32) -> None:
    for board in definition.names():
        unit = make_esp32(board)
        unit.start()
        eventually(lambda unit=unit: {event["id"] for event in unit.done("uart")} >= {unit.board.gps.uart})
        eventually(lambda unit=unit: unit.look()["is_on"])
        assert unit.logged("task_failed") == []
        unit.unplug()


def test_the_boot_id_counts_the_starts(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    for number in (1, 2):
        unit.start(booted=False)
        assert unit.await_log("boot", number)["boot_id"] == number
        assert unit.process is not None
        unit.process.kill()
        unit.wait()


def test_a_display_that_goes_and_comes_back(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.start()
    eventually(lambda: unit.look()["is_on"])
    before = unit.look()["picture"]
    unit.happens(display="gone")
    unit.await_done("nack")
    unit.feed(drive(0))
    unit.await_log("fix_gate")
    unit.happens(display="back")
    eventually(lambda: unit.look()["is_on"])
    assert unit.look()["picture"] != before
    assert unit.logged("task_failed") == []


def test_a_display_at_rest_is_only_asked_whether_it_is_there(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.start()
    eventually(lambda: unit.look()["is_on"])
    first = unit.look()
    unit.say(b"two\nlines\n")
    unit.await_log("control_refused", 2)
    last = unit.look()
    assert last["bytes"] - first["bytes"] == 2 * (last["transfers"] - first["transfers"])


def test_the_console_hears_health_and_refuses_the_rest(
    make_esp32: MakeEsp32, broker: Mosquitto, control: Control
) -> None:
    unit = make_esp32(port=broker.port)
    unit.start()
    unit.await_log("connected")
    unit.say(b'{"health": 1}\r\n')
    assert control.await_message(topics.HEALTH).boot_id == 1
    unit.say(b"help()\n")
    assert "help()" in unit.await_log("control_refused")["line"]
    unit.say(b'{"maintenance": 1}\n')
    unit.await_log("maintenance")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("board.json", None, "board.json is missing"),
        ("board.json", "{", "board.json is not JSON"),
        ("board.json", "{}", "board.json does not fit this chip or firmware: KeyError"),
    ],
)
def test_a_board_that_cannot_be_is_told(
    make_esp32: MakeEsp32, tmp_path: Path, file: str, content: str | None, words: str
) -> None:
    unit = make_esp32()
    path = tmp_path / "esp32" / file
    good = path.read_text()
    # The fakes read the board, too, before the firmware does: it is spoilt where the firmware looks.
    (tmp_path / "esp32" / "bench.json").write_text(good)
    path.unlink()
    if content is not None:
        path.write_text(content)
    unit.start(booted=False, env={"SIGAP_BENCH_BOARD": "bench.json"})
    assert unit.wait() == 2
    assert words in unit.errors.decode()


def test_settings_that_cannot_be_are_told_on_the_display_and_the_console(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.settings["language"] = "fr"
    unit.start(booted=False)
    assert unit.await_log("settings_refused")["reason"] == "language is 'fr', expected one of: id, en"
    eventually(lambda: unit.look()["is_on"] and any(unit.look()["picture"]))


def test_main_starts_the_chip_anew_after_a_fault(make_esp32: MakeEsp32, tmp_path: Path) -> None:
    """Again and again, until the boot record says that only what a technician needs is to run."""
    unit = make_esp32()
    folder = tmp_path / "esp32"
    (folder / "slot_a").mkdir()
    (folder / "slot_a" / "sigap_unit.py").write_text("raise ValueError('broken')")
    for number in range(1, 4):
        unit.start(booted=False, main=True, env={"SIGAP_BENCH_RESET_CAUSE": "1" if number == 1 else "2"})
        assert unit.wait() == 0
        eventually(lambda number=number: len(unit.done("reset")) == number)
    assert crashes(folder) == 2


def crashes(folder: Path) -> int:
    flash = FileFlash(str(folder / "sigap.flash"))
    try:
        return load(flash).crashes
    finally:
        flash.close()
