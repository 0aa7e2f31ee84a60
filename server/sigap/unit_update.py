"""`sigap unit update`: packages that bring units a new version over the air (docs/update.md)."""

from __future__ import annotations

import json as json_format
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigap.errors import PackageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

update = typer.Typer(name="update", help="Packages that units are updated with.", no_args_is_help=True)

_Package = Annotated[Path, typer.Argument(help="A package.", exists=True, dir_okay=False)]
_Key = Annotated[Path, typer.Option("--key", help="The agency's private key, a PEM file.", exists=True, dir_okay=False)]
_Out = Annotated[Path, typer.Option("--out", help="File to write the package to.", dir_okay=False)]


@update.command()
def keygen(out: Annotated[Path, typer.Option(help="File for the private key; must not exist yet.")]) -> None:
    """Make an agency's key: the private one to sign with, and the public one for the units' settings."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from sigap.update_package import public_key

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # Never over another key: units may know no other.
    with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    print(f"{out}: the private key; keep it where nobody else reads it")
    print(f"update.key = {public_key(key).hex()}")


@update.command()
def create(
    version: Annotated[str, typer.Option(help="Of what is packed, such as 1.2.3; no unit goes back to a lower one.")],
    key: _Key,
    out: _Out,
    board: Annotated[str, typer.Option(help="For units on this board, as `sigap board list` names it.")] = "",
    image: Annotated[
        Path | None,
        typer.Option(help="Pack this image of MicroPython instead of the unit's program.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Build the unit's program and sign it. The same sources, version and key give the same package."""
    from sigap.boards.definition import load
    from sigap.boards.unit_files import application
    from sigap.update_package import create as packed
    from sigap.update_package import create_image, version_number

    number = version_number(version)
    signer = _private_key(key)
    if image is not None:
        content = create_image(image.read_bytes(), f"micropython {version}", number, signer)
    elif board:
        load(board)
        firmware = f"sigap-tracker {version}"
        content = packed(application(firmware), firmware, number, signer)
    else:
        raise PackageError("nothing to pack: expected --board or --image")
    _write(out, content)


@update.command()
def sign(package: _Package, key: _Key, out: _Out) -> None:
    """Sign a package with another key: of another agency, or the one that comes after the present one."""
    from sigap.update_package import read, signed_anew

    _write(out, signed_anew(read(package.read_bytes()), _private_key(key)))


@update.command()
def show(
    package: _Package,
    key: Annotated[
        Path | None, typer.Option(help="Check the signature with this key, public or private, a PEM file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check that a package is whole and say what is in it."""
    from sigap.update_package import is_signed_by, key_id, read, version_text

    found = read(package.read_bytes())
    header = found.package
    if key is not None:
        public = _public_key(key)
        if not is_signed_by(found, public):
            named = "names that key and is wrong" if header.key_id == key_id(public) else "is another key's"
            raise PackageError(f"{package}: its signature {named}; {key} is {key_id(public).hex()}")
    said = {
        "kind": "image" if header.is_image else "program",
        "firmware": header.firmware,
        "version": version_text(header.version),
        "bytes": header.size,
        "loader": found.boot_version,
        "key": header.key_id.hex(),
        "signature": "not checked" if key is None else "right",
    }
    files = {name: size for name, size, _ in header.files}
    if json:
        print(json_format.dumps({**said, "files": files}))
        return
    for name, value in said.items():
        print(f"{name:<11}{value}")
    for name, size in files.items():
        print(f"{size:>9}  {name}")


def _write(out: Path, content: bytes) -> None:
    out.write_bytes(content)
    print(f"{out}: {len(content)} bytes")


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:  # TypeError: it is encrypted
        raise PackageError(f"{path} holds no private key in PEM that needs no password: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PackageError(f"{path} holds a key of another kind, expected one on the curve P-256")
    return key


def _public_key(path: Path) -> ec.EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = path.read_bytes()
    if b"PRIVATE KEY" in content:
        return _private_key(path).public_key()
    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise PackageError(f"{path} holds no key in PEM: {error}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise PackageError(f"{path} holds a key of another kind, expected one on the curve P-256")
    return key
