"""A citizen's press, and what became of it. No login: the alert's UUID is the secret."""

import math

from fastapi import APIRouter, Request, Response

from sigap_server.alerts import AlertRefusedError, RawAlert, check_alert, check_alert_id
from sigap_server.api.context import ServiceOf, address_of
from sigap_server.api.shapes import AlertIn, AlertOut
from sigap_server.errors import RequestError
from sigap_server.service import Service

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.post("", status_code=201, responses={200: {"model": AlertOut, "description": "Received before"}})
async def receive_alert(body: AlertIn, request: Request, response: Response, service: ServiceOf) -> AlertOut:
    """Report an emergency, or practise it. Any 2xx means that the alert is safely stored."""
    received_ms = service.now_ms()
    try:
        alert = check_alert(_raw(body), received_ms)
    except AlertRefusedError as error:
        service.counters.add("alerts.refused")
        raise RequestError(422, error.code, str(error), error.field) from error
    dispatcher = service.dispatcher
    record = await dispatcher.find(alert.alert_id)
    is_new = False
    if record is None:
        # Only new presses count; who repeats one because the answer was lost must get that answer.
        if not dispatcher.is_receiving(alert.alert_id):
            _hold_back_a_flood(service, address_of(request), received_ms)
        record, is_new = await dispatcher.receive(alert)
    service.counters.add("alerts.accepted" if is_new else "alerts.repeated")
    response.status_code = 201 if is_new else 200
    return AlertOut(**service.alert(record, alert.alert_id))


@router.get("/{alert_id}")
async def read_alert(alert_id: str, service: ServiceOf) -> AlertOut:
    """What became of an alert."""
    try:
        checked = check_alert_id(alert_id)
        record = await service.dispatcher.find(checked)
    except AlertRefusedError:
        record = None
    if record is None:
        raise RequestError(404, "alert_unknown", "there is no such alert")
    return AlertOut(**service.alert(record, checked))


def _hold_back_a_flood(service: Service, address: str, received_ms: int) -> None:
    wait_ms = service.address_rate.take(address, received_ms)
    if wait_ms:
        service.counters.add("alerts.rate_limited")
        wait_s = -(-wait_ms // 1000)
        raise RequestError(429, "rate_limited", "many alerts from this address; try again", retry_after_s=wait_s)


def _raw(body: AlertIn) -> RawAlert:
    pressed_ms = body.pressed_ms
    return RawAlert(
        alert_id=body.id,
        kind=body.kind,
        lat=body.lat,
        lon=body.lon,
        accuracy_m=body.accuracy_m,
        pressed_ms=int(pressed_ms) if pressed_ms is not None and math.isfinite(pressed_ms) else None,
        text=body.text,
        device=body.device,
    )
