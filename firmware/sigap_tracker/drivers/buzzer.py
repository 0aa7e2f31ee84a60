"""Plays patterns of tones on a PWM output."""

import asyncio

from sigap_tracker.drivers.chip import Tone

_LOUD_U16 = 32768  # half of the period, at which a passive buzzer is loudest


class Buzzer:
    def __init__(self, tone: Tone) -> None:
        self._tone = tone
        self._pattern: "tuple[tuple[int, ...], ...]" = ()
        self._news = asyncio.Event()
        tone.duty_u16(0)

    def play(self, pattern: "tuple[tuple[int, ...], ...]") -> None:
        """(frequency_hz, on_ms, off_ms) … in place of what is playing; an empty pattern is silence."""
        self._pattern = pattern
        self._news.set()

    async def run(self) -> None:
        """Never returns."""
        while True:
            await self._news.wait()
            self._news.clear()
            for frequency_hz, on_ms, off_ms in self._pattern:
                self._tone.init(freq=frequency_hz, duty_u16=_LOUD_U16)
                if await self._interrupted(on_ms):
                    break
                self._tone.duty_u16(0)
                if off_ms and await self._interrupted(off_ms):
                    break
            self._tone.duty_u16(0)

    async def _interrupted(self, time_ms: int) -> bool:
        """Whether another pattern came within that time."""
        try:
            await asyncio.wait_for_ms(self._news.wait(), time_ms)
        except asyncio.TimeoutError:
            return False
        return True
