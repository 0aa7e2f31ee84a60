"""What a citizen does on the alert page."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

_TAPS_MOST = 30


def step(phone: Page, name: str) -> None:
    """Until the page has come to this step."""
    expect(phone.locator("body")).to_have_attribute("data-step", name)


def located(phone: Page) -> None:
    """Until the phone knows where it is."""
    expect(phone.locator("#location")).to_have_attribute("data-state", "ready")


def tap(phone: Page) -> None:
    """Touch the button once."""
    phone.locator("#button").tap()


def call(phone: Page, touch: Callable[[Page], object] = tap) -> None:
    """Touch until the page takes it for a call: three times, or more where the machine is slower than a finger."""
    for _ in range(_TAPS_MOST):
        touch(phone)
        if phone.locator("body").get_attribute("data-step") != "ready":
            return
    raise AssertionError(f"not a call after {_TAPS_MOST} taps")
