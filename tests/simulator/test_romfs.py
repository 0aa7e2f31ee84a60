"""The file system of a unit's flash, read by MicroPython itself."""

import json
from pathlib import Path

import pytest

from sigap_simulator.flash import romfs
from tests.portable.interpreters import run_micropython

READ = """
import binascii, json, os, sys, vfs
with open(sys.argv[1], "rb") as file:
    vfs.mount(vfs.VfsRom(file.read()), "/rom")
found = {}
def walk(folder):
    for name in os.listdir("/rom/" + folder):
        if os.stat("/rom/" + folder + name)[0] & 0x4000:
            walk(folder + name + "/")
            continue
        with open("/rom/" + folder + name, "rb") as file:
            found[folder + name] = binascii.hexlify(file.read()).decode()
walk("")
print(json.dumps(found))
"""


@pytest.mark.parametrize("length", [0, 1, 100, 127, 128, 129, 16383, 16384, 40000])
def test_files_of_every_length_are_read_back(tmp_path: Path, length: int) -> None:
    files = {"a.mpy": bytes(i * 7 & 0xFF for i in range(length)), "b.txt": b"second", "c/d/e": b"deep", "c/b": b"above"}
    image = romfs.image(files)
    assert len(image) % 2 == 0
    (tmp_path / "image").write_bytes(image)
    (tmp_path / "read.py").write_text(READ)
    found = json.loads(run_micropython([tmp_path / "read.py", tmp_path / "image"]))
    assert {name: bytes.fromhex(content) for name, content in found.items()} == files
