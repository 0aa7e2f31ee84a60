"""ModemPort (interfaces.pyi) on a UART, pins and the chip's own PPP."""

import asyncio

from sigap_tracker.drivers.chip import Output, Ppp, PppMaker, SerialPort

_NO_SECURITY, _CHAP = 0, 2  # network.PPP.SEC_NONE, SEC_CHAP


class UartModem:
    """Pins are given as signals, on while the modem's PWRKEY is pressed, its RESET held, its supply there."""

    hurry = 1

    def __init__(
        self, uart: SerialPort, key: Output, reset: "Output | None", supply: "Output | None", make_ppp: "PppMaker"
    ) -> None:
        self._uart = uart
        self._stream = asyncio.StreamReader(uart)
        self._key = key
        self._reset = reset
        self._supply = supply
        self._make_ppp = make_ppp
        self._ppp: "Ppp | None" = None
        self.has_reset = reset is not None
        self.has_supply = supply is not None
        key.off()
        if reset is not None:
            reset.off()
        if supply is not None:
            supply.on()

    async def read(self, buffer: bytearray) -> "int | None":
        return await self._stream.readinto(buffer)

    def write(self, content: bytes) -> None:
        self._uart.write(content)

    def press_key(self, pressed: bool) -> None:
        self._key.value(pressed)

    def hold_reset(self, held: bool) -> None:
        if self._reset is not None:
            self._reset.value(held)

    def supply(self, on: bool) -> None:
        if self._supply is not None:
            self._supply.value(on)

    def ppp_start(self, user: str, password: str) -> None:
        self._ppp = self._make_ppp(self._uart)
        if user:
            self._ppp.connect(security=_CHAP, user=user, key=password)
        else:
            self._ppp.connect(security=_NO_SECURITY)

    def ppp_connected(self) -> bool:
        return self._ppp is not None and self._ppp.isconnected()

    def ppp_stop(self) -> None:
        ppp, self._ppp = self._ppp, None
        if ppp is not None:
            ppp.disconnect()
            # Now, not when it is collected: until then it would read what the modem answers to commands.
            ppp.__del__()
