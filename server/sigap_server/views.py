"""Units, incidents and alerts as the API shows them: JSON types, SI units, degrees, Unix milliseconds."""

from typing import Any

from sigap_server.dispatch.events import AlertEvent, AlertLinked
from sigap_server.dispatch.incident import Incident, IssuedOrder
from sigap_server.dispatch.state import DispatchState, Phase
from sigap_server.dispatch.status import eta_of, unit_status
from sigap_server.eta import Eta, EtaMethod
from sigap_server.fleet import Fleet, Unit
from sigap_server.store.incidents import IncidentRecord
from sigap_wire.result import OUTCOME_NAMES, REFUSED, ROLLED_BACK, SUBJECT_NAMES

# What a caller is told of each phase. An offer is no promise yet.
_ALERT_STATES = {
    Phase.WAITING: "received",
    Phase.OFFERED: "received",
    Phase.ASSIGNED: "coming",
    Phase.EN_ROUTE: "coming",
    Phase.ON_SCENE: "arrived",
    Phase.CLOSED: "closed",
}


def unit_view(unit: Unit, state: DispatchState) -> dict[str, Any]:
    """A unit; the position's fields are None until there is one."""
    incident = state.incident_of(unit.unit_id)
    at = unit.position
    return {
        "unit_id": unit.unit_id,
        "callsign": unit.callsign,
        "status": unit_status(unit, state),
        "link": unit.link.value,
        "lat": at and at.lat_e7 / 1e7,
        "lon": at and at.lon_e7 / 1e7,
        "speed_mps": at and at.speed_cmps / 100,
        "course_deg": None if at is None or at.course_cdeg is None else at.course_cdeg / 100,
        "quality": at and at.quality,
        "satellites": at and at.satellites,
        "hdop": None if at is None or at.hdop_centi is None else at.hdop_centi / 100,
        "fix_time_ms": at and at.fix_time_s * 1000,
        "received_ms": at and at.received_ms,
        "incident_id": incident and incident.incident_id,
        "firmware": unit.firmware,
        "no_fix_since_ms": unit.no_fix and unit.no_fix.since_ms,
        "emergency_ms": unit.distress.since_ms if unit.distress and unit.distress.lasts else None,
        "refusal": refusal(unit),
        "kind": unit.traits.kind,
        "skills": sorted(unit.traits.skills),
        "agency": unit.traits.agency,
        "sector": unit.traits.sector,
        "duty": unit.duty.value,
        "duty_ms": unit.duty_ms,
    }


def refusal(unit: Unit) -> str | None:
    """What the unit refused, or went back from, and why; None if its latest result is none of that."""
    last = unit.last_result.result if unit.last_result else None
    if last is None or last.outcome not in (REFUSED, ROLLED_BACK):
        return None
    what = f"{SUBJECT_NAMES[last.subject]} {last.number}" if last.number else SUBJECT_NAMES[last.subject]
    return f"{what} {OUTCOME_NAMES[last.outcome].replace('_', ' ')}: {last.detail}"


def incident_view(record: IncidentRecord, state: DispatchState, fleet: Fleet, eta: EtaMethod) -> dict[str, Any]:
    """An incident with its timeline. `eta_s` is from where the asked or assigned unit is now."""
    of_unit = unit_eta(record.incident_id, state, fleet, eta)
    incident = state.incidents.get(record.incident_id)
    at = incident.facts if incident else record
    return {
        "incident_id": record.incident_id,
        "alert_id": record.alert_id,
        "phase": record.phase,
        "kind": record.kind,
        "priority": record.priority,
        "lat": at.lat_e7 / 1e7,
        "lon": at.lon_e7 / 1e7,
        "accuracy_m": at.accuracy_m,
        "street": _street(record),
        "text": record.text,
        "pressed_ms": record.pressed_ms,
        "received_ms": record.received_ms,
        "unit_id": record.unit_id,
        "eta_s": _whole_seconds(of_unit),
        "eta_method": of_unit.method if of_unit else None,
        "closed_ms": record.closed_ms,
        "disposition": record.disposition,
        "verdict": record.verdict,
        **_standing(incident, fleet, eta),
        "timeline": record.timeline,
    }


