"""Makes and signs the packages that units are updated with; the unit's side is `sigap_tracker.update`."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sigap.errors import PackageError
from sigap_boot import BOOT_VERSION
from sigap_tracker.errors import UpdateError
from sigap_tracker.update import package as form
from sigap_tracker.update.install import IMAGE_BEGINS
from sigap_wire.fields import UINT32_MAX


class Content(NamedTuple):
    """What is in a package.

    package       what its header says
    boot_version  the lowest of a unit's loader that can run it
    header        its bytes
    signature     r and s
    files         path → content, each as its SHA-256 says
    """

    package: form.Package
    boot_version: int
    header: bytes
    signature: bytes
    files: dict[str, bytes]


def version_number(version: str) -> int:
    """ "1.2.3" as 1_002_003: what a unit compares. Raises PackageError."""
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and int(part) < 1000 for part in parts):
        raise PackageError(f"version {version!r}, expected three numbers below 1000 such as 1.2.3")
    major, minor, patch = map(int, parts)
    return (major * 1000 + minor) * 1000 + patch


def public_key(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """64 bytes, x and y: what a unit's settings hold in hexadecimal. Raises PackageError for another curve."""
    if not isinstance(key.curve, ec.SECP256R1):
        raise PackageError(f"key is on the curve {key.curve.name}, expected P-256")
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    numbers = public.public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def key_id(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """By which a package names the key that signed it. Raises PackageError."""
    return hashlib.sha256(public_key(key)).digest()[: form.KEY_ID_BYTES]


def version_text(version: int) -> str:
    """The other way round than version_number()."""
    return f"{version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}"


def create(
    files: Mapping[str, bytes], firmware: str, version: int, key: ec.EllipticCurvePrivateKey, boot_version: int = 1
) -> bytes:
    """A signed package.

    files         path in the slot → content; `sigap_unit.mpy` among them
    firmware      its name and version for people, at most 32 bytes
    version       a unit takes none below the highest it ever confirmed, see version_number()
    key           the agency's
    boot_version  the lowest of a unit's loader that can run it

    Raises PackageError for what no unit would take.
    """
    if not 0 < boot_version <= BOOT_VERSION:
        raise PackageError(f"loader version {boot_version}, expected 1 to {BOOT_VERSION}")
    if len(files) > form.FILES_MAX:
        raise PackageError(f"{len(files)} files, expected at most {form.FILES_MAX}")
    header = _header(form.MAGIC, files, firmware, version, key, boot_version)
    return header + sign(header, key) + b"".join(files[name] for name in sorted(files))


def create_image(image: bytes, firmware: str, version: int, key: ec.EllipticCurvePrivateKey) -> bytes:
    """A signed package with MicroPython's image for an OTA partition of an ESP32, as its build leaves it.

    version   MicroPython's, see version_number(); a unit takes none below that of the one that runs

    Raises PackageError for what no unit would take.
    """
    if image[:1] != bytes([IMAGE_BEGINS]):
        raise PackageError(f"image begins with 0x{image[:1].hex()}, expected 0x{IMAGE_BEGINS:02x}")
    header = _header(form.IMAGE_MAGIC, {form.IMAGE_FILE: image}, firmware, version, key, 1)
    return (header + sign(header, key)).ljust(form.IMAGE_AT, b"\x00") + image


def _header(
    magic: bytes,
    files: Mapping[str, bytes],
    firmware: str,
    version: int,
    key: ec.EllipticCurvePrivateKey,
    boot_version: int,
) -> bytes:
    if not 1 < version <= UINT32_MAX:
        raise PackageError(f"version number {version}, expected 2 to {UINT32_MAX}")
    names = sorted(files)
    header = b"".join(
        [
            key_id(key),
            version.to_bytes(4, "big"),
            bytes([boot_version, len(files)]),
            _text(firmware),
            *(
                _text(name) + len(files[name]).to_bytes(4, "big") + hashlib.sha256(files[name]).digest()
                for name in names
            ),
        ]
    )
    length = form.LEAD_BYTES + len(header)
    header = magic + length.to_bytes(2, "big") + header
    try:
        form.header_length(header[: form.LEAD_BYTES])
        form.Package(header)
    except UpdateError as error:
        raise PackageError(str(error)) from None
    return header


def read(content: bytes) -> Content:
    """Take a package apart; whose signature it has is not looked at, see is_signed_by(). Raises PackageError for
    anything but a whole one."""
    if len(content) < form.LEAD_BYTES:
        raise PackageError(f"no package: {len(content)} bytes")
    try:
        header = content[: form.header_length(content[: form.LEAD_BYTES])]
        package = form.Package(header)
    except (UpdateError, IndexError) as error:
        raise PackageError(str(error)) from None
    if len(content) != package.size:
        raise PackageError(f"package has {len(content)} bytes, its header says {package.size}")
    at = len(header)
    signature = content[at : at + form.SIGNATURE_BYTES]
    at = form.IMAGE_AT if package.is_image else at + form.SIGNATURE_BYTES
    files = {}
    for name, size, sha256 in package.files:
        files[name] = content[at : at + size]
        at += size
        if hashlib.sha256(files[name]).digest() != sha256:
            raise PackageError(f"package's file {name} is not what was signed")
    return Content(package, header[18], header, signature, files)


def is_signed_by(content: Content, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether a unit with that public key takes the signature."""
    r, s = (int.from_bytes(content.signature[at : at + 32], "big") for at in (0, 32))
    try:
        key.verify(encode_dss_signature(r, s), content.header, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return content.package.key_id == key_id(key)


def signed_anew(content: Content, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The same package under another key. Raises PackageError."""
    package = content.package
    if package.is_image:
        return create_image(content.files[form.IMAGE_FILE], package.firmware, package.version, key)
    return create(content.files, package.firmware, package.version, key, content.boot_version)


def sign(header: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """64 bytes: r and s."""
    # Without a random number (RFC 6979): the same package has the same bytes.
    r, s = decode_dss_signature(key.sign(header, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _text(text: str) -> bytes:
    data = text.encode()
    return bytes([min(len(data), 255)]) + data
