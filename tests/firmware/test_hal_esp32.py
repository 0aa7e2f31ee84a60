"""Each thing that the HAL does to an ESP32, by the calls that reach the chip."""

import pytest

from tests.firmware.conftest import MakeEsp32
from tests.support.waiting import eventually

S3, T_A7670 = "lilygo-t-a7608-s3", "lilygo-t-a7670"


def test_the_clock_is_set_in_the_chips_own_order(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("hal.set_time_s(1789882530)")  # Sunday, 2026-09-20 05:35:30
    assert unit.await_done("clock")["datetime"] == [2026, 9, 20, 6, 5, 35, 30, 0]


def test_a_clock_that_is_right_is_left_alone(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("import time\nhal.set_time_s(time.time() + 2)\nhal.set_time_s(time.time() - 100)")
    assert len(unit.done("clock")) == 1


def test_a_clock_before_the_firmware_was_made_is_moved_to_then(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("import time\nhal.set_earliest_time_s(time.time() - 10)\nhal.set_earliest_time_s(4102444800)")
    assert [event["datetime"] for event in unit.done("clock")] == [[2100, 1, 1, 4, 0, 0, 0, 0]]


def test_an_edge_is_put_down_without_a_byte_of_heap(make_esp32: MakeEsp32) -> None:
    """An interrupt may come while the heap is being collected."""
    script = """
import micropython
button = hal._buttons[0]
micropython.heap_lock()
button._on_edge(button._pin)
button._on_edge(button._pin)
micropython.heap_unlock()
print(hal._edges.take()[:2], hal._edges.take()[:2], hal._edges.take())
"""
    assert make_esp32().run(script) == ["(0, 1) (0, 1) None"]


def test_ticks_stay_below_their_period(make_esp32: MakeEsp32) -> None:
    (said,) = make_esp32().run("print(0 <= hal.ticks_ms() < 1 << 30)")
    assert said == "True"


@pytest.mark.parametrize(
    ("number", "name"), [(1, "power_on"), (2, "reset"), (3, "watchdog"), (4, "ignition"), (5, "reset"), (9, "unknown")]
)
def test_why_it_started(make_esp32: MakeEsp32, number: int, name: str) -> None:
    assert make_esp32().run("print(hal.reset_cause())", SIGAP_BENCH_RESET_CAUSE=str(number)) == [name]


def test_the_watchdog_starts_once_it_is_told_to(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("hal.feed_watchdog(); hal.start_watchdog(60); hal.feed_watchdog()")
    assert [event["timeout_ms"] for event in unit.done("watchdog")] == [60000]


def test_a_watchdog_that_is_not_fed_starts_the_chip_anew(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("hal.start_watchdog(0); await asyncio.sleep_ms(5); hal.feed_watchdog(); print('still here')")
    unit.await_done("watchdog reset")


def test_reset(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    assert unit.run("hal.reset(); print('still here')") == []
    unit.await_done("reset")


def test_supply_and_ignition(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    script = """
while hal.supply_mv() != 12595 or hal.ignition():
    await asyncio.sleep_ms(5)
print("off")
while not hal.ignition():
    await asyncio.sleep_ms(5)
print("on", hal.supply_mv())
"""
    assert unit.board.supply
    assert unit.board.ignition
    unit.happens(pin=unit.board.supply.pin, uv=1_145_000)
    unit.start(booted=False, script=script)
    eventually(lambda: {"not_json": "off\n"} in unit.events)
    unit.pin(unit.board.ignition.pin, 1)
    assert unit.wait() == 0, unit.errors
    assert unit.events[-1] == {"not_json": "on 12595\n"}


def test_it_sleeps_until_the_ignition_comes_on(make_esp32: MakeEsp32) -> None:
    unit = make_esp32()
    unit.run("hal.shut_down(); print('still here')")
    assert unit.board.ignition
    assert unit.await_done("wake on") == {"did": "wake on", "pin": unit.board.ignition.pin, "level": 1}
    assert unit.await_done("deepsleep")["time_ms"] is None


def test_with_the_ignition_on_it_looks_again_after_a_while(make_esp32: MakeEsp32) -> None:
    """Shut down by an empty battery: the ignition's level would end the sleep at once, over and over."""
    unit = make_esp32()
    assert unit.board.ignition
    unit.pin(unit.board.ignition.pin, 1)
    unit.run("while not hal.ignition():\n  await asyncio.sleep_ms(5)\nhal.shut_down()")
    assert unit.await_done("deepsleep")["time_ms"] == 600_000
    assert unit.done("wake on") == []


def test_the_modem_loses_its_supply_before_the_unit_sleeps(make_esp32: MakeEsp32) -> None:
    unit = make_esp32(T_A7670)
    unit.run("hal.shut_down()")
    unit.await_done("deepsleep")
    assert [event["level"] for event in unit.done("pin") if event["pin"] == 12] == [0, 1, 0]


def test_what_it_can_tell_of_its_parts(make_esp32: MakeEsp32) -> None:
    script = """
asyncio.create_task(hal.run_output())
while not hal.parts()[1]:
    await asyncio.sleep_ms(5)
print(hal.parts())
while hal.parts()[1] or not hal.parts()[0]:
    await asyncio.sleep_ms(5)
print(hal.parts())
"""
    unit = make_esp32()
    unit.start(booted=False, script=script)
    eventually(lambda: {"not_json": "(0, True, True)\n"} in unit.events)
    unit.happens(display="gone")
    unit.pin(unit.board.buttons.decline, 0)
    assert unit.wait() == 0
    assert unit.events[-1] == {"not_json": "(2, False, True)\n"}


def test_records_go_to_the_raw_partition(make_esp32: MakeEsp32) -> None:
    script = """
flash = hal.flash
flash.erase(255)
flash.write(255 * 4096 + 4090, b"record")
found = bytearray(8)
flash.read(255 * 4096 + 4088, memoryview(found))
print(flash.sector_count, bytes(found))
"""
    assert make_esp32().run(script) == ["256 b'\\xff\\xffrecord'"]


def test_the_console_says_the_latest_when_it_is_too_slow(make_esp32: MakeEsp32) -> None:
    script = """
for number in range(20):
    hal.log("test", number=number)
asyncio.create_task(hal.run_output())
await asyncio.sleep_ms(200)
hal.log("last")
await asyncio.sleep_ms(50)
"""
    unit = make_esp32()
    unit.run(script)
    assert [event["number"] for event in unit.logged("test")] == list(range(4, 20))
    assert unit.logged("lines_lost") == [{"log": "lines_lost", "lines": 4}]


def test_a_pattern_is_played_and_gives_way_to_the_next(make_esp32: MakeEsp32) -> None:
    script = """
asyncio.create_task(hal.run_output())
hal.buzz(((1000, 20, 10), (2000, 20, 0)))
await asyncio.sleep_ms(200)
hal.buzz(((3000, 60000, 0),))
await asyncio.sleep_ms(20)
hal.buzz(((4000, 10, 0),))
await asyncio.sleep_ms(100)
hal.buzz(((5000, 60000, 0),))
await asyncio.sleep_ms(20)
hal.buzz(())
await asyncio.sleep_ms(20)
"""
    unit = make_esp32()
    unit.run(script)
    tones = [event["frequency_hz"] for event in unit.done("tone")]
    assert tones == [0, 1000, 0, 2000, 0, 3000, 0, 4000, 0, 5000, 0]


@pytest.mark.parametrize(
    ("networks", "settings", "words"),
    [
        ([["Pool Mobil", "rahasia123"]], {}, ["up True -61 connected", "down False off"]),
        ([["Pool Mobil", "other"]], {}, ["Wi-Fi 'Pool Mobil': wrong password"]),
        ([["Warung", ""]], {}, ["Wi-Fi 'Pool Mobil': no such network here"]),
        ([], {"wifi": {}}, ["Wi-Fi '': wifi.ssid is not set"]),
    ],
)
def test_wifi(
    make_esp32: MakeEsp32, networks: list[list[str]], settings: dict[str, dict[str, str]], words: list[str]
) -> None:
    script = """
from sigap_tracker.errors import LineError
await asyncio.sleep_ms(20)
line = hal.line
try:
    await line.up()
    print("up", line.is_up(), line.signal_dbm, line.status)
    await line.down()
    print("down", line.is_up(), line.status)
except LineError as error:
    print(error)
"""
    unit = make_esp32(**settings)
    unit.networks = networks
    assert unit.run(script) == words
    if "up" in words[0]:
        assert unit.await_done("wifi config")["pm"] == 0
        assert unit.await_done("hostname")["name"] == "unit-01"


def test_the_modems_pins_and_ppp(make_esp32: MakeEsp32) -> None:
    script = """
port = hal.line._port
port.press_key(True)
port.press_key(False)
port.hold_reset(True)
port.hold_reset(False)
port.supply(False)
port.supply(True)
print(port.has_reset, port.has_supply, port.ppp_connected())
port.ppp_start("user", "secret")
while not port.ppp_connected():
    await asyncio.sleep_ms(5)
port.ppp_stop()
print(port.ppp_connected())
port.ppp_stop()
port.ppp_start("", "")
"""
    unit = make_esp32(T_A7670)
    assert unit.run(script) == ["True True False", "False"]
    key, reset, supply = 4, 5, 12
    pins = [(event["pin"], event["level"]) for event in unit.done("pin")]
    # Set up: each at rest from its first moment on, said once more by the port, the supply on.
    assert pins[:6] == [(key, 0), (reset, 0), (supply, 0), (key, 0), (reset, 0), (supply, 1)]
    assert pins[6:] == [(key, 1), (key, 0), (reset, 1), (reset, 0), (supply, 0), (supply, 1)]
    assert [(event["security"], event["user"]) for event in unit.done("ppp")] == [(2, "user"), (0, None)]
    assert len(unit.done("ppp end")) == 1


def test_a_modem_whose_reset_is_active_low(make_esp32: MakeEsp32) -> None:
    unit = make_esp32(S3)
    unit.run("port = hal.line._port; port.hold_reset(True); port.hold_reset(False); print(port.has_supply)")
    assert [event["level"] for event in unit.done("pin") if event["pin"] == 16] == [1, 1, 0, 1]


def test_wifi_on_a_board_with_a_modem(make_esp32: MakeEsp32) -> None:
    assert make_esp32(T_A7670, line="wifi").run("print(hal.line.has_modem)") == ["False"]
    assert make_esp32(T_A7670).run("print(hal.line.has_modem)") == ["True"]
