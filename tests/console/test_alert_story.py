"""One alert through three pairs of eyes: the citizen's, the operator's, the officer's."""

import re
import uuid

import httpx
from playwright.sync_api import Page, expect

from tests.console.city import City
from tests.console.conftest import BANDUNG, OpenPage
from tests.console.operator import alert_row, sign_in, timeline, unit_row, wait_for_map
from tests.console.phone import call, located, step


def test_from_the_press_to_the_end(open_page: OpenPage, open_phone: OpenPage, city: City) -> None:
    near, far = city.radio("Maung 01"), city.radio("Maung 02")
    near.fix(-6.9070, 107.6188)  # 500 m south
    far.fix(-6.9250, 107.6188)  # 2.5 km south
    console = open_page(city.url)
    sign_in(console)
    wait_for_map(console)
    expect(unit_row(console, "Maung 02").locator(".speed")).to_have_text("standing")

    phone = open_phone()
    located(phone)
    call(phone)
    step(phone, "received")
    (incident,) = city.incidents(open="true")
    assert (incident["lat"], incident["lon"]) == (BANDUNG["latitude"], BANDUNG["longitude"])
    number = incident["incident_id"]

    # The nearest car is asked and declines; the next one goes.
    offer = near.order("offered")
    near.answer(offer, "received")
    row = alert_row(console, number)
    expect(row).to_contain_text("Offered Maung 01")
    expect(row).to_contain_text("P1")
    expect(timeline(console).filter(has_text="Offered to Maung 01")).to_be_visible()
    near.answer(offer, "declined")
    expect(timeline(console).filter(has_text="Maung 01 declined")).to_be_visible()
    offer = far.order("offered")
    far.answer(offer, "received")
    far.answer(offer, "accepted")
    assigned = far.order("assigned")
    expect(row).to_contain_text("Assigned Maung 02")
    expect(row.locator(".eta")).to_have_text(re.compile(r"ETA 5 min"))
    step(phone, "coming")
    expect(phone.locator("#answer-title")).to_have_text("6 menit")
    expect(phone.locator("#answer-detail")).to_contain_text("Maung 02")

    far.answer(assigned, "en_route")
    expect(row).to_contain_text("En route Maung 02")
    far.fix(-6.9040, 107.6188, speed_mps=11, course_deg=0)
    expect(row.locator(".eta")).to_have_text(re.compile(r"ETA 2\d s"))
    expect(phone.locator("#answer-title")).to_have_text("1 menit")
    expect(unit_row(console, "Maung 02")).to_contain_text(f"En route #{number}")

    far.answer(assigned, "on_scene")
    step(phone, "arrived")
    expect(row).to_contain_text("On scene Maung 02")
    far.answer(assigned, "clear")
    step(phone, "closed")
    expect(console.locator(".queue .closed")).to_contain_text(f"#{number}")
    check_story(console)


def check_story(console: Page) -> None:
    """The timeline tells everything, in order, and why each car was chosen."""
    told = timeline(console).locator(".told").all_inner_texts()
    assert [line for line in told if "screen" not in line] == [
        "Alert received from a citizen",
        "Offered to Maung 01",
        "Maung 01 declined",
        "Offer to Maung 01 withdrawn: declined",
        "Offered to Maung 02",
        "Maung 02 accepted",
        "Maung 02 is assigned",
        "Maung 02 is on its way",
        "Maung 02 arrived",
        "Maung 02 is clear",
        "Incident closed: cleared by the unit",
    ]
    first, second = timeline(console).filter(has=console.locator(".candidates")).all()
    expect(first.locator("tr[data-chosen='true']")).to_contain_text("Maung 01")
    expect(first.locator("tr[data-chosen='true']")).to_contain_text("500 m")
    expect(first.locator(".why")).to_contain_text("First of 2 cars that can be asked; Maung 02 would need")
    expect(first.locator(".note")).to_contain_text("straight line")
    expect(second.locator("tr[data-excluded='true']")).to_contain_text("Maung 01already asked")
    expect(second.locator("tr[data-chosen='true']")).to_contain_text("Maung 02")


def test_an_alert_is_announced_and_the_queue_goes_by_keys(open_page: OpenPage, city: City) -> None:
    console = open_page(city.url)
    sign_in(console)
    expect(console.locator(".link-state")).to_have_text("Live")
    numbers = [post_alert(city, kind) for kind in ("emergency", "drill", "emergency")]
    # The other region of that role is an officer's distress, which nobody is in.
    announced = console.get_by_role("alert").filter(has_text=re.compile(r"\S"))
    expect(announced).to_have_text(re.compile(rf"New alert {numbers[-1]}, priority"))
    urgent = [alert_row(console, number) for number in (numbers[0], numbers[2])]
    expect(urgent[0]).to_have_attribute("aria-current", "true")
    expect(urgent[0]).to_contain_text("Waiting")
    console.keyboard.press("j")
    expect(urgent[1]).to_have_attribute("aria-current", "true")
    console.keyboard.press("ArrowDown")
    expect(alert_row(console, numbers[1])).to_have_attribute("aria-current", "true")
    expect(alert_row(console, numbers[1])).to_contain_text("Drill")
    console.keyboard.press("k")
    expect(urgent[1]).to_have_attribute("aria-current", "true")
    expect(timeline(console).filter(has_text="No car is available")).to_be_visible()


def test_what_a_caller_writes_stays_text(open_page: OpenPage, city: City) -> None:
    said = "<img src=x onerror=\"document.title='owned'\"> & <b>help</b>"
    number = post_alert(city, "emergency", text=said)
    console = open_page(city.url)
    sign_in(console)
    alert_row(console, number).click()
    expect(console.locator(".said")).to_have_text(f"“{said}”")
    assert console.title() == "Sigap · Command Center"


def post_alert(city: City, kind: str, text: str = "") -> int:
    """An alert without a phone; its incident's number."""
    alert = {"id": str(uuid.uuid4()), "kind": kind, "lat": -6.91, "lon": 107.61, "text": text}
    answer = httpx.post(f"{city.url}/api/v1/alerts", json=alert, trust_env=False)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["incident_id"])
