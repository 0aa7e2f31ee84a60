"""A package's way from the file it came in to the slot, and everything that it is refused for on the way."""

import os

from sigap_tracker.errors import UpdateError
from sigap_tracker.update.install import Installation, check_bytecode
from sigap_tracker.update.package import check_name
from sigap_tracker.update.part import Part
from sigap_wire.ota import Offer
from tests.portable import update_case as case
from tests.portable.checks import error_of
from tests.portable.scratch import folder

FILES = sorted(case.CONTENTS.items())


def arrived(content, version=case.VERSION):
    part = Part(folder() + "/update.part")
    part.begin(Offer(7, len(content), version))
    part.append([content])
    return part


def verify(part, keys=case.KEYS, floor=0):
    installation = Installation(part, keys, floor)
    for _ in installation.verify():
        pass
    return installation


def reason(content, **given):
    """Why this is refused."""
    version = given.pop("offered", case.VERSION)
    return error_of(UpdateError, verify, arrived(content, version), **given)


def resigned(head):
    return head + case.signed(head) + b"".join([content for _, content in FILES])


def read(path):
    with open(path, "rb") as file:
        return file.read()


def test_a_package_gets_into_the_slot_whole():
    part = arrived(case.PACKAGE)
    installation = verify(part)
    assert installation.package.firmware == "test 0.2.0"
    slot = part.path.replace("update.part", "slot_b")
    for _ in installation.unpack(slot):
        pass
    for name, content in FILES:
        assert read(slot + "/" + name) == content
    assert sorted(os.listdir(slot)) == ["lib", "sigap_unit.mpy"]


def test_what_was_in_the_slot_is_gone():
    part = arrived(case.PACKAGE)
    slot = part.path.replace("update.part", "slot_b")
    os.mkdir(slot)
    os.mkdir(slot + "/deep")
    os.mkdir(slot + "/deep/er")
    for name in ("old.mpy", "deep/er/b.mpy", "sigap_unit.mpy"):
        with open(slot + "/" + name, "wb") as file:
            file.write(b"x" * 100000 if name[0] == "s" else b"x")
    installation = verify(part)
    for _ in installation.unpack(slot):
        pass
    assert sorted(os.listdir(slot)) == ["lib", "sigap_unit.mpy"]
    assert read(slot + "/sigap_unit.mpy") == case.CONTENTS["sigap_unit.mpy"]


def test_the_second_key_is_as_good():
    assert verify(arrived(case.PACKAGE), bytes(64) + case.KEYS).package.version == case.VERSION


def test_no_other_key_is():
    assert "signed with key" in reason(case.PACKAGE, keys=bytes(range(64)))
    assert "signed with key" in reason(case.PACKAGE, keys=b"")


def test_a_key_that_is_named_and_did_not_sign():
    other = bytes(range(64))  # no point of the curve, and the header may well name it
    head = case.header(FILES, key=other)
    assert reason(resigned(head), keys=other) == "package's signature is wrong"


def test_every_byte_of_the_header_is_signed():
    length = len(case.header(FILES))
    places = list(range(0, length, 13))
    places.extend((length, length + 40, length + 63))
    for at in places:
        wrong = bytearray(case.PACKAGE)
        wrong[at] ^= 1
        assert reason(bytes(wrong)), at


def test_every_file_is_what_was_signed():
    length = len(case.header(FILES)) + 64
    for at in (length + 10, length + 700, len(case.PACKAGE) - 1):
        wrong = bytearray(case.PACKAGE)
        wrong[at] ^= 0x80
        assert "is not what was signed" in reason(bytes(wrong)), at


def test_a_package_that_is_cut_short_or_too_long():
    length = len(case.header(FILES))
    for end in (0, 5, 6, 30, length - 1, length + 10, length + 64, length + 65, len(case.PACKAGE) - 1):
        assert reason(case.PACKAGE[:end] or b"x"), end
    assert "its header says" in reason(case.PACKAGE + b"x")


