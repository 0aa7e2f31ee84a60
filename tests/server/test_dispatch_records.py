"""The log's records: what was written is what is read, and nothing else is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_server.dispatch import events
from sigap_server.dispatch.evolve import evolve, fold
from sigap_server.dispatch.records import EVENT_CLASSES, RecordError, from_record, to_record
from sigap_server.dispatch.state import DispatchState
from sigap_wire.ack import ACCEPTED, CLEAR, DECLINED
from tests.server.dispatch_world import World, through_json


def _has_only_numbers(event: events.Event) -> bool:
    """ETAs are finite; Hypothesis' floats need not be."""
    text = json.dumps(to_record(event)[1])
    return "NaN" not in text and "Infinity" not in text


ANY_EVENT = st.one_of([st.from_type(cls) for cls in EVENT_CLASSES.values()]).filter(_has_only_numbers)


def a_log() -> list[events.Event]:
    world = World(units=2)
    world.press(text="tolong")
    world.ack("u-1", DECLINED)
    world.ack("u-2", ACCEPTED, order_id=2)
    world.press()
    world.ack("u-2", CLEAR, order_id=2, revision=2)
    return world.log


def test_every_class_of_event_has_its_own_kind() -> None:
    named = [cls for cls in vars(events).values() if isinstance(cls, type) and isinstance(getattr(cls, "KIND", 0), str)]
    assert {cls.KIND: cls for cls in named} == EVENT_CLASSES
    assert len(named) == len(EVENT_CLASSES)


@given(ANY_EVENT)
def test_every_event_survives_the_database(event: events.Event) -> None:
    assert through_json([event]) == [event]


@given(st.lists(ANY_EVENT, max_size=8))
def test_folding_never_fails(log: list[events.Event]) -> None:
    """Whatever stands in the log: what makes no sense changes nothing, and what is said twice is said once."""
    assert isinstance(fold(log, fold(a_log())), DispatchState)


def test_an_event_about_nothing_changes_nothing() -> None:
    state = fold(a_log())
    for event in a_log():
        if not isinstance(event, events.AlertReceived):
            kind, data = to_record(event)
            moved = from_record(99, event.time_ms, event.actor, kind, data)
            assert evolve(state, moved) == state


def test_no_order_id_is_given_twice_even_if_its_incident_is_unknown() -> None:
    offer = next(event for event in a_log() if isinstance(event, events.Offered))
    state = evolve(DispatchState(next_incident_id=7, next_order_id=1), offer)
    assert state == DispatchState(next_incident_id=7, next_order_id=offer.order_id + 1)


def test_an_offer_on_the_timeline() -> None:
    kind, data = to_record(next(event for event in a_log() if isinstance(event, events.Offered)))
    assert kind == "offered"
    assert (data["order_id"], data["unit_id"], data["chosen"]) == (1, "u-1", "u-1")
    assert (
        data["candidates"][0].items()
        >= {
            "unit_id": "u-1",
            "eta_s": 100.0,
            "distance_m": 1000,
            "method": "straight_line",
            "excluded": None,
        }.items()
    )
    assert data["why"].startswith("u-1, the first there of 2 available")
    json.dumps(data)


def test_the_base_fields_are_not_repeated_in_data() -> None:
    for event in a_log():
        assert not {"incident_id", "time_ms", "actor"} & set(to_record(event)[1])


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("teleported", {}, "unknown kind of event 'teleported', expected one of: .*alert_received, .*offered"),
        ("closed", [], "closed: data is \\[\\], expected an object"),
        ("closed", {}, "closed.disposition is missing"),
        ("closed", {"disposition": 1}, "closed.disposition is 1, expected str"),
        ("closed", {"disposition": "x", "order_id": True}, "closed.order_id is True, expected int"),
        ("closed", {"disposition": "x", "order_id": "1"}, "closed.order_id is '1', expected int"),
        ("closed", {"disposition": "x", "mood": 1}, "closed.mood is unknown"),
        ("closed", {"disposition": "x", "time_ms": 1}, "closed.time_ms does not belong into data"),
        ("no_unit", {"why": "", "excluded_counts": {"busy": "1"}}, "no_unit.excluded_counts is"),
        (
            "offer_withdrawn",
            {"order_id": 1, "unit_id": "u-1", "reason": "bored"},
            "offer_withdrawn.reason is 'bored', expected one of: declined",
        ),
    ],
)
def test_what_is_no_event_is_refused_by_name(kind: str, data: object, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        from_record(1, 0, "system", kind, data)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("eta_s",), float("nan"), "offered.eta_s is nan, expected a number"),
        (("candidates",), {}, "offered.candidates is {}, expected a list"),
        (("candidates", 0, "eta_s"), "soon", "offered.candidates\\[0\\].eta_s is 'soon', expected a number"),
        (("candidates", 0), 7, "offered.candidates\\[0\\] is 7, expected an object"),
        (("chosen",), "u-2", "offered.chosen is not the unit_id"),
    ],
)
def test_a_damaged_offer_is_refused_by_name(path: tuple[str | int, ...], value: object, message: str) -> None:
    kind, data = to_record(next(event for event in a_log() if isinstance(event, events.Offered)))
    inner: object = data
    for step in path[:-1]:
        inner = inner[step]  # type: ignore[index]
    inner[path[-1]] = value  # type: ignore[index]
    with pytest.raises(RecordError, match=message):
        from_record(1, 0, "system", kind, data)


def test_a_log_as_it_was_when_an_incident_had_one_unit_still_means_the_same() -> None:
    """Written by the first version, before there were places, modes and alarms."""
    lines = (Path(__file__).parent / "logs" / "of_one_unit_each.jsonl").read_text().splitlines()
    state = fold(from_record(*json.loads(line)) for line in lines)
    assert (len(lines), state.next_incident_id, state.next_order_id) == (39, 4, 10)
    (incident,) = state.incidents.values()
    assert (incident.incident_id, incident.phase, incident.unit_id) == (3, "offered", "u-2")
    assert incident.asked == {"u-2": 1790000066000, "u-1": 1790000097000}
    assert (incident.priority, incident.held, incident.wanted, incident.alarms) == (1, None, 1, ("unowned",))
    assert dict(state.by_unit) == {"u-2": (3, 9)}
    ends = {
        unit_id: [(order.order_id, order.revision, order.state, order.reason) for order in state.orders_of(unit_id)]
        for unit_id in ("u-1", "u-2", "u-3")
    }
    assert ends == {
        "u-1": [(1, 2, 2, "declined"), (4, 2, 2, "receipt_timeout"), (6, 2, 2, "receipt_timeout")],
        "u-2": [
            (2, 3, 2, "superseded"),
            (5, 2, 2, "receipt_timeout"),
            (7, 2, 2, "incident_closed"),
            (9, 1, 0, ""),
        ],
        "u-3": [(3, 3, 3, "cleared_by_unit"), (8, 2, 2, "unit_lost")],
    }


def test_a_field_younger_than_the_record_has_its_default() -> None:
    kind, data = to_record(a_log()[0])
    del data["adjusted"]
    assert from_record(1, a_log()[0].time_ms, "citizen", kind, data) == a_log()[0]
