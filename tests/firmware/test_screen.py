"""The pictures on the unit's display."""

import base64
import json
import math
from pathlib import Path

from tests.firmware.png import pixel_rows
from tests.firmware.screen_sheet import SHEET, draw_sheet, scenes
from tests.portable.interpreters import run_micropython

ARROW_X, ARROW_Y = 111, 26


def lit(picture: bytes, x: float, y: float) -> bool:
    column, row = round(x), round(y)
    return bool(picture[row // 8 * 128 + column] >> row % 8 & 1)


def test_the_sheet_in_the_documentation_is_what_the_screen_shows() -> None:
    drawn = [bytes(row) for row in draw_sheet(scenes()).rows]
    assert drawn == pixel_rows(SHEET), "python -m tests.firmware.screen_sheet"


def test_every_situation_has_a_picture_of_its_own() -> None:
    pictures = {scene["name"]: base64.b64decode(scene["display"]) for scene in scenes()}
    assert len(set(pictures.values())) == len(pictures)
    for name, picture in pictures.items():
        assert len(picture) == 1024
        # A bar or a large notice on top says what it is about.
        assert all(lit(picture, x, 0) for x in range(128)), name


def test_the_arrow_points_from_the_car_to_the_place() -> None:
    said = run_micropython([Path(__file__).with_name("arrows.py")])
    lines = [json.loads(line) for line in said.splitlines()]
    assert len(lines) == 32
    for line in lines:
        # A car that stands has no course: the arrow is then north-up.
        course_deg = line["course_cdeg"] / 100 if line["speed_cmps"] else 0
        angle = math.radians(line["eighth"] * 45 - course_deg)
        ahead, aside = (math.sin(angle), -math.cos(angle)), (math.cos(angle), math.sin(angle))
        picture = base64.b64decode(line["display"])

        def at(forward: float, right: float) -> bool:
            x = ARROW_X + forward * ahead[0] + right * aside[0]  # noqa: B023
            y = ARROW_Y + forward * ahead[1] + right * aside[1]  # noqa: B023
            return lit(picture, x, y)  # noqa: B023

        assert at(10, 0), line
        assert at(-10, 0), line
        # The head comes to a point, the tail is broad.
        assert not at(9, 6), line
        assert not at(9, -6), line
        assert at(-9, 2), line
        assert at(-9, -2), line
        assert at(3, 5), line
        assert at(3, -5), line
        assert not at(-6, 7), line
        assert not at(-6, -7), line
