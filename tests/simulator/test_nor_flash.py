"""The flash in memory keeps NOR's rules, as the one of the power-cut tests does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_simulator.nor_flash import NorFlash
from sigap_tracker.storage.flash_map import SECTOR_BYTES

SECTORS = 3
writes = st.tuples(st.integers(0, SECTORS * SECTOR_BYTES - 600), st.binary(max_size=600))


@given(steps=st.lists(st.one_of(writes, st.integers(0, SECTORS - 1)), max_size=12))
def test_writes_clear_bits_and_erases_set_them(steps: list[tuple[int, bytes] | int]) -> None:
    flash = NorFlash(SECTORS)
    expected = bytearray(b"\xff" * SECTORS * SECTOR_BYTES)
    for step in steps:
        if isinstance(step, int):
            flash.erase(step)
            expected[step * SECTOR_BYTES : (step + 1) * SECTOR_BYTES] = b"\xff" * SECTOR_BYTES
        else:
            at, data = step
            flash.write(at, data)
            for i, byte in enumerate(data, at):
                expected[i] &= byte
    found = bytearray(SECTORS * SECTOR_BYTES)
    flash.read(0, found)
    assert found == expected


@pytest.mark.parametrize("at", [-1, SECTORS * SECTOR_BYTES - 1])
def test_what_is_outside_is_an_error(at: int) -> None:
    with pytest.raises(OSError, match="of a flash of 3 sectors"):
        NorFlash(SECTORS).read(at, bytearray(2))
    with pytest.raises(OSError, match="2 bytes at"):
        NorFlash(SECTORS).write(at, b"xx")
