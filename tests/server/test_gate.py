"""What every request passes: size and type of the body, the one form of errors, headers."""

from collections.abc import AsyncIterator

import pytest

from tests.server.conftest import Install
from tests.support.running import Running, running

URL = "/api/v1/alerts"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def server(install: Install) -> AsyncIterator[Running]:
    async with running(install(limits={"body_bytes": 1024}), connected=False) as started:
        yield started


async def pieces(total_bytes: int) -> AsyncIterator[bytes]:
    for _ in range(total_bytes // 100):
        yield b" " * 100


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "code"),
    [
        ("POST", URL, b" " * 1025, JSON, 413, "body_too_large"),
        ("POST", URL, 2000, JSON, 413, "body_too_large"),
        ("POST", URL, b"{}", {"Content-Type": "text/plain"}, 415, "content_type"),
        ("POST", URL, b"id=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "content_type"),
        ("POST", URL, b"{}", {}, 415, "content_type"),
        ("POST", URL, b"{", JSON, 400, "json_invalid"),
        ("POST", URL, b"\xff\xfe", JSON, 400, "json_invalid"),
        ("POST", URL, b"", JSON, 422, "body_invalid"),
        ("POST", URL, b"[]", JSON, 422, "body_invalid"),
        ("POST", URL, b'"text"', JSON, 422, "body_invalid"),
        ("POST", URL, b"[" * 1000, JSON, 400, "json_invalid"),
        ("PUT", URL, b"{}", JSON, 405, "method_not_allowed"),
        ("GET", "/api/v1/nothing", b"", {}, 404, "not_found"),
        ("GET", "/nothing.js", b"", {}, 404, "not_found"),
        ("GET", "/../pyproject.toml", b"", {}, 404, "not_found"),
        ("GET", "/api/v1/incidents/first", b"", {}, 401, "login_required"),
    ],
)
async def test_refusals_have_one_form(
    server: Running, method: str, path: str, content: bytes | int, headers: dict[str, str], status: int, code: str
) -> None:
    body = pieces(content) if isinstance(content, int) else content
    answer = await server.client.request(method, path, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message", "field"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]
    assert server.service.counters["api.refused"] == 1
    assert server.service.counters["api.errors"] == 0


async def test_a_defect_is_answered_and_counted(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_alert_id: str) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(server.service.dispatcher, "find", fail)
    answer = await server.client.get(f"{URL}/6f1ed002-ab5e-4a2b-8b0e-3a8f6f6b7a11")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "a defect" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert server.service.counters["api.errors"] == 1


@pytest.mark.parametrize("path", ["/", "/alert", "/api/v1/status", "/api/docs", "/nothing"])
async def test_every_answer_has_the_security_headers(server: Running, path: str) -> None:
    headers = (await server.client.get(path)).headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers
    assert (headers.get("Cache-Control") == "no-store") is path.startswith("/api/")


async def test_the_description_and_its_page(server: Running) -> None:
    openapi = (await server.client.get("/api/openapi.json")).json()
    operations = {f"{method.upper()} {path}" for path, methods in openapi["paths"].items() for method in methods}
    assert operations == {
        "POST /api/v1/alerts",
        "GET /api/v1/alerts/{alert_id}",
        "POST /api/v1/session",
        "GET /api/v1/session",
        "DELETE /api/v1/session",
        "GET /api/v1/units",
        "POST /api/v1/units",
        "POST /api/v1/units/{unit_id}/config",
        "GET /api/v1/units/{unit_id}/results",
        "GET /api/v1/incidents",
        "GET /api/v1/incidents/{incident_id}",
        "POST /api/v1/alerts/{alert_id}/cancel",
        "PATCH /api/v1/units/{unit_id}",
        "POST /api/v1/incidents",
        "POST /api/v1/incidents/{incident_id}/answer",
        "POST /api/v1/incidents/{incident_id}/backup",
        "POST /api/v1/incidents/{incident_id}/close",
        "POST /api/v1/incidents/{incident_id}/dispatch",
        "POST /api/v1/incidents/{incident_id}/link",
        "POST /api/v1/incidents/{incident_id}/need",
        "POST /api/v1/incidents/{incident_id}/present",
        "POST /api/v1/incidents/{incident_id}/priority",
        "POST /api/v1/incidents/{incident_id}/recall",
        "POST /api/v1/incidents/{incident_id}/refuse-cancel",
        "POST /api/v1/incidents/{incident_id}/unlink",
        "POST /api/v1/incidents/{incident_id}/verify",
        "GET /api/v1/roads/changes",
        "POST /api/v1/roads/changes",
        "DELETE /api/v1/roads/changes/{change_id}",
        "GET /api/v1/roads/travel-times",
        "GET /api/v1/counters",
        "GET /api/v1/live",
        "GET /api/v1/status",
    }
    page = (await server.client.get("/api/docs")).text
    for operation in operations:
        assert f"<code>{operation}</code>" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page


async def test_status_without_a_broker(server: Running) -> None:
    answer = await server.client.get("/api/v1/status")
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "version": "0.1.0", "broker": "disconnected", "database": "ok"}
