"""What operators decide about an incident, and a caller about their own alert. One route for each kind of decision."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from sigap_server.alerts import AlertRefusedError, RawAlert, check_alert, check_alert_id
from sigap_server.api.context import OperatorOf, ServiceOf
from sigap_server.api.shapes import AlertOut, Body, IncidentOut
from sigap_server.dispatch import inputs
from sigap_server.dispatch.events import Source, Verdict, operator_actor
from sigap_server.dispatch.inputs import Input
from sigap_server.dispatch.refusals import Refusal
from sigap_server.errors import RequestError
from sigap_server.service import Service

NOTE_MAX_CHARS = 500

router = APIRouter(prefix="/api/v1", tags=["decisions"])

Note = Annotated[str, Field(max_length=NOTE_MAX_CHARS)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]

_NOT_FOUND = (Refusal.UNKNOWN_INCIDENT, Refusal.UNKNOWN_ALERT, Refusal.UNKNOWN_UNIT)


class CallIn(Body):
    """A call that an operator took by phone. `priority`: None for that of its kind."""

    id: str = Field(description="UUID made by the sender; the same id is the same call")
    kind: Literal["emergency", "drill"] = "emergency"
    lat: float = Field(description="degrees, WGS 84")
    lon: float = Field(description="degrees, WGS 84")
    accuracy_m: float | None = None
    text: str = Field("", description="who calls, and what they say")
    priority: int | None = Field(None, ge=1, le=5)


class VerdictIn(Body):
    verdict: Verdict
    note: Note = ""


class DispatchIn(Body):
    """`unit_id` empty: who is first there. Another one needs a reason. `instead_of`: the assigned unit it replaces."""

    unit_id: str = ""
    reason: Note = ""
    instead_of: str = ""


class PriorityIn(Body):
    priority: int
    note: Note = ""


class NeedIn(Body):
    """`wanted` counts the units that are on it already; empty lists and words: any."""

    wanted: int = 1
    unit_kinds: list[Word] = Field([], max_length=16)
    skills: list[Word] = Field([], max_length=16)
    agency: Word | Literal[""] = ""
    sector: Word | Literal[""] = ""


class BackupIn(Body):
    units: int = 1


class RecallIn(Body):
    unit_id: str
    reason: Note = ""


class LinkIn(Body):
    to_incident_id: int


class UnlinkIn(Body):
    alert_id: str


class NoteIn(Body):
    note: Note = ""


class CloseIn(Body):
    """`disposition`: how it ended: real, false_alarm, duplicate, or a word of yours."""

    disposition: Word


class CancelIn(Body):
    """`confirmed`: the caller confirmed it, or knew the PIN."""

    reason: Note
    confirmed: bool = False


@router.post("/incidents", status_code=201)
async def take_call(body: CallIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """Make an incident of a call taken by phone."""
    raw = RawAlert(body.id, body.kind, body.lat, body.lon, body.accuracy_m, None, body.text)
    try:
        alert = check_alert(raw, service.now_ms())
    except AlertRefusedError as error:
        raise RequestError(422, error.code, str(error), error.field) from error
    record, _ = await service.dispatcher.receive(alert, Source.OPERATOR, operator_actor(login.name), body.priority)
    return IncidentOut(**service.incident(record))


@router.post("/incidents/{incident_id}/present")
async def present(incident_id: int, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """It is on the operator's screen."""
    return await _decide(service, inputs.Present(incident_id, operator_actor(login.name)))


