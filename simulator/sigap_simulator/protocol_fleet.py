"""`python -m sigap_simulator.protocol_fleet CONFIG.json`: a fleet of protocol-level units as a process of its own.

CONFIG.json has {"broker": {"host", "port"}, "units": [{"unit_id", "user", "password"}, …]} and may have
"report_interval_s", "origin": [lat, lon], "radius_m", "seed", "keepalive_s", "start_deadline_s", "travel_s" and
"officers": true or an object of OfficerHabits. Without "officers" units acknowledge orders, and nobody answers them.

One JSON object a line. Out: {"ready": number of units} once all are connected, {"counters": {…}} on request, and
{"error": text} before a bad end. In: {"counters": 1}. The end of the input ends the process.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from sigap_roads.city import MIDDLE
from sigap_simulator.errors import SettingError, SimulatorError
from sigap_simulator.fleet import FleetSettings, ProtocolFleet
from sigap_simulator.officer import USUAL, OfficerHabits
from sigap_simulator.unit import UnitAccount

_KEEPALIVE_S = 30
_NUMBERS = ("report_interval_s", "radius_m", "travel_s", "start_deadline_s")
_KEYS = {"broker", "units", "origin", "keepalive_s", "officers", "seed", *_NUMBERS}


def settings_of(config: object) -> FleetSettings:
    """Raises SettingError naming what is missing, unknown or not as it should be."""
    values = _object("the configuration", config)
    if unknown := sorted(set(values) - _KEYS):
        raise SettingError(f"unknown setting {unknown[0]!r}, known are {', '.join(sorted(_KEYS))}")
    broker = _object("broker", values.get("broker"))
    try:
        accounts = [
            UnitAccount(
                str(unit["unit_id"]),
                str(broker["host"]),
                int(str(broker["port"])),
                str(unit["user"]),
                str(unit["password"]),
                keepalive_s=int(str(values.get("keepalive_s", _KEEPALIVE_S))),
            )
            for unit in _objects("units", values.get("units"))
        ]
        return FleetSettings(
            accounts,
            officers=_habits(values.get("officers")),
            origin=_pair("origin", values["origin"]) if "origin" in values else MIDDLE,
            seed=int(str(values.get("seed", 1))),
            **{key: _positive(key, values[key]) for key in _NUMBERS if values.get(key) is not None},
        )
    except KeyError as error:
        raise SettingError(f"setting {error} is missing") from None
    except ValueError as error:
        raise SettingError(str(error)) from None


def _habits(value: object) -> OfficerHabits | None:
    if value is None or value is False:
        return None
    if value is True:
        return USUAL
    habits = {
        key: _pair(key, item) if isinstance(item, list) else item for key, item in _object("officers", value).items()
    }
    try:
        return OfficerHabits(**habits)  # type: ignore[arg-type]
    except TypeError as error:
        raise SettingError(f"officers: {error}") from None


def _object(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingError(f"{name} is {value!r}, expected an object")
    return value


def _objects(name: str, value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not value:
        raise SettingError(f"{name} is {value!r}, expected a list of objects, one at least")
    return [_object(name, item) for item in value]


def _positive(name: str, value: object) -> float:
    if not isinstance(value, int | float) or value <= 0:
        raise SettingError(f"{name} is {value!r}, expected a number above 0")
    return float(value)


def _pair(name: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise SettingError(f"{name} is {value!r}, expected two numbers")
    return float(value[0]), float(value[1])


def _say(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _serve(fleet: ProtocolFleet) -> None:
    """Until the input ends. Raises UnitError."""
    requests = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), os.fdopen(os.dup(0), "rb"))
    answering = asyncio.create_task(_answer(requests, fleet))
    working = asyncio.create_task(_work(fleet))
    try:
        await asyncio.wait({answering, working}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        working.cancel()
        answering.cancel()
        await asyncio.gather(working, answering, return_exceptions=True)
        await fleet.stop()


async def _work(fleet: ProtocolFleet) -> None:
    _say({"ready": await fleet.start()})
    await fleet.run()


async def _answer(requests: asyncio.StreamReader, fleet: ProtocolFleet) -> None:
    async for line in requests:
        request: object = None
        with contextlib.suppress(ValueError):
            request = json.loads(line)
        if request == {"counters": 1}:
            _say({"counters": fleet.counters()})
        else:
            _say({"error": f"not understood: {line[:80]!r}"})


def main(arguments: list[str]) -> int:
    """The exit status: 0, 1 when units did not start, 2 for a bad configuration."""
    try:
        if len(arguments) != 1:
            raise SettingError("usage: python -m sigap_simulator.protocol_fleet CONFIG.json")
        settings = settings_of(json.loads(Path(arguments[0]).read_text()))
    except (SettingError, OSError, ValueError) as error:
        _say({"error": str(error)})
        return 2
    try:
        asyncio.run(_serve(ProtocolFleet(settings)))
    except SimulatorError as error:
        _say({"error": str(error)})
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
