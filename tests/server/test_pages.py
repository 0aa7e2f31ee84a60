"""The pages, built or not."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sigap_server.api import pages
from sigap_server.api.app import create_app
from sigap_server.api.gate import CONTENT_SECURITY_POLICY
from sigap_server.service import Service
from tests.server.conftest import Install


@pytest.fixture
def web(tmp_path: Path) -> Path:
    (tmp_path / "web" / "assets").mkdir(parents=True)
    return tmp_path / "web"


@pytest.fixture
async def client(install: Install, web: Path) -> AsyncIterator[httpx.AsyncClient]:
    service = Service(install().settings)
    app = httpx.ASGITransport(create_app(service, web))
    async with httpx.AsyncClient(transport=app, base_url="http://sigap") as started:
        yield started
    await service.close()


@pytest.mark.parametrize(("path", "file"), [("/", "index.html"), ("/alert", "alert.html")])
async def test_pages_are_asked_for_again_and_their_files_are_not(
    client: httpx.AsyncClient, web: Path, path: str, file: str
) -> None:
    (web / file).write_text("<!doctype html>page")
    (web / "assets" / "page-abc123.js").write_text("1")
    page = await client.get(path)
    assert (page.status_code, page.text) == (200, "<!doctype html>page")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert (await client.head(path)).status_code == 200
    script = await client.get("/assets/page-abc123.js")
    assert script.status_code == 200
    assert "immutable" in script.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/alert"])
async def test_pages_that_are_not_built_say_how(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 503
    assert "make setup" in answer.text
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/nothing.js", "/assets/../secret", "/assets/%2e%2e/secret", "/secret", "/index.html"]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, web: Path, path: str) -> None:
    (web.parent / "secret").write_text("secret")
    (web / "secret").write_text("secret")
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_the_built_pages_keep_to_the_content_policy() -> None:
    """No script or style in the pages themselves, nothing from another origin."""
    assert (pages.WEB / "index.html").is_file(), "the pages are not built: run make setup"
    assert "script-src 'self';" in CONTENT_SECURITY_POLICY + ";"
    for file in pages.WEB.glob("*.html"):
        text = file.read_text()
        for script in re.findall(r"<script\b[^>]*>", text):
            assert re.search(r'src="/assets/', script), f"{file.name}: {script}"
        for address in re.findall(r'(?:src|href)="([^"]*)"', text):
            assert address.startswith(("/", "#", "tel:")), f"{file.name}: {address}"
            assert not address.startswith("//"), f"{file.name}: {address}"
        assert not re.search(r"\son\w+=", text), f"{file.name} has an event handler in an attribute"
