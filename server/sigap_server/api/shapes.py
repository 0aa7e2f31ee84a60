"""The JSON of requests and responses. Times are Unix milliseconds, null if not known."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from sigap_server.traits import CAR
from sigap_wire.fields import UINT32_MAX


class Body(BaseModel):
    """A request's body: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid")


class AlertIn(Body):
    """A press of the button. Send it again with the same id until it is answered with 200 or 201."""

    id: str = Field(description="UUID made by the sender; the same id is the same press")
    kind: str = Field(description="emergency or drill")
    lat: float | None = Field(None, description="degrees, WGS 84")
    lon: float | None = Field(None, description="degrees, WGS 84")
    accuracy_m: float | None = Field(None, description="error radius of the location")
    pressed_ms: float | None = Field(None, description="when the button was pressed, by the sender's clock")
    text: str | None = Field(None, description="what the caller wrote")
    device: str | None = Field(None, description="UUID of the sender's device, the same at every press")


class AlertOut(BaseModel):
    """What a caller is told. `state`: received, coming, arrived or closed; `unit`: the callsign of who comes."""

    alert_id: str
    incident_id: int
    state: str
    eta_s: int | None
    unit: str | None
    pressed_ms: int
    received_ms: int


class SessionIn(Body):
    name: str = Field(max_length=64)
    password: str = Field(max_length=256)


class SessionOut(BaseModel):
    name: str


class UnitIn(Body):
    unit_id: str = Field(description="1 to 32 of a-z, 0-9 and -")
    callsign: str
    kind: str = Field(CAR, description="car, motorcycle, van, k9 …: a word of yours")
    skills: list[str] = Field([], description="what the crew can do: words of yours")
    agency: str = Field("", description="whom it belongs to")
    sector: str = Field("", description="where it patrols; empty for everywhere")


class UnitChange(Body):
    """What is left out, or null, stays as it is."""

    callsign: str | None = None
    kind: str | None = None
    skills: list[str] | None = None
    agency: str | None = None
    sector: str | None = None
    duty: Literal["available", "off_duty", "out_of_service"] | None = None


class UnitCredentials(BaseModel):
    """What the unit is given; the password is not shown again."""

    unit_id: str
    user: str
    password: str


class UnitOut(BaseModel):
    """A unit; the position's fields are null until the first fix.

    `no_fix_since_ms`: since when the receiver has no position, null while it has; then the position is the last known.
    `emergency_ms`: since when the officer is in distress, null if not. `refusal`: what the unit refused last, and why.

    `status`: available, offered, assigned, en_route, on_scene, off_duty, out_of_service; `link`: fresh, stale, lost.
    `duty`: available, off_duty or out_of_service, whatever the unit does; `duty_ms`: since when.
    """

    unit_id: str
    callsign: str
    status: str
    link: str
    lat: float | None
    lon: float | None
    speed_mps: float | None
    course_deg: float | None
    quality: int | None
    satellites: int | None
    hdop: float | None
    fix_time_ms: int | None
    received_ms: int | None
    incident_id: int | None
    firmware: str | None
    no_fix_since_ms: int | None
    emergency_ms: int | None
    refusal: str | None
    kind: str
    skills: list[str]
    agency: str
    sector: str
    duty: str
    duty_ms: int | None


class ConfigIn(Body):
    """A change of a unit's settings; no changes at all ask the unit to tell how it is."""

    revision: StrictInt = Field(ge=1, le=UINT32_MAX, description="names the change: higher than the unit's last one")
    changes: dict[str, StrictInt | StrictStr] = Field(description="settings by name: policy.distance_m")


class ResultOut(BaseModel):
    """What became of something the unit was told. By (boot_id, seq) the unit's results have an order.

    `subject`: config, update, order, connection.
    `outcome`: applied, refused, pending, verified, confirmed, rolled_back.
    """

    boot_id: int
    seq: int
    subject: str
    number: int
    outcome: str
    value: int
    detail: str
    received_ms: int


class TimelineEntry(BaseModel):
    """One event; `data` depends on its kind."""

    seq: int
    time_ms: int
    kind: str
    actor: str
    unit_id: str | None
    data: dict[str, Any]


class PartOut(BaseModel):
    """One unit's part in an incident. `eta_s` from where it is now; `promised_s` when it was asked."""

    unit_id: str
    order_id: int
    phase: str
    eta_s: int | None
    promised_s: int | None
    arrived_ms: int | None
    warnings: list[str]


class LinkedOut(BaseModel):
    """Another alert about the same case. `source`: citizen, operator or officer."""

    alert_id: str
    source: str
    lat: float
    lon: float
    text: str
    received_ms: int


class CancelOut(BaseModel):
    """What a caller asked for and no operator has decided on."""

    reason: str
    confirmed: bool
    time_ms: int


class IncidentOut(BaseModel):
    """An incident. `phase`: waiting, offered, assigned, en_route, on_scene, closed: of the unit that is furthest.

    `verdict`: real, false, unclear, not_reached. The fields from `tier` to `cancel` tell where an open incident stands:
    `tier`: low, medium, high, for `reasons`; `mode`: auto, auto_offer, recommend; `held`: why nobody is sent without an
    operator: recommend, false_alarm, cleared_early; `alarms`: what an operator must look at; `wanted`: units.
    """

    incident_id: int
    alert_id: str
    phase: str
    kind: str
    priority: int
    lat: float
    lon: float
    accuracy_m: int | None
    street: str
    text: str
    pressed_ms: int
    received_ms: int
    unit_id: str | None
    eta_s: int | None
    eta_method: str | None
    closed_ms: int | None
    disposition: str | None
    verdict: str | None
    tier: str | None
    mode: str | None
    reasons: list[str]
    held: str | None
    alarms: list[str]
    presented_ms: int | None
    answered_ms: int | None
    wanted: int | None
    units: list[PartOut]
    linked: list[LinkedOut]
    cancel: CancelOut | None
    timeline: list[TimelineEntry]


class StatusOut(BaseModel):
    """`status`: ok, or degraded while the broker or the database is away."""

    status: str
    version: str
    broker: str
    database: str


class ErrorDetail(BaseModel):
    code: str
    message: str
    field: str | None


class ErrorOut(BaseModel):
    """Every answer from 400 on."""

    error: ErrorDetail
