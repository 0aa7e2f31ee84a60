"""A simulated unit's screen in the browser: every pixel, every button, the buzzer."""

import asyncio
import base64
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sigap_simulator.screens import ScreenServer
from sigap_simulator.unit import Event, Listener
from tests.console.conftest import PAGES, OpenPage
from tests.console.watch import Watch
from tests.support.waiting import eventually

WIDTH, HEIGHT = 128, 64
START_S = 10.0


class Unit:
    """A panel to look at and press, without a unit behind it."""

    unit_id = "unit-07"
    callsign = "Maung 07"

    def __init__(self) -> None:
        self.display = ""
        self.edges: list[tuple[str, bool]] = []
        self.listeners: list[Listener] = []

    @property
    def pressed(self) -> list[str]:
        """Each button that came up again."""
        return [button for button, down in self.edges if not down]

    def edge(self, button: str, down: bool) -> None:
        self.edges.append((button, down))

    def listen(self, listener: Listener) -> None:
        self.listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self.listeners.remove(listener)


class Screens:
    """The simulator's web server on a thread of its own. `tell` speaks as the unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = ScreenServer([unit], PAGES, port=0)
        self._run(self._server.__aenter__())
        self.url = f"{self._server.url}/unit/1"

    def tell(self, event: Event) -> None:
        """To every page that looks."""
        eventually(lambda: self._unit.listeners, START_S, "a page that listens")
        for listener in self._unit.listeners:
            self._loop.call_soon_threadsafe(listener, event)

    def restart(self) -> None:
        """Gone for a moment, and back at the same address."""
        port = int(self._server.url.rsplit(":", 1)[1])
        self._run(self._server.__aexit__())
        self._server = ScreenServer([self._unit], PAGES, port=port)
        self._run(self._server.__aenter__())

    def close(self) -> None:
        self._run(self._server.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, task: object) -> None:
        asyncio.run_coroutine_threadsafe(task, self._loop).result(START_S)  # type: ignore[arg-type]


@pytest.fixture
def unit() -> Unit:
    return Unit()


@pytest.fixture
def screens(unit: Unit) -> Iterator[Screens]:
    running = Screens(unit)
    yield running
    running.close()


def frame(lit: set[tuple[int, int]]) -> str:
    """A MONO_VLSB frame with these (x, y) lit, as it travels."""
    content = bytearray(WIDTH * HEIGHT // 8)
    for x, y in lit:
        content[x + (y >> 3) * WIDTH] |= 1 << (y & 7)
    return base64.b64encode(content).decode()


def lit_pixels(page: Page) -> set[tuple[int, int]]:
    """Which of the display's pixels shine on the page."""
    found = page.locator("#oled").evaluate(
        """(canvas, [width, height]) => {
             const dot = canvas.width / width;
             const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
             const lit = [];
             for (let y = 0; y < height; y++)
               for (let x = 0; x < width; x++)
                 if (data[4 * ((y * dot + 1) * canvas.width + x * dot + 1)] > 128) lit.push([x, y]);
             return lit;
           }""",
        [WIDTH, HEIGHT],
    )
    return {(x, y) for x, y in found}


def test_every_pixel_is_where_it_belongs(
    open_page: OpenPage, screens: Screens, unit: Unit, watches: list[Watch]
) -> None:
    corners = {(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (WIDTH - 1, HEIGHT - 1)}
    unit.display = frame(corners)
    page = open_page(screens.url)
    watches[0].allow("willReadFrequently")  # the test reads the canvas back, the page never does
    expect(page.get_by_role("heading")).to_have_text("Maung 07")
    eventually(lambda: lit_pixels(page) == corners, what="the first picture")
    diagonal = {(i, i // 2) for i in range(WIDTH)}
    screens.tell({"display": frame(diagonal)})
    eventually(lambda: lit_pixels(page) == diagonal, what="the second picture")


def test_buttons_and_keys_press_the_units_buttons(open_page: OpenPage, screens: Screens, unit: Unit) -> None:
    page = open_page(screens.url)
    expect(page.locator("body")).to_have_attribute("data-connected", "true")
    page.get_by_role("button", name="Terima").click()
    for key in ("2", "3", "4", "5"):
        page.keyboard.press(key)
    eventually(lambda: unit.pressed == ["accept", "decline", "on_scene", "clear"], what="four buttons")


def test_a_button_that_is_held_stays_down(open_page: OpenPage, screens: Screens, unit: Unit) -> None:
    page = open_page(screens.url)
    expect(page.locator("body")).to_have_attribute("data-connected", "true")
    page.keyboard.down("2")
    eventually(lambda: unit.edges == [("decline", True)], what="the key is down")
    page.keyboard.up("2")
    eventually(lambda: unit.edges[1:] == [("decline", False)], what="the key is up")
    page.locator("#clear").hover()
    page.mouse.down()
    eventually(lambda: unit.edges[2:] == [("clear", True)], what="the button is down")
    page.mouse.move(1, 1)  # off it, as a finger that slips
    eventually(lambda: unit.edges[3:] == [("clear", False)], what="the button is up")
    page.mouse.up()


def test_the_buzzer_is_seen_and_after_a_click_heard(open_page: OpenPage, screens: Screens) -> None:
    page = open_page(screens.url)
    expect(page.locator("body")).to_have_attribute("data-connected", "true")
    device = page.locator("#device")
    screens.tell({"buzzer": [[2000, 400, 100]]})
    expect(device).to_have_class("buzzing")
    expect(device).not_to_have_class("buzzing")
    sound = page.locator("#sound")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")


def test_it_comes_back_when_the_simulator_does(
    open_page: OpenPage, screens: Screens, watches: list[Watch], unit: Unit
) -> None:
    page = open_page(screens.url)
    watches[0].allow("WebSocket connection")
    expect(page.locator("body")).to_have_attribute("data-connected", "true")
    first = unit.listeners[0]
    screens.restart()
    eventually(lambda: unit.listeners and unit.listeners[0] is not first, what="a second connection")
    expect(page.locator("body")).to_have_attribute("data-connected", "true")
    page.keyboard.press("1")
    eventually(lambda: unit.pressed == ["accept"], what="the button after the return")
