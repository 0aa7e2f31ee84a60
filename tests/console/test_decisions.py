"""What an operator decides on the console, and what it looks like."""

import uuid

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.console.city import City
from tests.console.conftest import OpenPage
from tests.console.operator import alert_row, sign_in, timeline
from tests.console.watch import Watch


def press(city: City, lat: float) -> int:
    body = {"id": str(uuid.uuid4()), "kind": "emergency", "lat": lat, "lon": 107.3}
    answer = httpx.post(f"{city.url}/api/v1/alerts", json=body, timeout=20)
    answer.raise_for_status()
    return int(answer.json()["incident_id"])


def button(page: Page, name: str) -> Locator:
    return page.locator(".actions").get_by_role("button", name=name, exact=True)


def test_a_case_is_taken_found_real_and_closed(open_page: OpenPage, city: City) -> None:
    console = open_page(city.url)
    sign_in(console)
    number = press(city, -6.31)
    alert_row(console, number).click()
    expect(console.locator(".alarms")).to_contain_text("P1 without a car")
    expect(console.locator(".standing")).to_contain_text("Medium trust: cars are asked while you verify")
    button(console, "I take care of it").click()
    expect(button(console, "I take care of it")).to_have_count(0)
    button(console, "It is real").click()
    expect(console.locator(".standing")).to_contain_text("High trust")
    button(console, "Back-up").click()
    expect(timeline(console).filter(has_text="More cars are needed")).to_be_visible()
    button(console, "Close").click()
    expect(console.locator(".actions")).to_have_count(0)
    (incident,) = [one for one in city.incidents() if one["incident_id"] == number]
    assert (incident["phase"], incident["disposition"], incident["verdict"]) == ("closed", "real", "real")


def test_what_the_server_refuses_is_said(open_page: OpenPage, city: City, watches: list[Watch]) -> None:
    console = open_page(city.url)
    watches[0].allow("422")
    sign_in(console)
    number = press(city, -6.32)
    alert_row(console, number).click()
    console.route("**/backup", lambda route: route.continue_(post_data='{"units": 99}'))
    button(console, "Back-up").click()
    expect(console.locator(".actions .refused")).to_contain_text("units is 99, expected 1 to 20")
    console.unroute("**/backup")
    button(console, "Close as false").click()
    expect(console.locator(".actions")).to_have_count(0)
