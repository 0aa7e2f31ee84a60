"""Line (interfaces.pyi) by Wi-Fi, as a station of one network."""

import asyncio

from sigap_tracker.drivers.chip import Wlan
from sigap_tracker.errors import LineError
from sigap_tracker.interfaces import Notes

_UP_MS = 20000
_POLL_MS = 100
_FAILED_BELOW = 1000  # an ESP32's status: below are reasons of failure, from here on idle, connecting, connected

# The reasons of an ESP32 that tell a technician something (esp_wifi_types.h, as MicroPython's network.STAT_… has them).
_REASONS = {
    200: "the access point fell silent",
    201: "no such network here",
    202: "wrong password",
    203: "the access point refused",
    204: "no handshake: wrong password?",
}


class WifiLine:
    """The chip does not reconnect by itself: whoever keeps the line does, and counts it."""

    has_modem = False

    def __init__(self, wlan: Wlan, ssid: str, key: str) -> None:
        self._wlan = wlan
        self._ssid = ssid
        self._key = key
        self.notes: "Notes | None" = None  # it needs none
        self.signal_dbm: "int | None" = None
        self.status = "off"

    async def up(self) -> None:
        wlan = self._wlan
        if not self._ssid:
            self._fail("wifi.ssid is not set")
        self.status = "connecting"
        try:
            wlan.active(True)
            # Asleep between beacons, an order would wait for the next one; and a car has the power.
            wlan.config(pm=0)
            wlan.config(reconnects=0)
            if not wlan.isconnected():
                wlan.connect(self._ssid, self._key)
            for _ in range(_UP_MS // _POLL_MS):
                if self.is_up():
                    self.status = "connected"
                    return
                reason = wlan.status()
                if reason < _FAILED_BELOW:
                    self._fail(_REASONS.get(reason) or "failed with status %d" % reason)
                await asyncio.sleep_ms(_POLL_MS)
        except OSError as error:
            self._fail(str(error))
        self._fail("no connection within %d s" % (_UP_MS // 1000))

    def _fail(self, reason: str) -> None:
        self.status = reason
        raise LineError("Wi-Fi %r: %s" % (self._ssid, reason))

    async def down(self) -> None:
        self.status = "off"
        try:
            self._wlan.disconnect()
        except OSError:
            pass  # was not connected
        try:
            self._wlan.active(False)
        except OSError:
            pass

    def is_up(self) -> bool:
        up = self._wlan.isconnected()
        try:
            self.signal_dbm = self._wlan.status("rssi") if up else None
        except OSError:
            up = False  # lost this moment
        return up

    async def reset(self) -> None:
        await self.down()

    async def power_cycle(self) -> None:
        await self.down()

    async def off(self) -> None:
        await self.down()
