"""Every refusal in one form: {"error": {"code", "message", "field"}}."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from sigap_server.errors import RequestError

_CODES = {400: "json_invalid", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def error_response(
    status: int, code: str, message: str, field: str | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The form of every error."""
    return JSONResponse({"error": {"code": code, "message": message, "field": field}}, status, headers)


def add_handlers(app: FastAPI) -> None:
    """Let every exception end in that form."""
    app.add_exception_handler(RequestError, _request_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeoutError, _database_error)
    app.add_exception_handler(Exception, _defect)


async def _request_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestError)
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s is not None else None
    return error_response(error.status, error.code, error.message, error.field, headers)


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return error_response(*_explain(error.errors()[0]))


def _explain(problem: dict[str, Any]) -> tuple[int, str, str, str | None]:
    where, kind = problem["loc"], problem["type"]
    if kind == "json_invalid":
        return 400, "json_invalid", f"the body is not JSON: {problem['ctx']['error']}", None
    field = ".".join(str(part) for part in where[1:]) or None
    if field is None:
        return 422, "body_invalid", "the body must be a JSON object", None
    if kind == "extra_forbidden":
        return 422, "field_unknown", f"there is no field {field}", field
    if kind == "missing":
        return 422, "field_missing", f"{field} is missing", field
    return 422, "field_invalid", f"{field}: {problem['msg']}", field


async def _http_exception(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "refused")
    return error_response(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))


async def _database_error(_request: Request, _error: Exception) -> JSONResponse:
    message = "the database cannot store this now; try again"
    return error_response(503, "database_unavailable", message, headers={"Retry-After": "1"})


async def _defect(_request: Request, _error: Exception) -> JSONResponse:
    return error_response(500, "internal", "the server failed; this is its fault")
