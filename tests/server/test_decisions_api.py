"""What operators decide, through the API and over the real broker."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sigap_wire import ack
from sigap_wire.order import STATE_ASSIGNED, STATE_CANCELLED, STATE_OFFERED
from tests.support.installation import Installation
from tests.support.running import Running, running
from tests.support.units import WireUnit

API = "/api/v1"
NEAR, FAR = (-69_000_000, 1_076_000_000), (-69_500_000, 1_076_000_000)
DEVICE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
async def server(installation: Installation) -> AsyncIterator[Running]:
    async with running(installation) as started:
        await started.log_in()
        yield started


async def decide(server: Running, what: str, incident_id: int = 1, **body: object) -> dict[str, Any]:
    answer = await server.client.post(f"{API}/incidents/{incident_id}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def kinds(incident: dict[str, Any]) -> list[str]:
    return [entry["kind"] for entry in incident["timeline"]]


async def test_an_operator_sends_another_car_and_says_why(installation: Installation) -> None:
    a, b = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with running(installation) as server, WireUnit(a, port) as near, WireUnit(b, port) as far:
        await server.log_in()
        await near.report(*NEAR)
        await far.report(*FAR)
        await server.counted("ingest.fixes", 2)
        await server.press()
        offer = await near.order()
        await near.ack(offer, ack.RECEIVED)
        unexplained = await server.client.post(f"{API}/incidents/1/dispatch", json={"unit_id": "unit-b"})
        assert (unexplained.status_code, unexplained.json()["error"]["code"]) == (422, "value_impossible")
        incident = await decide(server, "dispatch", unit_id="unit-b", reason="knows the street")
        assert [(part["unit_id"], part["phase"]) for part in incident["units"]] == [("unit-b", "offered")]
        assert (await near.order()).state == STATE_CANCELLED
        offer = await far.order()
        assert offer.state == STATE_OFFERED
        await far.ack(offer, ack.ACCEPTED)
        assert (await far.order()).state == STATE_ASSIGNED
        recalled = await decide(server, "recall", unit_id="unit-b", reason="needed at the station")
        assert "recalled" in kinds(recalled)
        assert (await far.order()).state == STATE_CANCELLED
        actors = {entry["actor"] for entry in recalled["timeline"] if entry["kind"] == "recalled"}
        assert actors == {"operator:operator"}


async def test_presented_answered_verified_and_closed(server: Running) -> None:
    await server.press()
    assert (await decide(server, "present"))["presented_ms"] is not None
    assert (await decide(server, "answer"))["answered_ms"] is not None
    verified = await decide(server, "verify", verdict="real", note="a neighbour confirms")
    assert (verified["verdict"], verified["tier"], verified["mode"]) == ("real", "high", "auto")
    more = await decide(server, "need", wanted=2, skills=["first_aid"])
    assert more["wanted"] == 2
    assert (await decide(server, "backup"))["wanted"] == 3
    assert (await decide(server, "priority", priority=2))["priority"] == 2
    closed = await decide(server, "close", disposition="real")
    assert (closed["phase"], closed["disposition"], closed["priority"]) == ("closed", "real", 2)
    assert (closed["tier"], closed["units"], closed["alarms"]) == (None, [], [])
    again = await server.client.post(f"{API}/incidents/1/close", json={"disposition": "real"})
    assert (again.status_code, again.json()["error"]["code"]) == (404, "unknown_incident")


async def test_a_p1_without_a_car_is_an_alarm(server: Running) -> None:
    await server.press()
    incident = (await server.client.get(f"{API}/incidents/1")).json()
    assert {"unowned", "no_unit"} <= set(incident["alarms"])


async def test_a_caller_asks_to_cancel_and_an_operator_decides(server: Running) -> None:
    alert = await server.press()
    answer = await server.client.post(f"{API}/alerts/{alert['alert_id']}/cancel", json={"reason": "it was a cat"})
    assert (answer.status_code, answer.json()["state"]) == (200, "received")
    incident = (await server.client.get(f"{API}/incidents/1")).json()
    assert incident["phase"] != "closed"
    assert "cancel_requested" in incident["alarms"]
    assert (incident["cancel"]["reason"], incident["cancel"]["confirmed"]) == ("it was a cat", False)
    assert (await decide(server, "refuse-cancel", note="we look anyway"))["cancel"] is None
    unknown = await server.client.post(f"{API}/alerts/{uuid.uuid4()}/cancel", json={"reason": "x"})
    assert unknown.status_code == 404


async def test_two_callers_of_one_case_share_its_news(server: Running) -> None:
    first, second = await server.press(), await server.press(lat=-6.9001, text="same here")
    assert second["incident_id"] == first["incident_id"] == 1
    assert second["alert_id"] != first["alert_id"], "its id is a caller's secret"
    assert second["received_ms"] > first["received_ms"]
    incident = (await server.client.get(f"{API}/incidents/1")).json()
    assert [(linked["alert_id"], linked["text"]) for linked in incident["linked"]] == [
        (second["alert_id"], "same here")
    ]
    apart = await decide(server, "unlink", alert_id=second["alert_id"])
    assert apart["linked"] == []
    news = (await server.client.get(f"{API}/alerts/{second['alert_id']}")).json()
    assert (news["incident_id"], news["alert_id"]) == (2, second["alert_id"])
    together = await decide(server, "link", incident_id=2, to_incident_id=1)
    assert (together["phase"], together["disposition"]) == ("closed", "duplicate")
    assert (await server.client.get(f"{API}/alerts/{second['alert_id']}")).json()["incident_id"] == 1


async def test_what_became_of_earlier_alerts_of_a_phone_counts(installation: Installation) -> None:
    async with running(installation) as server:
        await server.log_in()
        for number in range(2):
            await server.press(device=DEVICE, lat=-6.9 + number / 10)
            await decide(server, "verify", number + 1, verdict="false")
            await decide(server, "close", number + 1, disposition="prank")
    async with running(installation) as server:
        await server.log_in()
        await server.press(device=DEVICE)
        incident = (await server.client.get(f"{API}/incidents/3")).json()
        assert (incident["tier"], incident["mode"], incident["held"]) == ("low", "recommend", "recommend")
        assert incident["reasons"] == ["caller had 2 earlier alerts that were false"]
        await server.press(lat=-6.95)
        other = (await server.client.get(f"{API}/incidents/4")).json()
        assert (other["tier"], other["mode"]) == ("medium", "auto_offer")


async def test_a_call_taken_by_phone(server: Running) -> None:
    body = {"id": str(uuid.uuid4()), "lat": -6.9, "lon": 107.6, "text": "Bu Siti, 0812", "priority": 3}
    answer = await server.client.post(f"{API}/incidents", json=body)
    assert answer.status_code == 201
    incident = answer.json()
    assert (incident["priority"], incident["tier"], incident["text"]) == (3, "high", "Bu Siti, 0812")
    assert incident["timeline"][0]["actor"] == "operator:operator"
    nowhere = await server.client.post(f"{API}/incidents", json={**body, "id": str(uuid.uuid4()), "lat": 0, "lon": 0})
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (422, "location_impossible")


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("verify", {"verdict": "maybe"}, 422, None),
        ("priority", {"priority": 0}, 422, "value_impossible"),
        ("need", {"wanted": 0}, 422, "value_impossible"),
        ("need", {"wanted": 1, "skills": ["a b"]}, 422, None),
        ("backup", {"units": 99}, 422, "value_impossible"),
        ("recall", {"unit_id": "unit-x"}, 409, "unit_not_on_incident"),
        ("dispatch", {"unit_id": "unit-x", "reason": "r"}, 404, "unknown_unit"),
        ("link", {"to_incident_id": 77}, 404, "unknown_incident"),
        ("refuse-cancel", {}, 409, "nothing_to_decide"),
        ("close", {"disposition": "Not A Word"}, 422, None),
        ("close", {}, 422, None),
    ],
)
async def test_decisions_that_are_refused_change_nothing(
    server: Running, what: str, body: dict[str, object], status: int, code: str | None
) -> None:
    await server.press()
    before = (await server.client.get(f"{API}/incidents/1")).json()
    answer = await server.client.post(f"{API}/incidents/1/{what}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
    if code is not None:
        assert answer.json()["error"]["code"] == code
    assert (await server.client.get(f"{API}/incidents/1")).json() == before
    assert (await server.client.post(f"{API}/incidents/9/{what}", json=body)).status_code in (404, 422)


async def test_only_operators_decide(installation: Installation) -> None:
    async with running(installation) as server:
        await server.press()
        for what in ("present", "answer", "backup", "close"):
            assert (await server.client.post(f"{API}/incidents/1/{what}", json={})).status_code == 401
