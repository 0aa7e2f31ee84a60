"""Citizens press at random times near streets; a phone insists until the server confirmed, always with the same id."""

import itertools
import json
import math
import statistics
import time
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from sigap_roads.city import MIDDLE, default_city
from sigap_simulator import citizen
from sigap_simulator.citizen import Phone, Press, presses
from sigap_simulator.geometry import Plane
from sigap_simulator.streets import Streets

PLANE = Plane(*MIDDLE)
PRESS = Press(uuid4(), -6.9, 107.6, 20, text="help")


@cache
def streets() -> Streets:
    return Streets(default_city(), PLANE)


def test_presses_are_spread_in_time_and_place() -> None:
    plan = list(itertools.islice(presses(1, PLANE, streets(), mean_interval_s=30.0, radius_m=900.0), 2000))
    waits = [wait_s for wait_s, _ in plan]
    assert statistics.fmean(waits) == pytest.approx(30.0, rel=0.1)
    # Independent of one another: an exponential distribution spreads as wide as its mean.
    assert statistics.pstdev(waits) == pytest.approx(30.0, rel=0.15)
    assert len({press.alert_id for _, press in plan}) == 2000
    for _, press in plan:
        point = PLANE.to_metres(press.lat_deg, press.lon_deg)
        assert math.hypot(*point) < 1600.0
        assert math.dist(point, streets().nearest(point, on_foot=True).point) < 160.0


def test_a_seed_repeats_places_and_times_but_not_ids() -> None:
    def plan(seed: int) -> list[tuple[float, float, UUID]]:
        found = itertools.islice(presses(seed, PLANE, streets()), 20)
        return [(wait_s, press.lat_deg, press.alert_id) for wait_s, press in found]

    assert [item[:2] for item in plan(7)] == [item[:2] for item in plan(7)] != [item[:2] for item in plan(8)]
    assert not {item[2] for item in plan(7)} & {item[2] for item in plan(7)}


class Server:
    """Answers requests with what it is told, in that order; an exception is a failed connection."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/api/v1/alerts")
        self.bodies.append(json.loads(request.content))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, json={"alert_id": str(PRESS.alert_id), "state": "received"})


def phone_to(server: Server) -> Phone:
    return Phone(httpx.AsyncClient(transport=httpx.MockTransport(server), base_url="http://sigap"))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which are not waited for."""
    found: list[float] = []

    async def nap(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(citizen.asyncio, "sleep", nap)
    return found


async def test_a_press_is_repeated_until_it_is_confirmed(naps: list[float]) -> None:
    server = Server(httpx.ConnectError("down"), 503, 429, httpx.ReadTimeout("slow"), 201)
    phone = phone_to(server)
    answer = await phone.send(PRESS)
    assert answer == {"alert_id": str(PRESS.alert_id), "state": "received"}
    assert len(server.bodies) == 5
    # The very same alert each time, the press's own time included.
    assert all(body == server.bodies[0] for body in server.bodies)
    assert server.bodies[0]["id"] == str(PRESS.alert_id)
    assert server.bodies[0]["text"] == "help"
    assert abs(server.bodies[0]["pressed_ms"] - time.time() * 1000.0) < 60_000.0
    assert len(naps) == 4
    assert 0.2 < naps[0] < 1.0 < naps[3] < 10.0
    assert (phone.counters.presses, phone.counters.attempts, phone.counters.confirmed) == (1, 5, 1)


async def test_a_second_confirmation_counts_as_well(naps: list[float]) -> None:
    phone = phone_to(Server(200))
    assert await phone.send(PRESS) is not None
    assert naps == []


async def test_a_refusal_ends_it(naps: list[float]) -> None:
    phone = phone_to(Server(422))
    assert await phone.send(PRESS) is None
    assert phone.counters.refused == 1
    assert "422" in phone.counters.last_refusal
    assert naps == []


async def test_the_server_may_ask_for_patience(naps: list[float]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={}) if naps else httpx.Response(429, headers={"Retry-After": "17"})

    phone = Phone(httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://sigap"))
    assert await phone.send(PRESS) == {}
    assert naps == [17.0]
