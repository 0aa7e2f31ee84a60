"""Logging in, and everything that needs it."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.access import FailureDelay, hash_password
from tests.server.conftest import Install
from tests.support.installation import OPERATOR_PASSWORD
from tests.support.running import Running, running

URL = "/api/v1/session"
GOOD = {"name": "operator", "password": OPERATOR_PASSWORD}
BEHIND_LOGIN = ["/units", "/incidents", "/incidents/1", "/counters", "/live", "/session"]


@pytest.fixture
async def server(install: Install) -> AsyncIterator[Running]:
    async with running(install(), connected=False) as started:
        yield started


async def test_log_in_and_out(server: Running) -> None:
    client = server.client
    assert (await client.get(URL)).status_code == 401
    answer = await client.post(URL, json=GOOD)
    assert answer.status_code == 204
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await client.get(URL)).json() == {"name": "operator"}
    token = client.cookies["sigap_session"]
    assert (await client.delete(URL)).status_code == 204
    assert "sigap_session" not in client.cookies
    client.cookies["sigap_session"] = token
    assert (await client.get(URL)).status_code == 401, "the token is worth nothing any more"


@pytest.mark.parametrize("path", BEHIND_LOGIN)
async def test_closed_doors(server: Running, path: str) -> None:
    for token in (None, "", "guess", "x" * 5000):
        server.client.cookies.clear()
        if token is not None:
            server.client.cookies["sigap_session"] = token
        answer = await server.client.get("/api/v1" + path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login_required")


async def test_registering_needs_a_login(server: Running) -> None:
    answer = await server.client.post("/api/v1/units", json={"unit_id": "u", "callsign": "U"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [{"name": "operator", "password": "wrong"}, {"name": "nobody", "password": "wrong"}, {"name": "", "password": ""}],
)
async def test_wrong_name_and_wrong_password_look_the_same(server: Running, body: dict[str, str]) -> None:
    answer = await server.client.post(URL, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login_wrong")
    assert "Set-Cookie" not in answer.headers


async def test_guessing_gets_slow(server: Running) -> None:
    for _ in range(5):
        assert (await server.client.post(URL, json=GOOD | {"password": "guess"})).status_code == 401
    answer = await server.client.post(URL, json=GOOD)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "login_delayed")
    assert int(answer.headers["Retry-After"]) >= 1
    assert server.service.counters["access.logins_delayed"] == 1
    assert server.service.counters["access.login_failures"] == 5


async def test_neither_password_nor_token_is_in_the_database(server: Running) -> None:
    await server.log_in()
    ((password_hash,),) = await server.rows("SELECT password_hash FROM operator")
    assert password_hash.startswith("$argon2id$")
    ((token_hash,),) = await server.rows("SELECT token_hash FROM session")
    assert server.client.cookies["sigap_session"] not in token_hash


async def test_a_session_ends_in_time(server: Running) -> None:
    await server.log_in()
    async with server.service.database.write() as connection:
        await connection.exec_driver_sql("UPDATE session SET expires_ms = 1")
    assert (await server.client.get(URL)).status_code == 401
    await server.log_in()
    assert await server.rows("SELECT count(*) FROM session") == [(1,)], "the ended one is gone"


def test_the_same_password_has_another_hash_each_time() -> None:
    assert hash_password("x") != hash_password("x")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0, 100))))
def test_delays_grow_only_with_ones_own_failures(attempts: list[tuple[str, bool, float]]) -> None:
    delay = FailureDelay()
    now_s = 0.0
    failures: dict[str, int] = {}
    for address, is_right, pause_s in attempts:
        now_s += pause_s
        wait_s = delay.wait_s(address, now_s)
        assert 0 <= wait_s <= 300
        assert wait_s == 0 or failures[address] >= 5
        if is_right:
            delay.succeeded(address)
            failures[address] = 0
            assert delay.wait_s(address, now_s) == 0
        else:
            delay.failed(address, now_s)
            failures[address] = failures.get(address, 0) + 1
            assert (delay.wait_s(address, now_s) > 0) is (failures[address] >= 5)
