"""As much of the module `esp32` as the firmware uses, its flash in files of the folder. See bench.py."""

import json
import os

import bench

_SECTOR = 4096
_SECTORS = 256


class Partition:
    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, label):
        self._file = open(label + ".flash", "r+b")  # noqa: SIM115 - until the process ends

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, *, label=None):
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
            return _SECTORS
        assert operation == 6
        self._seek(argument, 0, _SECTOR)
        self._file.write(b"\xff" * _SECTOR)
        self._file.flush()
        return 0

    def _seek(self, block, offset, length):
        if not 0 <= block * _SECTOR + offset <= _SECTORS * _SECTOR - length:
            raise OSError(-258)  # ESP_ERR_INVALID_ARG
        self._file.seek(block * _SECTOR + offset)


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
