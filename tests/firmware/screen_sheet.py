"""All pictures of the unit's display on one sheet: python -m tests.firmware.screen_sheet writes docs/screens.png."""

import base64
import json
from pathlib import Path

from tests.firmware.png import Canvas
from tests.portable.interpreters import run_micropython
from tests.support.tools import REPOSITORY

SHEET = REPOSITORY / "docs" / "screens.png"

_COLUMNS = 4
_SCALE = 2
_GAP = 20
_CAPTION = 24
_PAPER, _INK = (244, 243, 239), (70, 74, 80)
_GLASS, _LIT = (10, 14, 20), (156, 226, 255)
_BEZEL = 6


def scenes() -> list[dict[str, str]]:
    """Every picture as scenes.py describes it."""
    said = run_micropython([Path(__file__).with_name("scenes.py")])
    return [json.loads(line) for line in said.splitlines()]


def draw_sheet(pictures: list[dict[str, str]]) -> Canvas:
    width, height = 128 * _SCALE + 2 * _BEZEL + _GAP, 64 * _SCALE + 2 * _BEZEL + _CAPTION + _GAP
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Canvas(_COLUMNS * width + _GAP, rows * height + _GAP, _PAPER)
    for index, picture in enumerate(pictures):
        x = _GAP + index % _COLUMNS * width
        y = _GAP + index // _COLUMNS * height
        sheet.fill(x, y, 128 * _SCALE + 2 * _BEZEL, 64 * _SCALE + 2 * _BEZEL, _GLASS)
        sheet.mono(base64.b64decode(picture["display"]), x + _BEZEL, y + _BEZEL, _SCALE, _LIT)
        caption_y = y + 64 * _SCALE + 2 * _BEZEL + 8
        sheet.mono(base64.b64decode(picture["caption"]), x + _BEZEL + 64 * (_SCALE - 1), caption_y, 1, _INK)
    return sheet


if __name__ == "__main__":
    SHEET.write_bytes(draw_sheet(scenes()).png())
