"""A real browser before a real Sigap.

Playwright is started for one module at a time: while its synchronous interface runs, no asyncio test can run in the
same process.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.console.city import City
from tests.console.watch import Watch
from tests.support.processes import Processes
from tests.support.tools import REPOSITORY, require_tool

PAGES = REPOSITORY / "server" / "sigap_server" / "web"
# MapLibre needs WebGL, which a machine without a graphics card does in software.
_ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
_PATIENCE_MS = 15_000
BANDUNG = {"latitude": -6.9025, "longitude": 107.6188, "accuracy": 12}
CALLSIGNS = ["Maung 01", "Maung 02", "Maung 03"]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for all tests of a module."""
    chromium = require_tool("chromium")
    assert (PAGES / "index.html").is_file(), f"the pages are not built in {PAGES}: run `make setup`"
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def module_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Sigap with three units, for all tests of a module."""
    processes = Processes()
    try:
        yield City(tmp_path_factory.mktemp("city"), processes, CALLSIGNS)
    finally:
        processes.stop_all()


@pytest.fixture
def city(module_city: City) -> Iterator[City]:
    """The module's Sigap; units that a test connected are gone after it, and so are its incidents."""
    yield module_city
    module_city.close_radios()


@pytest.fixture
def watches() -> list[Watch]:
    """One for each page opened by `open_page`, in that order."""
    return []


@pytest.fixture
def open_page(browser: Browser, watches: list[Watch]) -> Iterator[OpenPage]:
    """Opens an address in a browser of its own, English and in Bandung's time unless told otherwise.

    At the end every such page must have spoken to its own host only, and complained of nothing.
    """
    opened: list[tuple[BrowserContext, Page]] = []

    def open_page(url: str, before: Callable[[BrowserContext], object] | None = None, **options: Any) -> Page:
        given = {"locale": "en-GB", "timezone_id": "Asia/Jakarta", "viewport": {"width": 1440, "height": 900}}
        context = browser.new_context(**{**given, **options})
        context.set_default_timeout(_PATIENCE_MS)
        if before:
            before(context)
        page = context.new_page()
        watches.append(Watch(page))
        opened.append((context, page))
        page.goto(url)
        return page

    yield open_page
    for (context, page), watch in zip(opened, watches, strict=True):
        host = page.url.split("/")[2]
        context.close()
        watch.check(host)


@pytest.fixture
def open_phone(open_page: OpenPage, city: City) -> OpenPage:
    """The citizen's page on a phone that knows where it is, unless `permissions` says otherwise."""

    def open_phone(before: Callable[[BrowserContext], object] | None = None, **options: Any) -> Page:
        given = {
            "viewport": {"width": 390, "height": 844},
            "has_touch": True,
            "is_mobile": True,
            "geolocation": BANDUNG,
            "permissions": ["geolocation"],
        }
        return open_page(f"{city.url}/alert", before, **{**given, **options})

    return open_phone
