"""What the builder makes is what a unit takes, and it makes nothing else."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigap.errors import PackageError
from sigap.update_package import create, public_key, version_number
from sigap_tracker.errors import UpdateError
from sigap_tracker.update.install import Installation
from sigap_tracker.update.package import FILES_MAX_BYTES, HEADER_MAX_BYTES, Package, header_length
from sigap_tracker.update.part import Part
from sigap_wire.ota import Offer

KEY = ec.derive_private_key(12345, ec.SECP256R1())
KEYS = public_key(KEY)
MAIN = {"sigap_unit.mpy": b"M"}

NAME = st.from_regex(r"[a-z0-9_]{1,8}(/[a-z0-9_]{1,8}){0,2}\.mpy", fullmatch=True)
FILES = st.dictionaries(NAME, st.binary(max_size=3000), max_size=6).map(lambda found: {**found, **MAIN})


@settings(max_examples=40, deadline=None)
@given(files=FILES, version=st.integers(2, 2**32 - 1), firmware=st.text("abc 0.1é€", min_size=1, max_size=8))
def test_a_unit_gets_every_byte(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], version: int, firmware: str
) -> None:
    content = create(files, firmware, version, KEY)
    folder = tmp_path_factory.mktemp("unit")
    part = Part(str(folder / "update.part"))
    part.begin(Offer(1, len(content), version))
    part.append([content])
    installation = Installation(part, KEYS, 0)
    assert set(installation.verify()) <= {None}
    assert installation.package is not None
    assert (installation.package.version, installation.package.firmware) == (version, firmware)
    assert set(installation.unpack(str(folder / "slot"))) <= {None}
    found = {
        str(path.relative_to(folder / "slot")): path.read_bytes()
        for path in (folder / "slot").rglob("*")
        if path.is_file()
    }
    assert found == files


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(21, 300))
@example(bytes(15), 21)
def test_any_header_is_read_or_refused_with_a_reason(rest: bytes, length: int) -> None:
    """Even if an agency's key had signed it."""
    header = b"SGU1" + length.to_bytes(2, "big") + rest.ljust(15, b"\x00")
    try:
        assert header_length(header[:6]) == length
        package = Package(header)
    except UpdateError as error:
        assert str(error)
    else:
        assert package.files


@pytest.mark.parametrize(
    ("given_files", "given_version", "words"),
    [
        ({}, 5, "sigap_unit.mpy among them"),
        ({"other.mpy": b""}, 5, "sigap_unit.mpy among them"),
        ({**MAIN, "../main.py": b""}, 5, "'../main.py'"),
        ({**MAIN, "/main.py": b""}, 5, "'/main.py'"),
        ({**MAIN, "A.mpy": b""}, 5, "'A.mpy'"),
        ({**MAIN, "x" * 65: b""}, 5, "no text of 1 to 64 bytes"),
        ({**MAIN, "x" * 300: b""}, 5, "no text of 1 to 64 bytes"),
        ({**MAIN, "big.mpy": bytes(FILES_MAX_BYTES)}, 5, f"more than {FILES_MAX_BYTES} bytes"),
        ({**MAIN, **{f"{n}.mpy": b"" for n in range(64)}}, 5, "65 files, expected at most 64"),
        ({**MAIN, **{f"{n:060}.mp": b"" for n in range(63)}}, 5, f"expected 21 to {HEADER_MAX_BYTES}"),
        (MAIN, 1, "version number 1"),
        (MAIN, 2**32, "version number 4294967296"),
    ],
)
def test_what_no_unit_would_take_is_not_made(given_files: dict[str, bytes], given_version: int, words: str) -> None:
    with pytest.raises(PackageError) as caught:
        create(given_files, "x", given_version, KEY)
    assert words in str(caught.value)


def test_names_for_people_have_their_limit() -> None:
    for firmware in ("", "x" * 33):
        with pytest.raises(PackageError):
            create(MAIN, firmware, 5, KEY)


def test_a_key_on_another_curve_is_refused() -> None:
    with pytest.raises(PackageError, match="curve secp384r1, expected P-256"):
        create(MAIN, "x", 5, ec.generate_private_key(ec.SECP384R1()))


@pytest.mark.parametrize(("version", "number"), [("0.1.0", 1000), ("1.2.3", 1_002_003), ("999.999.999", 999_999_999)])
def test_versions_are_numbers(version: str, number: int) -> None:
    assert version_number(version) == number


@pytest.mark.parametrize("version", ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.1000", "-1.2.3", "1.2.3 ", "١.2.3"])
def test_what_is_no_version(version: str) -> None:
    with pytest.raises(PackageError, match="three numbers below 1000"):
        version_number(version)


def test_a_package_names_its_key() -> None:
    assert create(MAIN, "x", 5, KEY)[6:14] == hashlib.sha256(KEYS).digest()[:8]
