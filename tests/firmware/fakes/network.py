"""As much of an ESP32's `network` as the firmware uses. See bench.py."""

import time

import bench

_CONNECT_MS = 50
_IDLE, _CONNECTING, _CONNECTED, _NO_NETWORK, _WRONG_PASSWORD = 1000, 1001, 1010, 201, 202


def hostname(name):
    assert 0 < len(name) <= 32
    bench.did("hostname", name=name)


class WLAN:
    IF_STA, IF_AP = 0, 1

    def __init__(self, interface):
        assert interface == WLAN.IF_STA
        self._active = False
        self._wanted = None
        self._since_ms = 0

    def active(self, is_active):
        self._active = is_active
        if not is_active:
            self._wanted = None

    def config(self, **parameters):
        assert self._active, "OSError(0x3001): Wi-Fi is not started"
        bench.did("wifi config", **parameters)

    def connect(self, ssid, key):
        if not self._active:
            raise OSError("Wifi Not Started")
        bench.did("wifi connect", ssid=ssid)
        self._wanted = [ssid, key]
        self._since_ms = time.ticks_ms()

    def disconnect(self):
        if not self._active:
            raise OSError("Wifi Not Started")
        self._wanted = None

    def isconnected(self):
        return self.status() == _CONNECTED

    def status(self, what=None):
        if what == "rssi":
            return -61
        if self._wanted is None:
            return _IDLE
        if time.ticks_diff(time.ticks_ms(), self._since_ms) < _CONNECT_MS:
            return _CONNECTING
        if self._wanted in bench.networks:
            return _CONNECTED
        return _WRONG_PASSWORD if self._wanted[0] in [ssid for ssid, _ in bench.networks] else _NO_NETWORK


class PPP:
    """Over a UART whose modem has said CONNECT: connected after a moment, until it is taken down."""

    SEC_NONE, SEC_PAP, SEC_CHAP = range(3)

    def __init__(self, stream):
        assert hasattr(stream, "irq")
        assert hasattr(stream, "IRQ_RXIDLE")
        self._connected_ms = None

    def connect(self, *, security=SEC_NONE, user=None, key=None):
        assert security == PPP.SEC_NONE or (user and key is not None)
        bench.did("ppp", security=security, user=user)
        self._connected_ms = time.ticks_ms() + _CONNECT_MS

    def isconnected(self):
        return self._connected_ms is not None and time.ticks_diff(time.ticks_ms(), self._connected_ms) >= 0

    def disconnect(self):
        bench.did("ppp end")
        self._connected_ms = None

    def __del__(self):
        pass