def _street(record: IncidentRecord) -> str:
    return str(record.timeline[0]["data"].get("street", "")) if record.timeline else ""


def _standing(incident: Incident | None, fleet: Fleet, eta: EtaMethod) -> dict[str, Any]:
    """Where an open incident stands; of a closed one the timeline tells."""
    cancel = incident and incident.cancel
    return {
        "tier": incident and incident.tier.value,
        "mode": incident and incident.mode.value,
        "reasons": list(incident.reasons) if incident else [],
        "held": incident and incident.held and incident.held.value,
        "alarms": [alarm.value for alarm in incident.alarms] if incident else [],
        "presented_ms": incident and incident.presented_ms,
        "answered_ms": incident and incident.answered_ms,
        "wanted": incident and incident.wanted,
        "units": [_part(order, fleet, eta) for order in incident.orders.values()] if incident else [],
        "linked": [_linked(alert) for alert in incident.linked.values()] if incident else [],
        "cancel": cancel and {"reason": cancel.reason, "confirmed": cancel.confirmed, "time_ms": cancel.time_ms},
    }


def _part(order: IssuedOrder, fleet: Fleet, eta: EtaMethod) -> dict[str, Any]:
    found = eta_of(order, fleet.unit(order.unit_id), eta) if order.unit_id in fleet else None
    return {
        "unit_id": order.unit_id,
        "order_id": order.order_id,
        "phase": order.phase.value,
        "eta_s": _whole_seconds(found),
        "promised_s": None if order.eta_s is None else round(order.eta_s),
        "arrived_ms": order.arrived_ms,
        "warnings": sorted(order.warnings),
    }


def _linked(alert: AlertEvent) -> dict[str, Any]:
    return {
        "alert_id": alert.alert_id,
        "source": alert.source.value,
        "lat": alert.lat_e7 / 1e7,
        "lon": alert.lon_e7 / 1e7,
        "text": alert.text,
        "received_ms": alert.time_ms if alert.received_ms is None else alert.received_ms,
    }


def alert_view(
    record: IncidentRecord, alert_id: str, state: DispatchState, fleet: Fleet, eta: EtaMethod
) -> dict[str, Any]:
    """What the caller of one of the incident's alerts may know: whether somebody comes, who, and when. Nothing of the
    other callers: who knows an alert's id may ask for it."""
    own = {"pressed_ms": record.pressed_ms, "received_ms": record.received_ms}
    if alert_id != record.alert_id:
        linked = (entry for entry in record.timeline if entry["kind"] == AlertLinked.KIND)
        entry = next(entry for entry in linked if entry["data"]["alert_id"] == alert_id)
        own = {
            "pressed_ms": entry["data"]["pressed_ms"],
            "received_ms": entry["data"]["received_ms"] or entry["time_ms"],
        }
    known = _ALERT_STATES[Phase(record.phase)]
    is_promised = known in ("coming", "arrived") and record.unit_id in fleet
    return {
        "alert_id": alert_id,
        "incident_id": record.incident_id,
        "state": known,
        "eta_s": _whole_seconds(unit_eta(record.incident_id, state, fleet, eta)) if known == "coming" else None,
        "unit": fleet.unit(record.unit_id or "").callsign if is_promised else None,
        **own,
    }


def unit_eta(incident_id: int, state: DispatchState, fleet: Fleet, eta: EtaMethod) -> Eta | None:
    """The way of the incident's unit from where it is now; None without unit or position."""
    incident = state.incidents.get(incident_id)
    order = incident.order if incident else None
    return eta_of(order, fleet.unit(order.unit_id), eta) if order and order.unit_id in fleet else None


def _whole_seconds(eta: Eta | None) -> int | None:
    return None if eta is None or eta.eta_s is None else round(eta.eta_s)
