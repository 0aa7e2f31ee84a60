"""What the officer means by a button's changes of level: a press, or the emergency that is called by holding on."""

from array import array

from sigap_tracker.clock import elapsed_ms

DEBOUNCE_MS = 30  # a level counts once it has lasted so long
HOLD_MS = 2000
EMERGENCY = "emergency"


class Buttons:
    """Call change() as a level changes, and next() every few milliseconds while busy(), until it says None.

    A button's name comes when it is let go. EMERGENCY comes once when any was held for HOLD_MS; what is pressed then,
    or until all are let go, means nothing more.
    """

    def __init__(self, names: "tuple[str, ...]") -> None:
        self._names = names
        self._level = bytearray(len(names))  # 1 is down: as it was reported
        self._down = bytearray(len(names))  # as it is believed
        self._changed_ms = array("i", [0] * len(names))
        self._pressed_ms = array("i", [0] * len(names))
        self._spent = False
        self._meant: "list[str]" = []

    def change(self, name: str, down: bool, ticks_ms: int) -> None:
        """The button `name` was down or up from `ticks_ms` on, which may be a while ago: a busy chip hears late."""
        i = self._names.index(name)
        if self._level[i] != down:
            self._settle(ticks_ms)
            self._level[i] = down
            self._changed_ms[i] = ticks_ms

    def busy(self) -> bool:
        """Whether any is down, or was a moment ago."""
        return bool(self._meant) or any(self._level) or any(self._down)

    def held_ms(self, ticks_ms: int) -> int:
        """For how long the one is down that is to become an emergency; 0 if there is none."""
        if self._spent:
            return 0
        held = [elapsed_ms(ticks_ms, self._pressed_ms[i]) for i in range(len(self._down)) if self._down[i]]
        return max(held) if held else 0

    def next(self, ticks_ms: int) -> "str | None":
        """A button's name, EMERGENCY, or None."""
        self._settle(ticks_ms)
        if self.held_ms(ticks_ms) >= HOLD_MS:
            self._emergency()
        return self._meant.pop(0) if self._meant else None

    def _settle(self, ticks_ms: int) -> None:
        """Believe the levels that have stood for long enough until now."""
        for i in range(len(self._names)):
            if self._level[i] == self._down[i] or elapsed_ms(ticks_ms, self._changed_ms[i]) < DEBOUNCE_MS:
                continue
            self._down[i] = self._level[i]
            if self._down[i]:
                self._pressed_ms[i] = self._changed_ms[i]
            elif self._spent:
                self._spent = any(self._down)
            elif elapsed_ms(self._changed_ms[i], self._pressed_ms[i]) >= HOLD_MS:
                self._emergency()  # nobody looked while it was held
            else:
                self._meant.append(self._names[i])

    def _emergency(self) -> None:
        self._meant.append(EMERGENCY)
        self._spent = any(self._down)
