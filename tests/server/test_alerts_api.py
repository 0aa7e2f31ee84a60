"""POST /api/v1/alerts: stored before it is answered, once however often it comes, refused with a reason."""

import asyncio
import contextlib
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sigap_server.alerts import AlertRefusedError, check_alert
from sigap_server.api.alerts import _raw
from sigap_server.api.shapes import AlertIn
from sigap_server.dispatch.inputs import CloseIncident
from tests.server.conftest import Install
from tests.support.running import Running, running

URL = "/api/v1/alerts"


def press(**changes: object) -> dict[str, object]:
    body = {"id": str(uuid.uuid4()), "kind": "emergency", "lat": -6.9147, "lon": 107.6098, "accuracy_m": 20}
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


@pytest.fixture
async def server(install: Install) -> AsyncIterator[Running]:
    """Without a broker: alerts are taken all the same."""
    async with running(install(), connected=False) as started:
        yield started


async def test_a_press_is_stored_and_answered(server: Running) -> None:
    body = press(text="  two\nlines ", pressed_ms=1_700_000_000_000)
    answer = await server.client.post(URL, json=body)
    assert answer.status_code == 201
    found = answer.json()
    assert found == {
        "alert_id": body["id"],
        "incident_id": 1,
        "state": "received",
        "eta_s": None,
        "unit": None,
        "pressed_ms": found["pressed_ms"],
        "received_ms": found["received_ms"],
    }
    assert 0 <= found["received_ms"] - found["pressed_ms"] < 5_000, "a clock that is years off is put right"
    # A connection of its own sees committed data only.
    with sqlite3.connect(server.service.settings.database_path) as database:
        assert database.execute("SELECT alert_id, kind, lat_e7, lon_e7, accuracy_m, text FROM alert").fetchall() == [
            (body["id"], "emergency", -69_147_000, 1_076_098_000, 20, "two lines")
        ]
        assert database.execute("SELECT seq, kind FROM event ORDER BY event_id").fetchall() == [
            (1, "alert_received"),
            (2, "no_unit"),
        ]
    database.close()
    assert (await server.client.get(f"{URL}/{body['id']}")).json() == found


async def test_the_same_press_again_is_the_same_incident(server: Running) -> None:
    body = press()
    first = await server.client.post(URL, json=body)
    again = await server.client.post(URL, json=body | {"id": str(body["id"]).upper()})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_many_at_once_of_the_same_press_make_one_incident(server: Running) -> None:
    bodies = [press(lat=-6.9147 - number / 100) for number in range(5)]
    answers = await asyncio.gather(*(server.client.post(URL, json=body) for body in bodies * 10))
    assert sorted(answer.status_code for answer in answers) == [200] * 45 + [201] * 5
    assert len({answer.json()["incident_id"] for answer in answers}) == 5
    assert await server.rows("SELECT count(*) FROM incident") == [(5,)]
    assert server.service.counters["alerts.accepted"] == 5
    assert server.service.counters["alerts.repeated"] == 45


async def test_a_closed_press_does_not_open_again(server: Running) -> None:
    body = press()
    await server.client.post(URL, json=body)
    await server.service.dispatcher.tell(CloseIncident(1, "operator:sari", "mistake"))
    again = await server.client.post(URL, json=body)
    assert (again.status_code, again.json()["state"]) == (200, "closed")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lat": ...}, "location_missing", "lat"),
        ({"lat": None, "lon": None}, "location_missing", "lat"),
        ({"lon": None}, "location_missing", "lon"),
        ({"lat": 90.1}, "location_impossible", "lat"),
        ({"lon": -180.5}, "location_impossible", "lon"),
        ({"lat": 0, "lon": 0}, "location_impossible", "lat"),
        ({"id": "1"}, "id_invalid", "id"),
        ({"id": ...}, "field_missing", "id"),
        ({"kind": "joke"}, "kind_unknown", "kind"),
        ({"lat": "north"}, "field_invalid", "lat"),
        ({"latitude": 1}, "field_unknown", "latitude"),
        ({"text": ["a"]}, "field_invalid", "text"),
    ],
)
async def test_what_cannot_be_acted_on_is_named(
    server: Running, changes: dict[str, object], code: str, field: str
) -> None:
    answer = await server.client.post(URL, json=press(**changes))
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["field"] == field
    assert field in answer.json()["error"]["message"]
    assert await server.rows("SELECT count(*) FROM alert") == [(0,)]


@pytest.mark.parametrize(
    "changes",
    [
        {"pressed_ms": -5},
        {"pressed_ms": 1e300},
        {"pressed_ms": 1.5},
        {"accuracy_m": -1},
        {"accuracy_m": 1e9},
        {"text": "x" * 5000},
        {"text": None},
    ],
)
async def test_a_broken_phone_still_gets_help(server: Running, changes: dict[str, object]) -> None:
    assert (await server.client.post(URL, json=press(**changes))).status_code == 201


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("field", ["lat", "accuracy_m", "pressed_ms"])
async def test_numbers_that_are_none(server: Running, field: str, literal: str) -> None:
    body = json.dumps(press(**{field: "@"})).replace('"@"', literal)
    answer = await server.client.post(URL, content=body, headers={"Content-Type": "application/json"})
    if field == "lat":
        assert answer.json()["error"]["code"] == "location_impossible"
    else:
        assert answer.status_code == 201


async def test_unknown_alerts(server: Running) -> None:
    for alert_id in (str(uuid.uuid4()), "x"):
        answer = await server.client.get(f"{URL}/{alert_id}")
        assert answer.status_code == 404, alert_id


async def test_a_flood_is_slowed_and_a_repeated_press_is_not(install: Install) -> None:
    async with running(install(limits={"alerts_per_minute_per_address": 3}), connected=False) as server:
        bodies = [press() for _ in range(4)]
        answers = [await server.client.post(URL, json=body) for body in bodies]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
        assert answers[3].json()["error"]["code"] == "rate_limited"
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
        assert (await server.client.post(URL, json=bodies[0])).status_code == 200
        assert server.service.counters["alerts.rate_limited"] == 1


async def test_without_the_database_the_sender_is_told_to_try_again(server: Running) -> None:
    other = sqlite3.connect(server.service.settings.database_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    body = press()
    answer = await server.client.post(URL, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
    assert answer.headers["Retry-After"] == "1"
    other.execute("ROLLBACK")
    other.close()
    assert (await server.client.post(URL, json=body)).status_code == 201


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(AlertIn.model_fields, anything)))
def test_no_body_ends_in_a_defect(body: dict[str, object]) -> None:
    with contextlib.suppress(ValidationError, AlertRefusedError):
        check_alert(_raw(AlertIn(**body)), 1_790_000_000_000)


async def test_a_linked_caller_is_told_while_memory_is_behind_the_disk(server: Running) -> None:
    """A commit whose answer was lost is on the disk, and not yet known here."""
    first, second = press(), press()
    await server.client.post(URL, json=first)
    dispatcher = server.service.dispatcher
    state, records = dispatcher.state, [replace(dispatcher.book.records()[0])]
    records[0].timeline = list(records[0].timeline)
    assert (await server.client.post(URL, json=second)).json()["incident_id"] == 1
    dispatcher.state = state
    dispatcher.book.put(records)
    answer = await server.client.get(f"{URL}/{second['id']}")
    assert (answer.status_code, answer.json()["incident_id"]) == (200, 1)
