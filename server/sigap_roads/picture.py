"""A travel-time field as a picture: streets by minutes, with a legend."""

from math import cos, radians

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from sigap_roads.field import TravelTimeField
from sigap_roads.reach import Reach
from sigap_roads.ways import RoadClass

_FINE = 2  # drawn twice as large, then made smaller: smooth edges
_MARGIN_PX = 24
_PAPER, _INK, _FAR = (250, 249, 246), (40, 42, 48), (224, 222, 216)
_INCIDENT = (214, 28, 48)
# Near to far, told apart in black and white too: light to dark at first sight, by hue at the second.
_STEPS = ((255, 205, 86), (247, 148, 62), (226, 92, 92), (176, 58, 122), (110, 44, 138), (52, 40, 112))
_WIDTHS_PX = {
    RoadClass.MOTORWAY: 3.4,
    RoadClass.TRUNK: 3.0,
    RoadClass.PRIMARY: 2.8,
    RoadClass.SECONDARY: 2.4,
    RoadClass.TERTIARY: 1.8,
}
_WIDTH_PX = 1.1


def draw(field: TravelTimeField, reach: Reach, lat_e7: int, lon_e7: int, side_px: int = 1400) -> Image.Image:
    """The streets within reach and around it; the longer side has side_px pixels."""
    sheet = _Sheet(field, reach, lat_e7, side_px)
    image = Image.new("RGB", (sheet.width * _FINE, sheet.height * _FINE), _PAPER)
    pen = ImageDraw.Draw(image)
    _streets(pen, sheet, field, reach)
    x, y = sheet.at(np.array([lat_e7]), np.array([lon_e7]))[0]
    for radius, fill in ((11, (255, 255, 255)), (8, _INCIDENT)):
        pen.ellipse([v + s * radius * _FINE for s in (-1, 1) for v in (x, y)], fill=fill)
    _legend(pen, sheet, reach)
    _attribution(pen, sheet, str(field.traffic.graph.info.get("attribution", "")))
    return image.resize((sheet.width, sheet.height), Image.Resampling.LANCZOS)


class _Sheet:
    """Places on the globe → pixels of the fine drawing: what is within reach, and a margin."""

    def __init__(self, field: TravelTimeField, reach: Reach, lat_e7: int, side_px: int) -> None:
        graph = field.traffic.graph
        near = reach.edge[reach.time_ms >= 0]
        nodes = np.concatenate((graph.edge_from[near], graph.edge_to[near])) if len(near) else slice(None)
        lat, lon = graph.node_lat_e7[nodes], graph.node_lon_e7[nodes]
        self._north, self._west = int(lat.max()), int(lon.min())
        self._east = cos(radians(lat_e7 * 1e-7))
        tall, wide = int(lat.max()) - int(lat.min()), (int(lon.max()) - int(lon.min())) * self._east
        self._px = (side_px - 2 * _MARGIN_PX) / max(tall, wide, 1)
        self.width = max(round(wide * self._px) + 2 * _MARGIN_PX, 520)
        self.height = max(round(tall * self._px) + 2 * _MARGIN_PX, 200)

    def at(self, lat_e7: npt.NDArray[np.int32], lon_e7: npt.NDArray[np.int32]) -> list[tuple[float, float]]:
        x = (_MARGIN_PX + (lon_e7.astype(np.float64) - self._west) * self._east * self._px) * _FINE
        y = (_MARGIN_PX + (self._north - lat_e7.astype(np.float64)) * self._px) * _FINE
        return list(zip(x.tolist(), y.tolist(), strict=True))


def _streets(pen: ImageDraw.ImageDraw, sheet: _Sheet, field: TravelTimeField, reach: Reach) -> None:
    graph = field.traffic.graph
    # What is far first, so that it does not cover what is near; small streets before great ones.
    order = np.lexsort((-graph.edge_class[reach.edge].astype(np.int16), reach.time_ms >= 0))
    for i in order:
        edge, time_ms = int(reach.edge[i]), int(reach.time_ms[i])
        points = slice(int(graph.edge_shape[edge]), int(graph.edge_shape[edge + 1]))
        line = sheet.at(graph.shape_lat_e7[points], graph.shape_lon_e7[points])
        width_px = _WIDTHS_PX.get(RoadClass(int(graph.edge_class[edge])), _WIDTH_PX)
        pen.line(line, fill=_colour(time_ms, reach.until_ms), width=max(1, round(width_px * _FINE)), joint="curve")


def _colour(time_ms: int, until_ms: int) -> tuple[int, int, int]:
    if time_ms < 0:
        return _FAR
    return _STEPS[min(len(_STEPS) - 1, time_ms * len(_STEPS) // max(until_ms, 1))]


def _legend(pen: ImageDraw.ImageDraw, sheet: _Sheet, reach: Reach) -> None:
    font = ImageFont.load_default(15 * _FINE)
    step_min = reach.until_ms / 60_000 / len(_STEPS)
    texts = [f"{i * step_min:g} to {(i + 1) * step_min:g} min" for i in range(len(_STEPS))]
    rows = [*zip(_STEPS, texts, strict=True), (_FAR, f"over {reach.until_ms / 60_000:g} min")]
    left, top, line = 16 * _FINE, 16 * _FINE, 22 * _FINE
    right = left + 150 * _FINE
    pen.rounded_rectangle([left, top, right, top + line * len(rows) + 16 * _FINE], 8 * _FINE, fill=(255, 255, 255))
    for row, (colour, text) in enumerate(rows):
        y = top + 8 * _FINE + row * line
        pen.rounded_rectangle(
            [left + 10 * _FINE, y + 5 * _FINE, left + 34 * _FINE, y + 17 * _FINE], 3 * _FINE, fill=colour
        )
        pen.text((left + 44 * _FINE, y + 2 * _FINE), text, fill=_INK, font=font)


def _attribution(pen: ImageDraw.ImageDraw, sheet: _Sheet, text: str) -> None:
    if not text:
        return
    font = ImageFont.load_default(12 * _FINE)
    corner = (sheet.width * _FINE - 8 * _FINE, sheet.height * _FINE - 6 * _FINE)
    pen.rectangle(pen.textbbox(corner, text, font=font, anchor="rb"), fill=_PAPER)
    pen.text(corner, text, fill=_INK, font=font, anchor="rb")
