"""The built-in city as a map: python -m tests.roads.city_picture writes docs/city.png (with Chromium)."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

from sigap_roads.city import CityPlan, draw_city
from sigap_roads.ways import Obstacle, RoadClass, Way, Ways
from tests.firmware.png import chunk
from tests.support.tools import REPOSITORY, find_tool

PICTURE = REPOSITORY / "docs" / "city.png"

_SIDE_PX = 1150
_MARGIN_PX = 12
_PAPER, _WATER, _GREEN, _RAIL = "#f4f1ea", "#a8cfe6", "#cfe3bd", "#8d8a86"
# class → (width in metres, fill, casing)
_STYLES = {
    RoadClass.MOTORWAY: (15.0, "#e8848c", "#a3444c"),
    RoadClass.TRUNK: (14.0, "#f7b98b", "#b06f3a"),
    RoadClass.PRIMARY: (14.0, "#f8c77e", "#b5853b"),
    RoadClass.SECONDARY: (14.0, "#f6ea9c", "#a89c4c"),
    RoadClass.TERTIARY: (10.0, "#ffffff", "#8f8b83"),
    RoadClass.UNCLASSIFIED: (8.0, "#ffffff", "#aaa69d"),
    RoadClass.RESIDENTIAL: (7.5, "#ffffff", "#aaa69d"),
    RoadClass.LIVING_STREET: (5.0, "#ffffff", "#bcb8af"),
}
_LABELLED = (RoadClass.MOTORWAY, RoadClass.PRIMARY, RoadClass.SECONDARY)


class Sheet:
    """Places on the globe → pixels."""

    def __init__(self, places: list[tuple[int, int]], side_px: int) -> None:
        lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
        self._north, self._west = max(lats), min(lons)
        self._per_lon = side_px / max(max(lats) - min(lats), max(lons) - min(lons))
        self.width = round((max(lons) - min(lons)) * self._per_lon) + 2 * _MARGIN_PX
        self.height = round((max(lats) - min(lats)) * self._per_lon) + 2 * _MARGIN_PX
        self.px_per_m = self._per_lon * 1e7 / 111_195.0

    def at(self, place: tuple[int, int]) -> tuple[float, float]:
        lat_e7, lon_e7 = place
        return (
            _MARGIN_PX + (lon_e7 - self._west) * self._per_lon,
            _MARGIN_PX + (self._north - lat_e7) * self._per_lon,
        )

    def path(self, places: list[tuple[int, int]]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self.at, places))


def draw(city: CityPlan, side_px: int = _SIDE_PX) -> tuple[str, int, int]:
    """(SVG, width, height)"""
    ways = city.ways
    sheet = Sheet(list(ways.nodes.values()), side_px)
    unit = sheet.px_per_m
    parts = [f'<rect width="100%" height="100%" fill="{_PAPER}"/>']
    parts += [f'<path d="{sheet.path(area)}Z" fill="{_GREEN}"/>' for area in city.greens]
    for line in city.rivers:
        parts.append(f'<path d="{sheet.path(line)}" stroke="{_WATER}" stroke-width="{48 * unit:.1f}"/>')
    for line in city.railways:
        path = sheet.path(line)
        parts.append(f'<path d="{path}" stroke="{_RAIL}" stroke-width="2.6"/>')
        parts.append(f'<path d="{path}" stroke="{_PAPER}" stroke-width="1.4" stroke-dasharray="7 7"/>')
    parts += _roads(ways.ways, ways.nodes, sheet)
    for node_id, obstacle in ways.obstacles.items():
        x, y = sheet.at(ways.nodes[node_id])
        if obstacle in (Obstacle.SIGNALS, Obstacle.LEVEL_CROSSING):
            colour = "#3d8f54" if obstacle is Obstacle.SIGNALS else "#c0392b"
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.6" fill="{colour}"/>')
    parts += _names(ways.ways, ways.nodes, sheet)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width}" height="{sheet.height}" fill="none" '
        'stroke-linecap="round" stroke-linejoin="round">'
    )
    return head + "".join(parts) + "</svg>", sheet.width, sheet.height


def _roads(ways: tuple[Way, ...], nodes: Mapping[int, tuple[int, int]], sheet: Sheet) -> list[str]:
    parts = []
    for road_class in sorted(_STYLES, reverse=True):
        width_m, fill, casing = _STYLES[road_class]
        found = [way for way in ways if way.road_class is road_class]
        paths = "".join(sheet.path([nodes[at] for at in way.node_ids]) for way in found)
        width_px = max(width_m * sheet.px_per_m, 1.2)
        parts.append(f'<path d="{paths}" stroke="{casing}" stroke-width="{width_px + 1.0:.2f}"/>')
        parts.append(f'<path d="{paths}" stroke="{fill}" stroke-width="{width_px:.2f}"/>')
    return parts


def _names(ways: tuple[Way, ...], nodes: Mapping[int, tuple[int, int]], sheet: Sheet) -> list[str]:
    """The longest straight piece of each great road carries its name."""
    best: dict[str, tuple[float, list[tuple[float, float]]]] = {}
    for way in ways:
        if way.road_class not in _LABELLED or not way.name or way.is_roundabout:
            continue
        points = [sheet.at(nodes[at]) for at in way.node_ids]
        (ax, ay), (bx, by) = points[0], points[-1]
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        if length > best.get(way.name, (0.0, []))[0]:
            best[way.name] = (length, points if bx > ax else points[::-1])
    parts = []
    for index, (name, (length, points)) in enumerate(best.items()):
        if length < 5.2 * len(name):
            continue
        line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(
            f'<path id="n{index}" d="{line}"/><text font-family="DejaVu Sans, sans-serif" font-size="8.5" dy="3" '
            f'fill="#4a3d28" stroke="#fffdf6" stroke-width="2" paint-order="stroke"><textPath href="#n{index}" '
            f'startOffset="50%" text-anchor="middle">{escape(name)}</textPath></text>'
        )
    return parts


def drawn_from(ways: Ways) -> bytes:
    """What the picture remembers of the roads it shows, so that a test sees when they are others by now."""
    names = len({way.name for way in ways.ways})
    return f"{ways.source}: {len(ways.ways)} ways, {len(ways.nodes)} nodes, {names} names".encode()


def render(svg: str, width: int, height: int, path: Path, drawn_from: bytes) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_tool("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_content(f'<body style="margin:0">{svg}</body>')
        content = page.screenshot()
        browser.close()
    # A chunk of text before the picture's end.
    path.write_bytes(content[:-12] + chunk(b"tEXt", b"Source\0" + drawn_from) + content[-12:])


if __name__ == "__main__":
    city = draw_city()
    render(*draw(city), PICTURE, drawn_from(city.ways))
