"""The application: routes, errors, pages, and the gate in front of them."""

from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from sigap_server.api import alerts, decisions, docs, errors, live, operations, pages, roads, session, status, units
from sigap_server.api.gate import Gate
from sigap_server.api.shapes import ErrorOut
from sigap_server.service import Service


def create_app(service: Service, web: Path = pages.WEB) -> ASGIApp:
    """The ASGI application of this service; `web` has the built pages."""
    app = FastAPI(
        title="Sigap",
        version=status.version(),
        description="Alerts, units, incidents",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": ErrorOut}},
    )
    app.state.service = service
    errors.add_handlers(app)
    for part in (alerts, session, units, operations, decisions, roads, live, status):
        app.include_router(part.router)
    docs.add_docs(app)
    pages.add_pages(app, web)
    return Gate(app, service.counters, service.settings.limits.body_bytes)
