"""The operators' console: signing in, the fleet, the keys, the languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.console.city import City
from tests.console.conftest import OpenPage
from tests.console.operator import place_in_view, sign_in, unit_row, wait_for_map
from tests.console.watch import Watch
from tests.support.waiting import eventually

METRES_PER_DEGREE = 111_000


@pytest.fixture
def console(open_page: OpenPage, city: City) -> Page:
    """Signed in."""
    page = open_page(city.url)
    sign_in(page)
    expect(page.locator(".link-state")).to_have_text("Live")
    return page


def test_a_wrong_password_is_said_and_the_right_one_opens(open_page: OpenPage, city: City) -> None:
    page = open_page(city.url)
    sign_in(page, "guessed")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    sign_in(page)
    expect(page.locator(".link-state")).to_have_text("Live")
    page.reload()
    expect(page.locator(".link-state")).to_have_text("Live")


def test_signing_out_takes_everything_off_the_screen(console: Page) -> None:
    console.get_by_role("button", name="Sign out").click()
    expect(console.get_by_role("button", name="Sign in")).to_be_visible()
    expect(console.locator(".unit-row")).to_have_count(0)
    console.reload()
    expect(console.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_unit_appears_and_moves(console: Page, city: City) -> None:
    row = unit_row(console, "Maung 01")
    wait_for_map(console)
    radio = city.radio("Maung 01")
    radio.fix(-6.9100, 107.6100, speed_mps=12.5, course_deg=90)
    expect(row.locator(".speed")).to_have_text("45 km/h")
    expect(row.locator(".status")).to_have_text("Available")

    row.click()
    console.keyboard.press("f")
    assert_in_middle(console, -6.9100, 107.6100)
    assert painted_pixels(console) > 100

    radio.fix(-6.9160, 107.6170, speed_mps=5, course_deg=135)
    expect(row.locator(".speed")).to_have_text("18 km/h")
    assert_in_middle(console, -6.9160, 107.6170)


def test_a_car_is_chosen_on_the_map(console: Page, city: City) -> None:
    wait_for_map(console)
    city.radio("Maung 02").fix(-6.9200, 107.6300, speed_mps=1, course_deg=10)
    row = unit_row(console, "Maung 02")
    expect(row.locator(".speed")).to_have_text("4 km/h")
    row.click()
    console.keyboard.press("f")
    assert_in_middle(console, -6.9200, 107.6300)
    row.click()
    expect(row).to_have_attribute("aria-pressed", "false")
    box = console.locator(".map").bounding_box()
    assert box
    console.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(row).to_have_attribute("aria-pressed", "true")


def test_a_unit_whose_connection_breaks_is_shown_as_lost(console: Page, city: City) -> None:
    radio = city.radio("Maung 03")
    radio.fix(-6.9300, 107.6000, speed_mps=3, course_deg=0)
    row = unit_row(console, "Maung 03")
    expect(row).to_have_attribute("data-link", "fresh")
    radio.vanish()
    expect(row).to_have_attribute("data-link", "lost")
    expect(row.locator(".fix")).to_contain_text("lost")
    expect(row.locator(".speed")).to_have_text("")


def test_the_list_is_filtered(console: Page) -> None:
    expect(console.locator(".unit-row")).to_have_count(3)
    console.keyboard.press("/")
    console.keyboard.type("maung 02")
    expect(console.locator(".unit-row .callsign")).to_have_text(["Maung 02"])
    console.keyboard.press("Escape")
    console.keyboard.press("?")
    expect(console.get_by_role("dialog")).to_be_visible()
    console.keyboard.press("Escape")
    expect(console.get_by_role("dialog")).to_have_count(0)


def test_the_language_is_switched_and_remembered(console: Page) -> None:
    console.get_by_role("button", name="ID", exact=True).click()
    expect(console.locator(".link-state")).to_have_text("Langsung")
    expect(unit_row(console, "Maung 01").locator(".status")).to_have_text("Siap")
    console.reload()
    expect(console.locator(".link-state")).to_have_text("Langsung")
    assert console.evaluate("document.documentElement.lang") == "id"


def test_a_lost_server_is_said_in_large_letters_until_it_is_back(
    console: Page, city: City, watches: list[Watch]
) -> None:
    watches[0].allow(r"ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    wait_for_map(console)
    city.kill_server()
    expect(console.locator(".banner")).to_contain_text("Connection lost", timeout=3_000)
    expect(console.locator(".link-state")).to_have_text("Live", timeout=30_000)
    expect(console.locator(".banner")).to_have_count(0)
    expect(console.locator(".unit-row")).to_have_count(3)


def assert_in_middle(page: Page, lat: float, lon: float) -> None:
    """Within 80 m: a moving car is drawn up to 50 m ahead of its last fix."""

    def near() -> bool:
        shown_lat, shown_lon = place_in_view(page)
        return abs(shown_lat - lat) < 80 / METRES_PER_DEGREE and abs(shown_lon - lon) < 80 / METRES_PER_DEGREE

    eventually(near, what=f"the map centred on {lat}, {lon}")


def painted_pixels(page: Page) -> int:
    """How many pixels of the cars' layer are not transparent."""
    return int(
        page.locator(".car-layer").evaluate(
            """canvas => {
                 const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                 let painted = 0;
                 for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
                 return painted;
               }"""
        )
    )


def test_everything_stays_in_view_until_the_map_is_taken_in_hand(console: Page, city: City) -> None:
    wait_for_map(console)
    radio = city.radio("Maung 01")
    radio.fix(-6.9000, 107.6000)
    expect(unit_row(console, "Maung 01").locator(".speed")).to_have_text("standing")
    city.radio("Maung 02").fix(-6.9400, 107.6600, speed_mps=1)
    expect(unit_row(console, "Maung 02").locator(".speed")).to_have_text("4 km/h")
    radio.fix(-6.8000, 107.5000)
    assert_middle_between(console, (-6.8, 107.5), (-6.94, 107.66))

    console.get_by_role("button", name="+").click()
    radio.fix(-6.5000, 107.2000, speed_mps=2)
    expect(unit_row(console, "Maung 01").locator(".speed")).to_have_text("7 km/h")
    assert_middle_between(console, (-6.8, 107.5), (-6.94, 107.66))
    console.keyboard.press("a")
    assert_middle_between(console, (-6.5, 107.2), (-6.94, 107.66))


def assert_middle_between(page: Page, one: tuple[float, float], other: tuple[float, float]) -> None:
    """The map's middle is theirs, nearly: the margins at the top and the sides are the same."""

    def near() -> bool:
        lat, lon = place_in_view(page)
        return abs(lat - (one[0] + other[0]) / 2) < 0.01 and abs(lon - (one[1] + other[1]) / 2) < 0.01

    eventually(near, what=f"a view of {one} and {other}")
