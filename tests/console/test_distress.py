"""What an operator must not overlook: an officer in distress, a car without GPS, a unit that refused a change."""

import time

import pytest
from playwright.sync_api import Page, expect

from sigap_wire.result import APPLIED, REFUSED, SUBJECT_CONFIG
from tests.console.city import City
from tests.console.conftest import OpenPage
from tests.console.operator import sign_in, unit_row, wait_for_map
from tests.console.watch import Watch
from tests.support.waiting import eventually

# Counts the pixels of the alarm's own red on the canvas of the cars.
ALARM_PIXELS = """
() => {
  const canvas = document.querySelector(".car-layer");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let found = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i] === 255 && data[i + 1] === 46 && data[i + 2] === 56 && data[i + 3] === 255) found += 1;
  return found;
}
"""


@pytest.fixture
def console(open_page: OpenPage, city: City) -> Page:
    """Signed in, with the map drawn."""
    page = open_page(city.url)
    sign_in(page)
    expect(page.locator(".link-state")).to_have_text("Live")
    wait_for_map(page)
    return page


def test_an_officer_in_distress_cannot_be_overlooked(console: Page, city: City, watches: list[Watch]) -> None:
    watches[0].allow("willReadFrequently")  # the test looks at the canvas again and again
    radio = city.radio("Maung 02")
    radio.fix(-6.9100, 107.6100)
    for callsign in ("Maung 01", "Maung 03"):
        city.radio(callsign).fix(-6.9000, 107.6000)
    row = unit_row(console, "Maung 02")
    expect(row.locator(".status")).to_have_text("Available")
    expect(console.locator(".distress button")).to_have_count(0)
    assert console.evaluate(ALARM_PIXELS) == 0

    radio.distress()
    alarm = console.get_by_role("alert").locator("button", has_text="Maung 02: OFFICER IN DISTRESS")
    expect(alarm).to_be_visible()
    expect(alarm).to_contain_text("since ")
    expect(alarm).to_contain_text("6.91000° S  107.61000° E")
    expect(row.locator(".status")).to_have_text("Officer in distress")
    counts = console.locator(".status-counts")
    expect(counts.locator(".in-distress")).to_have_text("1Officer in distress")
    expect(counts.locator("[data-status=available] b")).to_have_text("2")
    expect(counts.locator(".total b")).to_have_text("3")
    expect(console.locator(".unit-row").first).to_have_attribute("data-unit", "unit-02")
    eventually(lambda: console.evaluate(ALARM_PIXELS) > 200, what="the alarm on the map")
    assert city.units()["unit-02"]["emergency_ms"] is not None

    radio.fix(-6.9150, 107.6150)
    expect(alarm).to_contain_text("6.91500° S  107.61500° E")
    alarm.click()
    expect(row).to_have_attribute("aria-pressed", "true")

    # Who looks later, or again, sees it too.
    console.reload()
    expect(console.locator(".distress button")).to_have_count(1)

    radio.distress(over=True)
    expect(console.locator(".distress button")).to_have_count(0)
    expect(unit_row(console, "Maung 02").locator(".status")).to_have_text("Available")
    expect(counts.locator(".in-distress")).to_have_count(0)
    expect(counts.locator("[data-status=available] b")).to_have_text("3")
    wait_for_map(console)
    eventually(lambda: console.evaluate(ALARM_PIXELS) == 0, what="no alarm on the map")


def test_the_alarm_speaks_indonesian(open_page: OpenPage, city: City) -> None:
    page = open_page(city.url, locale="id-ID")
    page.get_by_label("Nama").fill("operator")
    page.get_by_label("Kata sandi").fill("correct horse")
    page.get_by_role("button", name="Masuk").click()
    radio = city.radio("Maung 03")
    radio.distress()
    try:
        expect(page.locator(".distress button")).to_contain_text("Maung 03: PETUGAS DALAM BAHAYA")
    finally:
        radio.distress(over=True)
    expect(page.locator(".distress button")).to_have_count(0)


def test_a_car_without_gps_says_so_and_its_position_is_the_last_known(console: Page, city: City) -> None:
    radio = city.radio("Maung 01")
    radio.fix(-6.9200, 107.6300, speed_mps=12.5, course_deg=90)
    row = unit_row(console, "Maung 01")
    expect(row.locator(".speed")).to_have_text("45 km/h")
    radio.no_fix(int(time.time()), -6.9200, 107.6300)
    expect(row.locator(".fix b")).to_have_text("no GPS")
    assert (row.locator(".fix").get_attribute("title") or "").startswith("No GPS since ")
    expect(row.locator(".speed")).to_have_text("")
    unit = city.units()["unit-01"]
    assert (unit["lat"], unit["lon"], unit["link"]) == (-6.92, 107.63, "fresh")
    radio.fix(-6.9210, 107.6310, speed_mps=5, course_deg=90)
    expect(row.locator(".fix b")).to_have_count(0)
    expect(row.locator(".speed")).to_have_text("18 km/h")


def test_a_refused_change_is_shown_with_its_reason_until_one_is_taken(console: Page, city: City) -> None:
    radio = city.radio("Maung 01")
    radio.result(SUBJECT_CONFIG, 12, REFUSED, "policy.distance_m is 5, expected 10 to 100000")
    row = unit_row(console, "Maung 01")
    expect(row.locator(".refusal")).to_contain_text("config 12 refused: policy.distance_m is 5")
    console.get_by_role("searchbox").fill("refused")
    expect(console.locator(".unit-row")).to_have_count(1)
    console.get_by_role("searchbox").fill("")
    radio.result(SUBJECT_CONFIG, 13, APPLIED)
    expect(row.locator(".refusal")).to_have_count(0)
