"""What the car's ignition and voltage ask of the unit: a state machine without clock, pins or screen.

The ignition's end is the shift's end for the unit, but not at once and never while somebody waits for this car. A car
that stands has to start again: a unit that runs on its battery alone saves it, and goes off before it is empty.
"""

NOTHING, IGNITION_OFF, IGNITION_ON, LOW, LOW_OVER, SHUT_DOWN = range(6)
NAMES = "nothing ignition_off ignition_on low low_over shut_down"

_SETTLE_S = 3  # a contact that bounces, a dip while the engine starts
_CUTOFF_S = 10
_HYSTERESIS_MV = 300
_NO_CAR_MV = 6000  # less comes from a technician's bench, or from a wire that is none


class Power:
    """Everything in seconds and millivolts. `low_mv` and `cutoff_mv` may be 0: never."""

    def __init__(self) -> None:
        self.off = False  # the ignition is
        self.low = False  # the voltage is
        self._off_s = 0  # since the ignition said something else than what counts
        self._idle_s = 0  # since then without anybody waiting for the car
        self._low_s = 0
        self._cutoff_s = 0
        self.configure(0, 0, 0, 0)

    def configure(self, off_delay_s: int, low_mv: int, low_s: int, cutoff_mv: int) -> None:
        """Go on with these settings."""
        self._off_delay_s = off_delay_s
        self._low_mv = low_mv
        self._for_s = low_s
        self._cutoff_mv = cutoff_mv

    def second(self, ignition: "bool | None", supply_mv: "int | None", busy: bool) -> int:
        """A second went by; returns what happened, one thing at a time.

        ignition    None where nothing tells: then it is never off
        supply_mv   None where nothing measures it
        busy        the car is on an assignment, or its officer in distress
        """
        off = ignition is False
        self._off_s = self._off_s + 1 if off != self.off else 0
        if self._off_s >= _SETTLE_S:
            self._off_s = self._idle_s = 0
            self.off = off
            return IGNITION_OFF if off else IGNITION_ON
        if supply_mv is None or supply_mv < _NO_CAR_MV:
            self._low_s = self._cutoff_s = 0
        else:
            if ignition is not True and supply_mv < self._cutoff_mv:
                self._cutoff_s += 1
                if self._cutoff_s >= _CUTOFF_S:
                    return SHUT_DOWN
            else:
                self._cutoff_s = 0
            beyond = supply_mv >= self._low_mv + _HYSTERESIS_MV if self.low else supply_mv < self._low_mv
            self._low_s = self._low_s + 1 if beyond else 0
            if self._low_s >= self._for_s:
                self._low_s = 0
                self.low = not self.low
                return LOW if self.low else LOW_OVER
        if self.off:
            self._idle_s = 0 if busy else self._idle_s + 1
            if self._idle_s > self._off_delay_s and not self._off_s:
                return SHUT_DOWN
        return NOTHING
