"""The car's supply voltage by a divider of two resistors at an analogue input."""

from sigap_tracker.drivers.chip import Meter

_SAMPLES = 5  # an odd number: the middle one is the result, whatever the starter and the alternator put on the line


class Supply:
    """upper_ohm is between supply and input, lower_ohm between input and ground."""

    def __init__(self, meter: Meter, upper_ohm: int, lower_ohm: int) -> None:
        self._meter = meter
        self._ratio_milli = (upper_ohm + lower_ohm) * 1000 // lower_ohm

    def millivolts(self) -> int:
        samples = sorted([self._meter.read_uv() for _ in range(_SAMPLES)])
        # In this order it stays below 2**30: 3,300 mV at the input, 60 V at the other end.
        return samples[_SAMPLES // 2] // 1000 * self._ratio_milli // 1000