@router.post("/incidents/{incident_id}/answer")
async def answer(incident_id: int, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """The operator takes care of it."""
    return await _decide(service, inputs.Answer(incident_id, operator_actor(login.name)))


@router.post("/incidents/{incident_id}/verify")
async def verify(incident_id: int, body: VerdictIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """What the operator found out."""
    return await _decide(service, inputs.Verify(incident_id, operator_actor(login.name), body.verdict, body.note))


@router.post("/incidents/{incident_id}/dispatch")
async def dispatch(incident_id: int, body: DispatchIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """Send the recommended unit, or another one."""
    given = inputs.Dispatch(incident_id, operator_actor(login.name), body.unit_id, body.reason, body.instead_of)
    return await _decide(service, given)


@router.post("/incidents/{incident_id}/priority")
async def set_priority(incident_id: int, body: PriorityIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """1 (highest) to 5."""
    return await _decide(service, inputs.SetPriority(incident_id, operator_actor(login.name), body.priority, body.note))


@router.post("/incidents/{incident_id}/need")
async def set_need(incident_id: int, body: NeedIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """How many units, and what they must be."""
    kinds, skills = frozenset(body.unit_kinds), frozenset(body.skills)
    given = inputs.SetNeed(
        incident_id, operator_actor(login.name), body.wanted, kinds, skills, body.agency, body.sector
    )
    return await _decide(service, given)


@router.post("/incidents/{incident_id}/backup")
async def request_backup(incident_id: int, body: BackupIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """More units at once, at priority 1."""
    return await _decide(service, inputs.RequestBackup(incident_id, operator_actor(login.name), body.units))


@router.post("/incidents/{incident_id}/recall")
async def recall(incident_id: int, body: RecallIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """Order a unit off."""
    return await _decide(service, inputs.Recall(incident_id, operator_actor(login.name), body.unit_id, body.reason))


@router.post("/incidents/{incident_id}/link")
async def link(incident_id: int, body: LinkIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """It is the same case as another one."""
    return await _decide(service, inputs.LinkIncident(incident_id, operator_actor(login.name), body.to_incident_id))


@router.post("/incidents/{incident_id}/unlink")
async def unlink(incident_id: int, body: UnlinkIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """One of its alerts is a case of its own."""
    return await _decide(service, inputs.UnlinkAlert(incident_id, operator_actor(login.name), body.alert_id))


@router.post("/incidents/{incident_id}/refuse-cancel")
async def refuse_cancel(incident_id: int, body: NoteIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """It goes on although a caller wants it cancelled."""
    return await _decide(service, inputs.RefuseCancel(incident_id, operator_actor(login.name), body.note))


@router.post("/incidents/{incident_id}/close")
async def close(incident_id: int, body: CloseIn, service: ServiceOf, login: OperatorOf) -> IncidentOut:
    """End it, whatever its phase."""
    return await _decide(service, inputs.CloseIncident(incident_id, operator_actor(login.name), body.disposition))


@router.post("/alerts/{alert_id}/cancel", tags=["alerts"])
async def cancel(alert_id: str, body: CancelIn, service: ServiceOf) -> AlertOut:
    """The caller says that nobody need come. An operator decides; until then nothing changes."""
    try:
        checked = check_alert_id(alert_id)
    except AlertRefusedError as error:
        raise RequestError(404, "alert_unknown", "there is no such alert") from error
    await _tell(service, inputs.CancelAsked(checked, body.reason, body.confirmed))
    record = await service.dispatcher.find(checked)
    assert record is not None, "it was not refused, so it is there"
    return AlertOut(**service.alert(record, checked))


async def _decide(service: Service, given: inputs.OfOperator) -> IncidentOut:
    await _tell(service, given)
    record = await service.dispatcher.record(given.incident_id)
    assert record is not None, "it was not refused, so it is there"
    return IncidentOut(**service.incident(record))


async def _tell(service: Service, given: Input) -> None:
    (done,) = await service.dispatcher.tell(given)
    if done.refused is None:
        return
    if done.refused in _NOT_FOUND:
        status = HTTPStatus.NOT_FOUND
    elif done.refused is Refusal.VALUE_IMPOSSIBLE:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    else:
        status = HTTPStatus.CONFLICT
    raise RequestError(status, done.refused.value, done.why_refused)
