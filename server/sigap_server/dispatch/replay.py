"""An incident told again from its log: every decision is made anew from what was known then, by the rules of then, and
by others if somebody asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigap_server.dispatch.choice import RECORDED_MAX, Choice
from sigap_server.dispatch.decision_record import rechoose, rechoose_jointly, unpack
from sigap_server.dispatch.events import Event, NoUnit, Offered
from sigap_server.dispatch.need import Need
from sigap_server.dispatch.policy import Policy
from sigap_server.dispatch.remarks import remarks_on


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of the log; `record` and `policy` are what it was decided on and by, None for one that was no choice."""

    event: Event
    record: bytes | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice, made again.

    need       what the incident needed
    choice     by the rules of then
    is_same    whether that is, to the letter, what the log says
    other      by the rules that were asked about, None if none were
    """

    event: Offered | NoUnit
    need: Need
    choice: Choice
    is_same: bool
    other: Choice | None = None

    @property
    def asked(self) -> str:
        """The unit that was asked, "" if nobody could be."""
        return self.event.unit_id if isinstance(self.event, Offered) else ""

    @property
    def other_first(self) -> str:
        """Whom the other rules would have asked first, "" for nobody."""
        return self.other.first.unit_id if self.other and self.other.first else ""


def together_with(events: Sequence[Event]) -> set[int]:
    """The incidents that were decided on together with these events: their records are needed too."""
    return {incident_id for event in events if isinstance(event, Offered | NoUnit) for incident_id in event.together}


def decide_again(incident_id: int, log: Sequence[Recorded], other: Policy | None = None) -> list[Decision]:
    """The incident's decisions in their order. `log` has its events, and those of the incidents in `together_with`.

    Raises DecisionRecordError for a record that cannot be read.
    """
    found = []
    for entry in log:
        event = entry.event
        if event.incident_id != incident_id or not isinstance(event, Offered | NoUnit):
            continue
        if entry.record is None or entry.policy is None:
            continue  # older than the records
        records = _together(entry, event, log)
        choice = _choose(records, incident_id, entry.policy)
        need, _ = unpack(entry.record)
        found.append(
            Decision(
                event=event,
                need=need,
                choice=choice,
                is_same=says_the_same(event, choice),
                other=None if other is None else _choose(records, incident_id, other),
            )
        )
    return found


def says_the_same(event: Offered | NoUnit, choice: Choice) -> bool:
    """Whether the choice is what the event recorded of one."""
    if choice.excluded_counts != event.excluded_counts:
        return False
    if isinstance(event, NoUnit):
        return choice.first is None and remarks_on(choice) == event.remarks
    return (
        choice.ranked[:RECORDED_MAX] == event.candidates
        and choice.excluded[:RECORDED_MAX] == event.excluded
        and choice.eligible_count == event.eligible_count
        and (bool(event.override) or remarks_on(choice) == event.remarks)
    )


def _together(entry: Recorded, event: Offered | NoUnit, log: Sequence[Recorded]) -> Mapping[int, bytes]:
    """incident_id → record of everything that was decided on by the same decision."""
    assert entry.record is not None
    for block in _blocks(event, log):
        if any(one is entry for one in block):
            return {one.event.incident_id: one.record for one in reversed(block) if one.record is not None}
    return {event.incident_id: entry.record}


def _blocks(event: Offered | NoUnit, log: Sequence[Recorded]) -> list[list[Recorded]]:
    """The choices of this moment for the same incidents, decision by decision: each tells of them in one order, so that
    an earlier one begins the next."""
    blocks: list[list[Recorded]] = []
    last = len(event.together)
    for entry in log:
        told = entry.event
        if not isinstance(told, Offered | NoUnit) or (told.time_ms, told.together) != (event.time_ms, event.together):
            continue
        if told.incident_id not in event.together:
            continue
        place = event.together.index(told.incident_id)
        same_record = bool(blocks) and place == last and blocks[-1][-1].record == entry.record
        if place < last or (place == last and not same_record):
            blocks.append([])
        blocks[-1].append(entry)
        last = place
    return blocks


def _choose(records: Mapping[int, bytes], incident_id: int, policy: Policy) -> Choice:
    if len(records) == 1:
        return rechoose(records[incident_id], policy)
    return rechoose_jointly(records.values(), policy)[incident_id]
