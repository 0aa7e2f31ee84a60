"""A stand-in for the servers that maps are downloaded from: on this machine, with the troubles of a real line."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class MapServer:
    """What it has, and what goes wrong.

    content       the one extract, at PATH
    breaks_after  bytes of each answer for the extract, after which the line breaks; one for each request, then none
    asked         (method, path, Range header) of every request
    queries       what Overpass was asked
    """

    content: bytes
    base: str = ""
    etag: str | None = '"v1"'
    md5: str | None = None
    breaks_after: list[int] = field(default_factory=list)
    takes_ranges: bool = True
    overpass: bytes = b""
    index: Any = None
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    PATH = "/asia/town-latest.osm.pbf"

    def documents(self) -> dict[str, bytes]:
        md5 = self.md5 or hashlib.md5(self.content).hexdigest()
        index = self.index if self.index is not None else {"features": [self.feature("town", "Town", 107, -7, 108, -6)]}
        return {
            "/index-v1.json": json.dumps(index).encode(),
            "/index-v1-nogeom.json": json.dumps(index).encode(),
            f"{self.PATH}.md5": f"{md5}  town-latest.osm.pbf\n".encode(),
        }

    def feature(self, id_: str, name: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        urls = {"pbf": f"{self.base}{self.PATH}" if id_ == "town" else f"{self.base}/{id_}.osm.pbf"}
        geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
        return {"properties": {"id": id_, "name": name, "urls": urls}, "geometry": geometry}


@contextmanager
def serving(server: MapServer) -> Iterator[MapServer]:
    class Handler(_Handler):
        state = server

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.base = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: MapServer

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.state.asked.append(("GET", self.path, wanted))
        document = self.state.documents().get(self.path)
        if document is not None:
            self._answer(200, document)
        elif self.path == MapServer.PATH:
            self._extract(wanted)
        else:
            self._answer(404, b"not here")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.state.queries += parse_qs(body)["data"]
        self._answer(200, self.state.overpass)

    def _extract(self, wanted: str | None) -> None:
        content, start = self.state.content, 0
        if wanted and self.state.takes_ranges and self.headers.get("If-Range") == self.state.etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            self._answer(416, b"")
            return
        body = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if self.state.etag is not None:
            self.send_header("ETag", self.state.etag)
        self.end_headers()
        limit = self.state.breaks_after.pop(0) if self.state.breaks_after else len(body)
        self.wfile.write(body[:limit])
        self.close_connection = True

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """The tests look at `asked`."""
