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

    def change(self, name: str, down: bool, ticks_ms: int) -> None:
        """The button `name` is down or up from now on."""
        i = self._names.index(name)
        if self._level[i] != down:
            self._level[i] = down
            self._changed_ms[i] = ticks_ms

    def busy(self) -> bool:
        """Whether any is down, or was a moment ago."""
        return any(self._level) or any(self._down)

    def held_ms(self, ticks_ms: int) -> int:
        """For how long the one is down that is to become an emergency; 0 if there is none."""
        if self._spent:
            return 0
        held = [elapsed_ms(ticks_ms, self._pressed_ms[i]) for i in range(len(self._down)) if self._down[i]]
        return max(held) if held else 0

    def next(self, ticks_ms: int) -> "str | None":
        """A button's name, EMERGENCY, or None."""
        for i in range(len(self._names)):
            lasted = elapsed_ms(ticks_ms, self._changed_ms[i]) >= DEBOUNCE_MS
            if self._level[i] != self._down[i] and lasted:
                self._down[i] = self._level[i]
                if self._down[i]:
                    self._pressed_ms[i] = self._changed_ms[i]
                elif self._let_go():
                    # Nobody may have looked while it was held.
                    long = elapsed_ms(self._changed_ms[i], self._pressed_ms[i]) >= HOLD_MS
                    return self._emergency() if long else self._names[i]
        return self._emergency() if self.held_ms(ticks_ms) >= HOLD_MS else None

    def _let_go(self) -> bool:
        """A button was let go; whether that means anything."""
        meant = not self._spent
        self._spent = self._spent and any(self._down)
        return meant

    def _emergency(self) -> str:
        self._spent = any(self._down)
        return EMERGENCY
