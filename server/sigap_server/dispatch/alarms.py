"""The alarms that time makes: what waited too long, for a unit or for an operator."""

from collections.abc import Iterable

from sigap_server.dispatch import events
from sigap_server.dispatch.events import SYSTEM, Alarm, HoldReason
from sigap_server.dispatch.incident import Incident
from sigap_server.dispatch.intake import release
from sigap_server.dispatch.policy import by_priority
from sigap_server.dispatch.turn import Turn


def send_by_itself(turn: Turn) -> None:
    """What no operator acted on in time goes out without one, where the policy says so."""
    for incident_id in sorted(turn.state.unfilled):
        incident = turn.incident(incident_id)
        if (
            incident.held in (HoldReason.RECOMMEND, HoldReason.CLEARED_EARLY)
            and _is_late(turn, incident)
            and by_priority(turn.policy.trust.goes_by_itself, incident.priority)
        ):
            release(turn, incident_id, SYSTEM, "no operator acted in time")


def bring_up_to_date(turn: Turn, incident_ids: Iterable[int]) -> None:
    """Raise and end the timed alarms of these incidents, as far as they are open."""
    for incident_id in sorted(incident_ids):
        incident = turn.state.incidents.get(incident_id)
        if incident is None or (incident.unowned_ms is None and not incident.raised):
            continue
        due = _due(turn, incident)
        for alarm in due:
            if alarm not in incident.raised:
                turn.add(events.AlarmRaised(incident_id=incident_id, time_ms=turn.now_ms, alarm=alarm))
        for alarm in incident.raised:
            if alarm not in due:
                turn.add(events.AlarmEnded(incident_id=incident_id, time_ms=turn.now_ms, alarm=alarm))


def _due(turn: Turn, incident: Incident) -> list[Alarm]:
    due = []
    if _is_late(turn, incident):
        due.append(Alarm.NOT_ACTED)
    waits_ms = by_priority(turn.policy.queue.hold_s, incident.priority) * 1000
    if incident.unowned_ms is not None and turn.now_ms - incident.unowned_ms >= waits_ms:
        due.append(Alarm.HELD_TOO_LONG)
    return due


def _is_late(turn: Turn, incident: Incident) -> bool:
    return incident.act_by_ms is not None and turn.now_ms >= incident.act_by_ms
