"""board.json: what the firmware on a board has to know of it."""

import json

from sigap.boards.definition import SECTIONS, Board


def board_json(board: Board) -> str:
    """The sections of the board's TOML, without what only people and tools need."""
    given = board.model_dump(exclude_none=True)
    return json.dumps({section: given[section] for section in SECTIONS if section in given}, indent=1) + "\n"
