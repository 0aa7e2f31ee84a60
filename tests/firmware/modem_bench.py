"""The unit's half of a modem's line against the simulated modem, both without wires and in a time of their own."""

from collections.abc import Callable, Generator
from typing import Any

from sigap_simulator.modem_core import ModemCore
from sigap_tracker.network import modem_script
from sigap_tracker.network.at_dialogue import PENDING, AtDialogue
from sigap_tracker.network.modem_steps import ASK, KEY, PAUSE, REMEMBER, RESET, SEND, SUPPLY

PIECE_S = 0.02  # so long does it take to say what is said between two looks

Script = Generator[tuple[Any, ...], None, Any]


class Bench:
    """`interference` may change what the modem said before the unit hears it."""

    def __init__(self, core: ModemCore, interference: Callable[[bytes], bytes] = bytes) -> None:
        self.core = core
        self.dialogue = AtDialogue()
        self.now_s = 0.0
        self.remembered: list[str] = []  # every PIN about to be entered, "" for what was right
        self.pins: list[tuple[str, bool]] = []
        self._interference = interference

    def run(self, script: Script) -> Any:
        """What the script returns. Raises LineError as the script does."""
        while True:
            try:
                step = next(script)
            except StopIteration as end:
                return end.value
            self._do(*step)

    def _do(self, kind: int, *values: Any) -> None:
        if kind == ASK:
            command, wanted, plain, timeout_ms = values
            self._write(self.dialogue.ask(command, wanted, plain))
            end_s = self.now_s + timeout_ms / 1000
            while self.dialogue.outcome == PENDING and self.now_s < end_s:
                self._pass(PIECE_S)
        elif kind == SEND:
            self._write(values[0])
        elif kind == PAUSE:
            self._pass(values[0] / 1000)
        elif kind == REMEMBER:
            self.remembered.append(values[0])
        else:
            name = {KEY: "key", RESET: "reset", SUPPLY: "supply"}[kind]
            self.pins.append((name, values[0]))
            self.core.pin(name, values[0], self.now_s)

    def _write(self, content: bytes) -> None:
        self.core.receive(content, self.now_s)

    def _pass(self, seconds: float) -> None:
        self.now_s += seconds
        self.core.tick(self.now_s)
        said = self._interference(self.core.take())
        if said:
            self.dialogue.feed(said, len(said))

    def bring_up(self, family: str, apn: str = "", pin: str = "", tried: str = "", tried_now: bool = False) -> Any:
        row = modem_script.family(family)
        return self.run(modem_script.bring_up(self.dialogue, row, apn, pin, tried, tried_now))
