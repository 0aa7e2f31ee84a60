"""What an operator does on the console."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.console.city import OPERATOR, PASSWORD


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill the form in and send it."""
    page.get_by_label("Name").fill(OPERATOR)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def wait_for_map(page: Page) -> None:
    """Until the map is loaded and drawn."""
    expect(page.locator(".map.drawn .car-layer")).to_be_attached()


def unit_row(page: Page, callsign: str) -> Locator:
    """The unit's line in the list."""
    return page.locator(".unit-row", has_text=callsign)


def alert_row(page: Page, incident_id: int) -> Locator:
    """The incident's line in the queue."""
    return page.locator(f".alert-row[data-incident='{incident_id}']")


def timeline(page: Page) -> Locator:
    """The chosen incident's events."""
    return page.locator(".timeline > li")


def place_in_view(page: Page) -> tuple[float, float]:
    """(lat, lon) in degrees at the middle of the map, as the map says when the mouse is there."""
    box = page.locator(".map").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] + 3, middle[1])
    page.mouse.move(*middle)
    text = page.locator(".pointer").inner_text()
    found = re.match(r"([\d.]+)° ([NS])\s+([\d.]+)° ([EW])", text)
    assert found, f"no position in {text!r}"
    lat, lon = float(found[1]), float(found[3])
    return (-lat if found[2] == "S" else lat), (-lon if found[4] == "W" else lon)
