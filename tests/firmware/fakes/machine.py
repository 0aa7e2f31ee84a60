"""As much of an ESP32's `machine` as the firmware uses, with the arguments that the port takes. See bench.py."""

import io
import select
import termios
import time

import bench

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = range(1, 6)


class Pin:
    IN, OUT = 1, 3
    PULL_UP, PULL_DOWN = 2, 1
    IRQ_RISING, IRQ_FALLING = 1, 2

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        bench.check_pin(id)
        if mode == Pin.OUT and id in bench.INPUT_ONLY:
            raise ValueError("pin can only be input")
        self.id = id
        self._mode = mode
        self._resting = 1 if pull == Pin.PULL_UP else 0
        if mode != -1:
            bench.take(id, "output" if mode == Pin.OUT else "input")
        if value is not None:
            self._drive(value)

    def value(self, level=None):
        if level is not None:
            assert self._mode == Pin.OUT, f"GPIO {self.id} is no output"
            self._drive(level)
            return None
        return bench.levels.get(self.id, self._resting)

    def _drive(self, level):
        bench.levels[self.id] = int(level)
        bench.did("pin", pin=self.id, level=int(level))

    def irq(self, handler=None, trigger=IRQ_RISING | IRQ_FALLING):
        bench.irqs[self.id] = (self, handler, trigger)


class Signal:
    def __init__(self, pin, *, invert=False):
        self._pin = pin
        self._invert = bool(invert)

    def on(self):
        self._pin.value(not self._invert)

    def off(self):
        self._pin.value(self._invert)

    def value(self, level=None):
        if level is not None:
            return self._pin.value(bool(level) != self._invert)
        return int(bool(self._pin.value()) != self._invert)


class I2C:
    def __init__(self, id, *, scl, sda, freq=400000, timeout=50000):
        assert id in (0, 1)
        bench.take(scl.id, "scl")
        bench.take(sda.id, "sda")
        bench.did("i2c", id=id, frequency_hz=freq)

    def writeto(self, address, data, stop=True):
        try:
            return bench.panel.writeto(address, data, stop)
        except OSError:
            bench.did("nack")
            raise


class PWM:
    def __init__(self, pin, *, freq=5000, duty_u16=32768):
        bench.take(pin.id, "tone")
        self._frequency_hz = freq
        self._says = None
        self.duty_u16(duty_u16)

    def init(self, *, freq=None, duty_u16=None):
        if freq is not None:
            assert 1 <= freq <= 40000000
            self._frequency_hz = freq
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def duty_u16(self, value):
        assert 0 <= value <= 65535
        says = self._frequency_hz if value else 0
        if says != self._says:
            self._says = says
            bench.did("tone", frequency_hz=says)


class ADC:
    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = range(4)

    def __init__(self, pin, *, atten=ATTN_0DB):
        bench.take(pin.id, "analogue")
        self._pin = pin
        self._full_uv = 3100000 if atten == ADC.ATTN_11DB else 950000

    def read_uv(self):
        return min(bench.microvolts.get(self._pin.id, 0), self._full_uv)


class UART(io.IOBase):
    """A pseudo-terminal. As on the chip with timeout=0, a read takes what is there and a write what fits."""

    IRQ_RXIDLE = 4096

    def __init__(self, id, baudrate, *, tx, rx, rxbuf=256, txbuf=256, timeout=0):
        assert id in (1, 2), "UART 0 is the console"
        assert timeout == 0, "a read would hold all tasks up"
        bench.check_pin(tx)
        bench.check_pin(rx)
        bench.take(tx, f"uart {id} tx")
        bench.take(rx, f"uart {id} rx")
        self._line = open(bench.uarts[str(id)], "r+b", 0)  # noqa: SIM115 - until the process ends
        if bench.uarts[str(id)] != "/dev/null":
            termios.setraw(self._line.fileno())
            attributes = termios.tcgetattr(self._line.fileno())
            attributes[6] = [0 if isinstance(item, int) else item for item in attributes[6]]  # VMIN, VTIME
            termios.tcsetattr(self._line.fileno(), termios.TCSANOW, attributes)
        self._poll = select.poll()
        self._poll.register(self._line, select.POLLIN)
        bench.did("uart", id=id, baud=baudrate, rxbuf=rxbuf)

    def any(self):
        return 1 if self._poll.poll(0) else 0

    def readinto(self, buffer):
        return self._line.readinto(buffer) if self.any() else None

    def write(self, data):
        return self._line.write(data)

    def irq(self, handler=None, trigger=0):
        pass

    def ioctl(self, request, argument):
        return self._line.fileno() if request == 10 else 0  # MP_STREAM_GET_FILENO: asyncio polls it


class WDT:
    def __init__(self, *, timeout):
        self._timeout_ms = timeout
        self._fed_ms = time.ticks_ms()
        bench.did("watchdog", timeout_ms=timeout)

    def feed(self):
        now_ms = time.ticks_ms()
        if time.ticks_diff(now_ms, self._fed_ms) > self._timeout_ms:
            bench.end("watchdog reset")
        self._fed_ms = now_ms


class RTC:
    def datetime(self, values):
        assert len(values) == 8
        bench.did("clock", datetime=values)


def reset_cause():
    return bench.reset_cause


def reset():
    bench.end("reset")


def deepsleep(time_ms=None):
    bench.end("deepsleep", time_ms=time_ms)
