"""The pages: files that the build put beside this package."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

import sigap_server

WEB = Path(sigap_server.__file__).parent / "web"
_NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Sigap</title>
<p>The pages are not built. In a source checkout run <code>make setup</code>, then load this page again.</p>
<p>The API works: <a href="/api/docs">/api/docs</a>.</p>
"""


def add_pages(app: FastAPI, web: Path = WEB) -> None:
    """Serve the console at /, the citizen page at /alert and the files they need."""

    async def page(name: str) -> Response:
        if not (web / name).is_file():
            return Response(_NOT_BUILT, 503, media_type="text/html")
        # The pages name their scripts by content, so only they must be asked for again.
        return FileResponse(web / name, headers={"Cache-Control": "no-cache"})

    async def console() -> Response:
        return await page("index.html")

    async def citizen() -> Response:
        return await page("alert.html")

    app.add_api_route("/", console, include_in_schema=False)
    app.add_api_route("/alert", citizen, include_in_schema=False)
    app.mount("/", StaticFiles(directory=web, check_dir=False), name="web")
