"""From a whole package to a whole application in the other slot, verified at both ends.

Each function generates pauses, and raises UpdateError with what is wrong, or OSError if the file system fails.
"""

import hashlib
import os
import sys
from binascii import hexlify

from sigap_tracker.errors import UpdateError
from sigap_tracker.interfaces import Flash, Pauses
from sigap_tracker.update.package import KEY_BYTES, KEY_ID_BYTES, LEAD_BYTES, SIGNATURE_BYTES, Package, header_length
from sigap_tracker.update.part import LEAD_BYTES as OFFER_BYTES
from sigap_tracker.update.part import Part
from sigap_tracker.update.signature import verification

_STEP_BYTES = 512
_FOLDER = 0x4000  # of a file's mode
IMAGE_BEGINS = 0xE9  # esp_image_header_t of ESP-IDF


class Installation:
    """Of the package in `part`. `package` is there once verify() is through."""

    def __init__(self, part: Part, keys: bytes, floor: int) -> None:
        """
        keys    public keys that may have signed it, 64 bytes each
        floor   no lower version is taken
        """
        self.package: "Package | None" = None
        self._part = part
        self._keys = keys
        self._floor = floor

    def verify(self) -> "Pauses":
        """Signature, version, and every file against its hash; an image is not in the part file, see verify_image()."""
        with open(self._part.path, "rb") as file:
            file.seek(OFFER_BYTES)
            lead = file.read(LEAD_BYTES)
            header = lead + file.read(header_length(lead) - LEAD_BYTES)
            signature = file.read(SIGNATURE_BYTES)
            key = self._key(header[6 : 6 + KEY_ID_BYTES])
            good = None
            for good in verification(key, hashlib.sha256(header).digest(), signature):
                yield
            if not good:
                raise UpdateError("package's signature is wrong")
            package = Package(header)
            self._check_offered(package)
            if package.is_image:
                self.package = package
                return
            for name, size, digest in package.files:
                begin = file.read(min(4, size))
                if name[-4:] == ".mpy":
                    check_bytecode(name, begin)
                found = hashlib.sha256(begin)
                for data in _pieces(file, size - len(begin)):
                    found.update(data)
                    yield
                if found.digest() != digest:
                    raise UpdateError("package's file %s is not what was signed" % name)
        self.package = package

    def verify_image(self, flash: Flash) -> "Pauses":
        """As it stands in its partition."""
        package = self.package
        assert package is not None
        _, size, digest = package.files[0]
        buffer = memoryview(bytearray(_STEP_BYTES))
        found = hashlib.sha256(b"")
        for at in range(0, size, _STEP_BYTES):
            view = buffer[: min(_STEP_BYTES, size - at)]
            flash.read(at, view)
            if at == 0 and view[0] != IMAGE_BEGINS:
                raise UpdateError("image begins with 0x%02X, expected 0x%02X" % (view[0], IMAGE_BEGINS))
            found.update(view)
            yield
        if size == 0 or found.digest() != digest:
            raise UpdateError("image in the flash is not what was signed")

    def unpack(self, folder: str) -> "Pauses":
        """Into `folder`, of which nothing is kept; then read back."""
        package = self.package
        assert package is not None
        for _ in _clear(folder):
            yield
        _make_folder(folder)
        with open(self._part.path, "rb") as file:
            file.seek(OFFER_BYTES + package.header_bytes + SIGNATURE_BYTES)
            for name, size, _ in package.files:
                path = folder
                for part in name.split("/")[:-1]:
                    path = "%s/%s" % (path, part)
                    _make_folder(path)
                with open("%s/%s" % (folder, name), "wb") as made:
                    for data in _pieces(file, size):
                        made.write(data)
                        yield
        for name, size, digest in package.files:
            found = hashlib.sha256(b"")
            with open("%s/%s" % (folder, name), "rb") as file:
                for data in _pieces(file, size):
                    found.update(data)
                    yield
                whole = not file.read(1)
            if not whole or found.digest() != digest:
                raise UpdateError("file %s is not in the flash as it was written" % name)

    def _key(self, key_id: bytes) -> bytes:
        for at in range(0, len(self._keys), KEY_BYTES):
            key = self._keys[at : at + KEY_BYTES]
            if hashlib.sha256(key).digest()[:KEY_ID_BYTES] == key_id:
                return key
        raise UpdateError(
            "package is signed with key %s, which this unit does not take" % str(hexlify(key_id), "ascii")
        )

    def _check_offered(self, package: Package) -> None:
        offer = self._part.offer
        assert offer is not None
        if package.size != offer.size_bytes:
            raise UpdateError("package of %d bytes, its header says %d" % (offer.size_bytes, package.size))
        if package.version != offer.version:
            raise UpdateError("package has version %d, offered as %d" % (package.version, offer.version))
        if package.version < self._floor:
            raise UpdateError("version %d, expected %d or higher" % (package.version, self._floor))


def check_bytecode(name: str, begin: bytes) -> None:
    """A .mpy file has to be for this interpreter (MicroPython's py/persistentcode.c): its first four bytes are "M", the
    format's version, flags with a processor's number if there is machine code, and the bits of its small integers."""
    takes = getattr(sys.implementation, "_mpy", None)
    if takes is None:
        return  # no MicroPython
    bits = 31 if sys.maxsize < 1 << 32 else 63
    if len(begin) < 4 or begin[0] != 0x4D or begin[1] != takes & 0xFF or begin[2] >> 2 & 15 or begin[3] > bits:
        raise UpdateError("file %s is not for this interpreter" % name)


def _pieces(file, size: int):  # type: ignore[no-untyped-def]
    """The next `size` bytes of a file, a few at a time, in a buffer that is used again."""
    buffer = bytearray(_STEP_BYTES)
    view = memoryview(buffer)
    while size > 0:
        count = file.readinto(view[: min(size, _STEP_BYTES)])
        if not count:
            raise UpdateError("file ends %d bytes too early" % size)
        size -= count
        yield view[:count]


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there; if it cannot be made, opening a file in it says so


def _clear(folder: str) -> "Pauses":
    """Remove a folder and what is in it, if it is there."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = "%s/%s" % (folder, name)
        if os.stat(path)[0] & _FOLDER:
            for _ in _clear(path):
                yield
        else:
            os.remove(path)
            yield
    os.rmdir(folder)
