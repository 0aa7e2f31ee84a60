"""Logging in and out."""

from fastapi import APIRouter, Request, Response

from sigap_server.api.context import SESSION_COOKIE, OperatorOf, ServiceOf, address_of
from sigap_server.api.shapes import SessionIn, SessionOut

router = APIRouter(prefix="/api/v1/session", tags=["session"])


@router.post("", status_code=204)
async def log_in(body: SessionIn, request: Request, response: Response, service: ServiceOf) -> None:
    """Log in; the session is in the cookie."""
    token = await service.access.log_in(body.name, body.password, address_of(request), service.now_ms())
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=service.settings.http.session_hours * 3600,
        httponly=True,
        samesite="strict",
        path="/",
    )


@router.get("")
async def who_am_i(login: OperatorOf) -> SessionOut:
    """Who is logged in."""
    return SessionOut(name=login.name)


@router.delete("", status_code=204)
async def log_out(response: Response, service: ServiceOf, login: OperatorOf) -> None:
    """Log out; live feeds of this session end."""
    await service.access.log_out(login)
    service.live.end_session(login.key)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
