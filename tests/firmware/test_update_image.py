"""Images of the interpreter: what the builder makes is what a unit takes, over any line and any power cuts."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from sigap.errors import PackageError
from sigap.update_package import create_image, public_key
from sigap_tracker.update.download import Download
from sigap_tracker.update.install import Installation
from sigap_tracker.update.part import Part
from sigap_wire.ota import Chunk, Offer
from tests.portable.nor_flash import NorFlash, PowerCutError

KEY = ec.derive_private_key(12345, ec.SECP256R1())
KEYS = public_key(KEY)
VERSION = 1_030_000
SECTORS = 5


class Life:
    """A unit between two power cuts."""

    def __init__(self, path: str, flash: NorFlash, content: bytes) -> None:
        self.part = Part(path, flash)
        self.download = Download(self.part)
        self.download.offer(Offer(1, len(content), VERSION), 0, SECTORS * 4096)
        self.content = content

    def takes(self, offset: int, size: int) -> None:
        """A chunk, right or not so right now."""
        data = self.content[offset : offset + size]
        if data:
            self.download.chunk(Chunk(1, offset, data))
        if self.part.is_waiting():
            for _ in Installation(self.part, KEYS, 0).verify():
                pass
            self.part.verified = True
            self.download.ask()


@settings(max_examples=60, deadline=None)
@given(
    rest=st.binary(max_size=300),
    size=st.integers(1, SECTORS * 4096),
    cuts=st.lists(st.integers(0, 12), max_size=6),
    noise=st.lists(st.tuples(st.integers(0, 25000), st.integers(1, 512)), max_size=12),
    seed=st.integers(0, 2**16),
)
def test_every_byte_gets_there(
    tmp_path_factory: pytest.TempPathFactory,
    rest: bytes,
    size: int,
    cuts: list[int],
    noise: list[tuple[int, int]],
    seed: int,
) -> None:
    image = (b"\xe9" + rest * (size // max(1, len(rest)))).ljust(size, b"\x5a")[:size]
    content = create_image(image, "micropython 1.30.0", VERSION, KEY)
    path = str(tmp_path_factory.mktemp("unit") / "update.part")
    flash = NorFlash(SECTORS, seed)
    there = 0
    for cut_at in [*cuts, None]:
        flash.power_on(cut_at)
        life = Life(path, flash, content)
        assert life.part.size_bytes >= there, "what was there is there"
        try:
            life.takes(0, 0)  # the header may have come before
            while not life.part.is_whole():
                for offset, length in noise:
                    life.takes(offset, length)
                wanted = life.download.take_wanted()
                for offset in range(max(wanted, life.part.size_bytes), len(content), 512):
                    life.takes(offset, 512)
                there = life.part.size_bytes
        except PowerCutError:
            there = Part(path, flash).size_bytes
    flash.power_on()
    part = Part(path, flash)
    installation = Installation(part, KEYS, VERSION)
    assert set(installation.verify()) <= {None}
    assert set(installation.verify_image(flash)) == {None}
    assert bytes(flash.content[:size]) == image


def test_what_is_no_image_is_not_packed() -> None:
    for image in (b"", b"M\x06", b"\x7fELF"):
        with pytest.raises(PackageError, match="expected 0xe9"):
            create_image(image, "micropython 1.30.0", VERSION, KEY)
    with pytest.raises(PackageError, match="version number 1"):
        create_image(b"\xe9", "x", 1, KEY)
    with pytest.raises(PackageError, match="no text of 1 to 32 bytes"):
        create_image(b"\xe9", "x" * 33, VERSION, KEY)


def test_the_image_begins_on_a_sector() -> None:
    content = create_image(b"\xe9image", "micropython 1.30.0", VERSION, KEY)
    assert content[:4] == b"SGI1"
    assert content[4096:] == b"\xe9image"
