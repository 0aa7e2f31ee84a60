"""The citizen's page: what counts as a call, and that a call arrives."""

import json
import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.console.city import City
from tests.console.conftest import OpenPage
from tests.console.phone import call, located, step, tap
from tests.console.watch import Watch

NIGHT = datetime(2026, 3, 1, 3, 0)
PAGE_BYTES_MAX = 50_000


def presses(phone: Page) -> list[Request]:
    """The alerts that the page sends, as it sends them."""
    sent: list[Request] = []
    phone.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def test_three_fast_taps_are_a_call_and_fewer_are_not(open_phone: OpenPage) -> None:
    phone = open_phone(lambda context: context.clock.install(time=NIGHT))
    located(phone)
    # From here on time passes only when told to.
    phone.clock.pause_at(NIGHT + timedelta(hours=1))
    sent = presses(phone)
    for _ in range(2):
        tap(phone)
    expect(phone.locator("#button")).to_have_attribute("data-taps", "2")
    expect(phone.locator("#press-word")).to_have_text("1× lagi")
    phone.clock.fast_forward(2_500)
    expect(phone.locator("#button")).to_have_attribute("data-taps", "0")
    tap(phone)
    expect(phone.locator("#button")).to_have_attribute("data-taps", "1")
    step(phone, "ready")
    assert not sent
    for _ in range(2):
        tap(phone)
    step(phone, "received")
    assert len(sent) == 1


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_calls_too(open_phone: OpenPage, key: str) -> None:
    phone = open_phone(has_touch=False, is_mobile=False)
    located(phone)
    phone.locator("#button").focus()
    call(phone, lambda phone: phone.keyboard.press(key))
    step(phone, "received")


def test_a_blocked_location_says_how_to_allow_it(open_phone: OpenPage) -> None:
    phone = open_phone(permissions=[])
    expect(phone.locator("#location")).to_have_attribute("data-state", "denied")
    expect(phone.locator("#allow")).to_contain_text("Izinkan lokasi")
    expect(phone.get_by_role("link", name="Telepon 112")).to_have_attribute("href", "tel:112")
    sent = presses(phone)
    call(phone)
    step(phone, "locating")
    expect(phone.locator("#allow")).to_be_visible()
    assert not sent
    # Allowed in the browser's settings: the page notices by itself.
    phone.context.grant_permissions(["geolocation"])
    step(phone, "received")
    assert len(sent) == 1


def test_a_drill_is_sent_as_one(open_phone: OpenPage, city: City) -> None:
    phone = open_phone()
    located(phone)
    phone.get_by_role("switch").check()
    phone.get_by_role("button", name="English").tap()
    expect(phone.locator("#hint")).to_contain_text("Drill:")
    call(phone)
    step(phone, "received")
    expect(phone.locator("#answer-title")).to_have_text("Alert received")
    assert max(city.incidents(), key=lambda incident: int(incident["incident_id"]))["kind"] == "drill"


def test_it_repeats_the_same_alert_until_the_server_has_it(
    open_phone: OpenPage, city: City, watches: list[Watch]
) -> None:
    phone = open_phone()
    watches[0].allow(r"ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    located(phone)
    before = len(city.incidents())
    city.stop()
    sent = presses(phone)
    call(phone)
    step(phone, "sending")
    expect(phone.locator("#answer-detail")).to_contain_text("Percobaan ke-2")
    city.start()
    step(phone, "received")
    assert len(sent) >= 2
    assert len({json.loads(request.post_data or "{}")["id"] for request in sent}) == 1
    assert len(city.incidents()) == before + 1


def test_a_reload_does_not_forget_it(open_phone: OpenPage, watches: list[Watch]) -> None:
    phone = open_phone()
    watches[0].allow("ERR_FAILED")
    located(phone)
    phone.context.route("**/api/v1/alerts", lambda route: route.abort())
    sent = presses(phone)
    call(phone)
    step(phone, "sending")
    expect(phone.locator("#answer-detail")).to_contain_text("Percobaan ke-2")
    phone.reload()
    step(phone, "sending")
    phone.context.unroute("**/api/v1/alerts")
    step(phone, "received")
    phone.reload()
    step(phone, "received")
    assert len({json.loads(request.post_data or "{}")["id"] for request in sent}) == 1


def test_without_a_network_it_says_so(open_phone: OpenPage, watches: list[Watch]) -> None:
    phone = open_phone()
    watches[0].allow(r"ERR_INTERNET_DISCONNECTED")
    located(phone)
    phone.context.set_offline(True)
    expect(phone.locator("#offline")).to_contain_text("Tidak ada jaringan")
    call(phone)
    step(phone, "sending")
    phone.context.set_offline(False)
    expect(phone.locator("#offline")).to_be_hidden()
    step(phone, "received")


def test_an_id_is_made_without_a_secure_context_too(open_phone: OpenPage) -> None:
    phone = open_phone(lambda context: context.add_init_script("delete Crypto.prototype.randomUUID"))
    located(phone)
    sent = presses(phone)
    call(phone)
    step(phone, "received")
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        json.loads(sent[0].post_data or "{}")["id"],
    )


def test_a_phone_is_the_same_at_its_next_call_and_needs_no_storage(open_phone: OpenPage) -> None:
    phone = open_phone()
    located(phone)
    sent = presses(phone)
    call(phone)
    step(phone, "received")
    phone.evaluate("localStorage.removeItem('sigap.alert')")
    phone.reload()
    located(phone)
    call(phone)
    step(phone, "received")
    first, second = (json.loads(request.post_data or "{}") for request in sent)
    assert first["device"] == second["device"]
    assert first["id"] != second["id"]
    other = open_phone(lambda context: context.add_init_script("delete window.localStorage"))
    located(other)
    sent = presses(other)
    call(other)
    step(other, "received")
    assert "device" not in json.loads(sent[0].post_data or "{}")


def test_it_is_small(open_page: OpenPage, city: City) -> None:
    sizes: dict[str, int] = {}

    def measure(context: BrowserContext) -> None:
        context.on("requestfinished", lambda done: sizes.update({done.url: done.sizes()["responseBodySize"]}))

    page = open_page(f"{city.url}/alert", measure)
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 3
    assert sum(sizes.values()) < PAGE_BYTES_MAX, sizes