def test_something_else():
    assert reason(b"PK\x03\x04" + bytes(500)) == "no package: it begins with b'PK\\x03\\x04', expected b'SGU1'"
    assert "header has 65535 bytes, expected 21 to 4096" in reason(b"SGU1\xff\xff" + bytes(500))


def test_the_floor():
    assert reason(case.PACKAGE, floor=case.VERSION + 1) == "version 2000, expected 2001 or higher"
    assert verify(arrived(case.PACKAGE), floor=case.VERSION).package.version == 2000


def test_a_version_other_than_offered():
    assert reason(case.PACKAGE, offered=3000) == "package has version 2000, offered as 3000"


def test_a_loader_that_is_too_old():
    assert reason(resigned(case.header(FILES, boot_version=2))) == "package needs loader 2, this is 1"


def test_names_that_lead_elsewhere():
    for name in (
        "",
        "/a",
        "a/",
        "a//b",
        "../a",
        "a/../b",
        ".",
        "..",
        "./a",
        "a/.",
        "A",
        "a b",
        "a\\b",
        "é",
        "a:b",
        "a\0",
    ):
        assert error_of(UpdateError, check_name, name), name
    for name in ("a", "a.mpy", "a_1/b.mpy", "a/b/c", ".a", "a..b", "..a"):
        check_name(name)
    files = list(FILES)
    files.append(("../main.py", b"x"))
    assert "'../main.py'" in reason(resigned(case.header(files)))


def test_signed_nonsense():
    """A key's owner may err, too: nothing but a clear word comes of it."""
    head = case.header(FILES)
    cut = head[:4] + (len(head) - 5).to_bytes(2, "big") + head[6:-5]
    more = head[:4] + (len(head) + 5).to_bytes(2, "big") + head[6:] + b"12345"
    assert reason(resigned(cut)) == "package's header cut short"
    assert reason(resigned(more)) == "package's header has 5 bytes too many"
    assert "different files" in reason(resigned(case.header(FILES + FILES[:1])))
    assert "sigap_unit.mpy among them" in reason(resigned(case.header(FILES[:2])))
    assert "no text of 1 to 32 bytes" in reason(resigned(case.header(FILES, firmware=b"")))
    assert "no text of 1 to 32 bytes" in reason(resigned(case.header(FILES, firmware=b"x" * 33)))
    assert "no UTF-8" in reason(resigned(case.header(FILES, firmware=b"\xff\xfe")))
    sizes = [122000, 600, 600]
    assert "more than 122880 bytes" in reason(resigned(case.header(FILES, sizes=sizes)))


def test_bytecode_of_another_interpreter():
    check_bytecode("a.mpy", case.CONTENTS["lib/empty.mpy"])
    try:
        import micropython  # noqa: F401
    except ImportError:
        return
    for begin in (b"", b"M\x06", b"M\x05\x00\x1f", b"X\x06\x00\x1f", b"M\x06\x0c\x1f", b"M\x06\x00\x7f"):
        assert error_of(UpdateError, check_bytecode, "a.mpy", begin) == "file a.mpy is not for this interpreter", begin


def test_flash_that_does_not_keep_what_is_written():
    part = arrived(case.PACKAGE)
    installation = verify(part)
    slot = part.path.replace("update.part", "slot_b")
    steps = installation.unpack(slot)
    path = slot + "/sigap_unit.mpy"
    said = ""
    damaged = False
    try:
        for _ in steps:
            if not damaged and "slot_b" in os.listdir(part.path.rsplit("/", 1)[0]) and "lib" in os.listdir(slot):
                damaged = spoil(path)
    except UpdateError as error:
        said = str(error)
    assert damaged
    assert said == "file sigap_unit.mpy is not in the flash as it was written"


def spoil(path):
    """Change a byte once the file is all there."""
    size = len(case.CONTENTS["sigap_unit.mpy"])
    try:
        if os.stat(path)[6] != size:
            return False
    except OSError:
        return False
    with open(path, "r+b") as file:
        file.seek(size - 3)
        file.write(b"!")
    return True
