"""A decision made again from its record is the same decision; other rules may make another one of the same facts."""

import json
import subprocess
import sys
import uuid
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_server.dispatch import inputs
from sigap_server.dispatch.choice import RECORDED_MAX
from sigap_server.dispatch.decision_record import pack
from sigap_server.dispatch.events import NoUnit, Offered
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.records import from_record, to_record
from sigap_server.dispatch.replay import Recorded, decide_again, together_with
from sigap_wire.ack import ACCEPTED, DECLINED, RECEIVED, Ack
from tests.server.dispatch_world import World, an_alert
from tests.support.installation import Installation
from tests.support.running import running
from tests.support.units import WireUnit


class Kept:
    """A world whose decisions are kept as the database keeps them."""

    def __init__(self, units: int = 3, **rules: object) -> None:
        self.world = World(units, **rules)  # type: ignore[arg-type]
        self.log: list[Recorded] = []
        self.acks = 0

    def give(self, given: inputs.Input) -> None:
        done = self.world.give(given)
        for place, event in enumerate(done.events):
            kind, data = to_record(event)
            again = from_record(event.incident_id, event.time_ms, event.actor, kind, json.loads(json.dumps(data)))
            known = done.weighings.get(place)
            self.log.append(Recorded(again, pack(*known), self.world.policy) if known else Recorded(again))

    def press(self, number: int, metres_north: int = 0) -> None:
        alert = an_alert(number, "emergency", self.world.now_ms)
        self.give(inputs.AlertAccepted(replace(alert, lat_e7=alert.lat_e7 + metres_north * 90)))

    def answer(self, unit_id: str, kind: int) -> None:
        order = self.world.state.open_order(unit_id)
        if order is not None:
            self.acks += 1
            ack = Ack(1, self.acks, order.order_id, order.revision, kind, 0)
            self.give(inputs.AckArrived(unit_id, ack))


STEPS = st.tuples(st.sampled_from(["press", "decline", "accept", "move", "wait"]), st.integers(0, 4))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(1, 5))
def test_every_decision_of_any_story_comes_out_the_same(story: list[tuple[str, int]], units: int) -> None:
    kept = Kept(units)
    world = kept.world
    for number, (what, which) in enumerate(story):
        if what == "press":
            kept.press(number, which * 400)
        elif what == "move":
            world.place(f"u-{which % units + 1}", which * 700)
            kept.give(inputs.FleetChanged())
        elif what == "wait":
            world.now_ms += which * 7000
            for unit in list(world.fleet.units()):
                world.place(unit.unit_id, 1000 * int(unit.unit_id[2:]))
            kept.give(inputs.Tick())
        else:
            kept.answer(f"u-{which % units + 1}", ACCEPTED if what == "accept" else DECLINED)
    choices = [entry for entry in kept.log if isinstance(entry.event, Offered | NoUnit)]
    assert all(entry.record for entry in choices)
    found = [
        decision
        for incident_id in {entry.event.incident_id for entry in kept.log}
        for decision in decide_again(incident_id, kept.log)
    ]
    assert len(found) == len(choices)
    assert all(decision.is_same for decision in found)


def test_a_record_that_was_changed_comes_out_differently() -> None:
    kept = Kept(3)
    kept.press(1)
    (place,) = (i for i, entry in enumerate(kept.log) if isinstance(entry.event, Offered))
    offered = kept.log[place].event
    assert isinstance(offered, Offered)
    kept.log[place] = replace(kept.log[place], event=replace(offered, candidates=offered.candidates[::-1]))
    (decision,) = decide_again(1, kept.log)
    assert not decision.is_same


def test_other_rules_may_send_another() -> None:
    kept = Kept(3)
    kept.press(1)
    strict = Policy(choice=replace(kept.world.policy.choice, eta_max_s=1))
    (decision,) = decide_again(1, kept.log, strict)
    assert (decision.asked, decision.is_same, decision.other_first) == ("u-1", True, "")
    (same,) = decide_again(1, kept.log, kept.world.policy)
    assert same.other_first == "u-1"


def test_what_was_decided_together_is_decided_together_again() -> None:
    kept = Kept(0)
    for number in range(3):
        kept.press(number, number * 5000)
    for number in range(1, 4):
        kept.world.add_unit(f"u-{number}", number * 1000)
    kept.world.now_ms += 1000
    kept.give(inputs.FleetChanged())
    offers = [entry.event for entry in kept.log if isinstance(entry.event, Offered)]
    assert len(offers) == 3
    assert together_with(offers) == {1, 2, 3}
    for incident_id in (1, 2, 3):
        assert all(decision.is_same for decision in decide_again(incident_id, kept.log))
    assert len(offers[0].candidates) <= RECORDED_MAX


async def test_the_command_tells_an_incident_again(installation: Installation) -> None:
    near, far = installation.add_units("unit-a", "unit-b")
    port = installation.settings.mqtt.port
    async with running(installation) as server, WireUnit(near, port) as a, WireUnit(far, port) as b:
        await a.report(-69_000_000, 1_076_000_000)
        await b.report(-69_500_000, 1_076_000_000)
        await server.counted("ingest.fixes", 2)
        body = {"id": str(uuid.uuid4()), "kind": "emergency", "lat": -6.9, "lon": 107.6}
        assert (await server.client.post("/api/v1/alerts", json=body)).status_code == 201
        offer = await a.order()
        await a.ack(offer, RECEIVED)
        await a.ack(offer, DECLINED)
        await b.order()

    def replay(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sigap", "incident", "replay", *arguments],
            env=installation.settings.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    told = replay("1", "--json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["same"]
    assert [one["asked"] for one in document["decisions"]] == ["unit-a", "unit-b"]
    assert document["decisions"][0]["ranked"][0]["eta_s"] == 0.0
    shown = replay("1")
    assert shown.returncode == 0
    assert "decided again: the same" in shown.stdout
    assert "unit-b" in shown.stdout
    other = installation.settings.data_dir / "other.toml"
    other.write_text("[choice]\neta_max_s = 60\n")
    what_if = json.loads(replay("1", "--json", "--policy", str(other)).stdout)
    assert [one["other_first"] for one in what_if["decisions"]] == ["unit-a", None]
    other.write_text("[choice]\neta_max = 60\n")
    for arguments, complaint in (
        (("77",), "there is no incident 77"),
        (("1", "--policy", str(other)), "choice.eta_max is unknown"),
    ):
        failed = replay(*arguments)
        assert (failed.returncode, complaint in failed.stderr) == (2, True), failed.stderr
