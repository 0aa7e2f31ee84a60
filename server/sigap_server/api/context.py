"""What the routes are given: the service, and who asks."""

from typing import Annotated, cast

from fastapi import Depends, Request

from sigap_server.access import Login
from sigap_server.errors import RequestError
from sigap_server.service import Service

SESSION_COOKIE = "sigap_session"


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def address_of(request: Request) -> str:
    """The address the request came from."""
    return request.client.host if request.client else ""


ServiceOf = Annotated[Service, Depends(_service)]


async def _operator(request: Request, service: ServiceOf) -> Login:
    login = await service.access.find(request.cookies.get(SESSION_COOKIE), service.now_ms())
    if login is None:
        raise RequestError(401, "login_required", "log in first")
    return login


OperatorOf = Annotated[Login, Depends(_operator)]
