"""An update's package: a header that names every file with its SHA-256, the signature over that header, the files.

    magic "SGU1" · header's length u16 · key id 8 bytes · version u32 · loader's version u8 · number of files u8 ·
    firmware's name (length u8, UTF-8) · for each file: name (length u8, ASCII), size u32, SHA-256 32 bytes
    signature 64 bytes: r and s over the header's SHA-256
    the files' contents in the same order

An image of the interpreter has magic "SGI1" and one file, IMAGE_FILE, which begins IMAGE_AT bytes after the package.

Numbers are big-endian. The whole is described in docs/update.md.
"""

from sigap_boot import APPLICATION, BOOT_VERSION
from sigap_tracker.errors import UpdateError

MAGIC = b"SGU1"
IMAGE_MAGIC = b"SGI1"
IMAGE_FILE = "micropython.bin"
IMAGE_AT = 4096  # in the package; before it the header, the signature and zeros
LEAD_BYTES = 6  # magic and header's length
FIXED_BYTES = 21  # all before the names
KEY_ID_BYTES = 8
KEY_BYTES = 64  # x and y
HASH_BYTES = 32
SIGNATURE_BYTES = 64
HEADER_MAX_BYTES = 4096
FILES_MAX_BYTES = 120 * 1024  # of contents, as much as a slot is meant to hold
PACKAGE_MAX_BYTES = HEADER_MAX_BYTES + SIGNATURE_BYTES + FILES_MAX_BYTES
FILES_MAX = 64
NAME_MAX_BYTES = 64
FIRMWARE_MAX_BYTES = 32
MAIN_FILE = APPLICATION + ".mpy"
_NAME_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789_./"


class Package:
    """What a header says.

    files      [(name, size in bytes, SHA-256), …] in the order of their contents
    is_image   whether it is the interpreter's image
    """

    def __init__(self, header: bytes) -> None:
        """`header` as cut by header_length(). Raises UpdateError with what is wrong."""
        self.header_bytes = len(header)
        self.is_image = header[:4] == IMAGE_MAGIC
        self.key_id = header[6:14]
        self.version = int.from_bytes(header[14:18], "big")
        if header[18] > BOOT_VERSION:
            raise UpdateError("package needs loader %d, this is %d" % (header[18], BOOT_VERSION))
        at, self.firmware = _text(header, FIXED_BYTES - 1, FIRMWARE_MAX_BYTES)
        self.files: "list[tuple[str, int, bytes]]" = []
        names = set()
        for _ in range(header[19]):
            at, name = _text(header, at, NAME_MAX_BYTES)
            check_name(name)
            end = at + 4 + HASH_BYTES
            if end > len(header):
                raise UpdateError("package's header cut short")
            self.files.append((name, int.from_bytes(header[at : at + 4], "big"), header[at + 4 : end]))
            names.add(name)
            at = end
        if at != len(header):
            raise UpdateError("package's header has %d bytes too many" % (len(header) - at))
        if self.is_image:
            if header[19] != 1 or IMAGE_FILE not in names or len(header) + SIGNATURE_BYTES > IMAGE_AT:
                raise UpdateError("package of an image needs one file, %s" % IMAGE_FILE)
            self.size = IMAGE_AT + self.files[0][1]
            return
        if len(names) != len(self.files) or len(names) > FILES_MAX or MAIN_FILE not in names:
            raise UpdateError("package needs at most %d different files, %s among them" % (FILES_MAX, MAIN_FILE))
        self.size = self.header_bytes + SIGNATURE_BYTES + sum([size for _, size, _ in self.files])
        if self.size > self.header_bytes + SIGNATURE_BYTES + FILES_MAX_BYTES:
            raise UpdateError("package's files have more than %d bytes" % FILES_MAX_BYTES)


def header_length(lead: bytes) -> int:
    """Of the header that begins with these LEAD_BYTES. Raises UpdateError."""
    if lead[:4] not in (MAGIC, IMAGE_MAGIC):
        raise UpdateError("no package: it begins with %r, expected %r" % (bytes(lead[:4]), MAGIC))
    length = int.from_bytes(lead[4:6], "big")
    if not FIXED_BYTES <= length <= HEADER_MAX_BYTES:
        raise UpdateError("package's header has %d bytes, expected %d to %d" % (length, FIXED_BYTES, HEADER_MAX_BYTES))
    return length


def check_name(name: str) -> None:
    """A path below the slot's folder and nothing else. Raises UpdateError."""
    good = not name.strip(_NAME_CHARS)
    for part in name.split("/"):
        good = good and part not in ("", ".", "..")
    if not good:
        raise UpdateError("file name %r, expected a relative path of a-z, 0-9, _ and ." % name)


def _text(header: bytes, at: int, max_bytes: int) -> "tuple[int, str]":
    """(index behind it, text) of a length and so many bytes."""
    length = header[at] if at < len(header) else 0
    end = at + 1 + length
    if not 0 < length <= max_bytes or end > len(header):
        raise UpdateError("package's header has no text of 1 to %d bytes at %d" % (max_bytes, at))
    try:
        return end, str(header[at + 1 : end], "utf-8")
    except ValueError:  # UnicodeError is one
        raise UpdateError("package's header has no UTF-8 at %d" % at)
