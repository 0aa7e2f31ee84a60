"""What is flashed to a unit: what of its board the firmware has to know, and all that lies in its file system."""

import json

from sigap.boards.build_time import build_time_s
from sigap.boards.definition import SECTIONS, Board, folder
from sigap.errors import CommandError
from sigap_boot import SLOT_FOLDERS
from sigap_simulator.flash import image
from sigap_simulator.flash.linker import LinkError

_SMALL_INT_BITS = 31


def board_json(board: Board) -> str:
    """The sections of the board's TOML, without what only people and tools need."""
    given = board.model_dump(exclude_none=True)
    return json.dumps({section: given[section] for section in SECTIONS if section in given}, indent=1) + "\n"


def application(firmware: str | None = None) -> dict[str, bytes]:
    """Path in a slot → content of the unit's program, with the time it was made; `firmware` is its name and version
    where those are not the sources'. Raises CommandError where it cannot be made."""
    constants: dict[str, int | str] = {"sigap_tracker.build:BUILD_TIME_S": build_time_s()}
    if firmware is not None:
        constants["sigap_tracker:FIRMWARE"] = firmware
    try:
        return image.application(image.ESP32_ROOTS, _SMALL_INT_BITS, in_ram=True, constants=constants)
    except (image.ImageError, LinkError) as error:
        raise CommandError(f"the firmware cannot be compiled: {error}") from error


def file_system(board: Board) -> dict[str, bytes]:
    """Path → content of a new unit's files, all but its settings. Raises CommandError where they cannot be made."""
    program = application()
    try:
        loader = image.loader(_SMALL_INT_BITS)
    except image.ImageError as error:
        raise CommandError(f"the firmware cannot be compiled: {error}") from error
    return {
        "main.py": (folder() / "main.py").read_bytes(),
        "board.json": board_json(board).encode(),
        **loader,
        **{f"{SLOT_FOLDERS[0]}/{name}": content for name, content in program.items()},
    }
