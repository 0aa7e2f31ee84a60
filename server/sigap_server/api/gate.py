"""What every request and response passes: counters, size and type of the body, security headers."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_server.api.errors import error_response
from sigap_server.counters import Counters
from sigap_server.errors import RequestError

# Everything the pages need comes from this server. MapLibre makes its worker from a blob and styles its elements; a
# page of another origin can neither frame these nor be called by them.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "child-src blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_WITH_BODY = {"POST", "PUT", "PATCH"}


class Gate:
    """Around the whole application, also around what answers when the application fails."""

    def __init__(self, app: ASGIApp, counters: Counters, body_bytes: int) -> None:
        self._app = app
        self._counters = counters
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._counters.add("api.requests")

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refuse(scope)
        if refused is not None:
            await error_response(refused.status, refused.code, refused.message)(scope, receive, send_counted)
            return
        await self._app(scope, self._limited(receive), send_counted)

    def _count(self, status: int) -> None:
        if status >= 500:
            self._counters.add("api.errors")
        elif status >= 400:
            self._counters.add("api.refused")

    def _refuse(self, scope: Scope) -> RequestError | None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._body_bytes:
            return self._too_large()
        content_type = headers.get("content-type", "").split(";")[0].strip().lower()
        if scope["method"] in _WITH_BODY and content_type != "application/json":
            # A form of another site cannot send this type without asking first.
            return RequestError(415, "content_type", "the body must be sent as application/json")
        return None

    def _too_large(self) -> RequestError:
        return RequestError(413, "body_too_large", f"the body may have {self._body_bytes} bytes at most")

    def _limited(self, receive: Receive) -> Receive:
        """A body that comes in pieces, without its length in the headers, has the same limit."""
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._body_bytes:
                    raise HTTPException(413, self._too_large().message)
            return message

        return receive_counted
