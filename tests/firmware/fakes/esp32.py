"""As much of the module `esp32` as the firmware uses, its flash in files of the folder. See bench.py.

The chip has two partitions for an application if the folder has ota_0.flash and ota_1.flash, and starts one of them as
ESP-IDF's bootloader does: an image that was not confirmed by its next start gives way to the one before, unless
SIGAP_BENCH_ROLLBACK is 0. An image is taken that begins with 0xE9 and a number of segments, 1 to 16; one with the word
PANIC at its begin does not come as far as to run a program.
"""

import json
import os

import bench

_SECTOR = 4096
_SECTORS = 256


class Partition:
    BOOT, RUNNING = 0, 1
    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, which):
        if isinstance(which, int):
            number = _running if which == Partition.RUNNING else _otadata()["boot"]
            which = f"ota_{number}"
        self._label = which
        self._file = _opened(which)
        self._sectors = self._file.seek(0, 2) // _SECTOR

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, *, label=None):
        if type == Partition.TYPE_APP and label is None and subtype - 0x10 in (0, 1) and _has_two():
            return [Partition(f"ota_{subtype - 0x10}")]
        if type != Partition.TYPE_DATA or label != "sigap":
            return []
        try:
            os.stat("sigap.flash")
        except OSError:
            with open("sigap.flash", "wb") as file:
                for _ in range(_SECTORS):
                    file.write(b"\xff" * _SECTOR)
        return [Partition(label)]

    def readblocks(self, block, buffer, offset):
        self._seek(block, offset, len(buffer))
        assert self._file.readinto(buffer) == len(buffer)

    def writeblocks(self, block, data, offset):
        """Clears bits, and sets none."""
        self._seek(block, offset, len(data))
        found = bytearray(len(data))
        self._file.readinto(found)
        for i in range(len(found)):
            assert found[i] & data[i] == data[i], "bits set without an erase"
        self._seek(block, offset, len(data))
        self._file.write(data)
        self._file.flush()

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._sectors
        assert operation == 6
        self._seek(argument, 0, _SECTOR)
        self._file.write(b"\xff" * _SECTOR)
        self._file.flush()
        return 0

    def _seek(self, block, offset, length):
        if not 0 <= block * _SECTOR + offset <= self._sectors * _SECTOR - length:
            raise OSError(-258)  # ESP_ERR_INVALID_ARG
        self._file.seek(block * _SECTOR + offset)

    def info(self):
        if not self._label.startswith("ota_"):
            return Partition.TYPE_DATA, 6, 0x300000, self._sectors * _SECTOR, self._label, False
        number = int(self._label[-1])
        return Partition.TYPE_APP, 0x10 + number, 0x10000, self._sectors * _SECTOR, self._label, False

    def get_next_update(self):
        if not _has_two():
            raise OSError(2)
        return Partition(f"ota_{1 - self.info()[1] % 16}")

    def set_boot(self):
        number = self.info()[1] % 16
        if not _is_image(number):
            raise OSError(-0x1503)  # ESP_ERR_OTA_VALIDATE_FAILED
        _keep({"boot": number, "state": "new"})
        bench.did("set boot", partition=number)

    @staticmethod
    def mark_app_valid_cancel_rollback():
        if not _ROLLBACK:
            raise OSError(-261)  # ESP_ERR_NOT_SUPPORTED
        _keep({"boot": _running, "state": "valid"})
        bench.did("marked valid", partition=_running)


def _opened(label):
    return open(label + ".flash", "r+b")


def _has_two():
    try:
        return bool(os.stat("ota_0.flash") and os.stat("ota_1.flash"))
    except OSError:
        return False


def _begin(number):
    with open(f"ota_{number}.flash", "rb") as file:
        return file.read(64)


def _is_image(number):
    begin = _begin(number)
    return begin[0] == 0xE9 and 1 <= begin[1] <= 16


def _otadata():
    try:
        with open("otadata.json") as file:
            return json.load(file)
    except OSError:
        return {"boot": 0, "state": "valid"}


def _keep(data):
    with open("otadata.json.new", "w") as file:
        json.dump(data, file)
    os.rename("otadata.json.new", "otadata.json")


def _boot():
    """What the bootloader does, before any program."""
    data = _otadata()
    if not _has_two():
        return 0
    if not _is_image(data["boot"]) or (data["state"] == "pending" and _ROLLBACK):
        data = {"boot": 1 - data["boot"], "state": "valid"}
    elif data["state"] == "new":
        data["state"] = "pending"
    _keep(data)
    bench.did("booted", partition=data["boot"])
    if b"PANIC" in _begin(data["boot"]):
        bench.end("panic")
    return data["boot"]


_ROLLBACK = (os.getenv("SIGAP_BENCH_ROLLBACK") or "1") == "1"
_running = _boot()


class NVS:
    def __init__(self, namespace):
        self._path = namespace + ".nvs"
        try:
            with open(self._path) as file:
                self._values = json.load(file)
        except OSError:
            self._values = {}

    def get_i32(self, key):
        if key not in self._values:
            raise OSError(-4354)  # ESP_ERR_NVS_NOT_FOUND
        return self._values[key]

    def set_i32(self, key, value):
        self._values[key] = value

    def commit(self):
        with open(self._path, "w") as file:
            json.dump(self._values, file)


def wake_on_ext0(pin, level):
    assert isinstance(level, bool)
    bench.did("wake on", pin=pin.id, level=int(level))
