"""The pages: files that the build put beside this package."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import sigap_server

WEB = Path(sigap_server.__file__).parent / "web"
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sigap</title>
<p>The pages are not built. In a source checkout run <code>make setup</code>, then load this page again.</p>
<p>The API works: <a href="/api/docs">/api/docs</a>.</p>
"""


class _Assets(StaticFiles):
    """Files that have their content's hash in their name: another content is another file."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def add_pages(app: FastAPI, web: Path) -> None:
    """Serve the console at /, the citizen page at /alert and the files they need."""

    async def page(name: str) -> Response:
        if not (web / name).is_file():
            return Response(_NOT_BUILT, 503, media_type="text/html")
        return FileResponse(web / name, headers={"Cache-Control": "no-cache"})

    async def console() -> Response:
        return await page("index.html")

    async def citizen() -> Response:
        return await page("alert.html")

    app.add_api_route("/", console, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route("/alert", citizen, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", _Assets(directory=web / "assets", check_dir=False), name="assets")
