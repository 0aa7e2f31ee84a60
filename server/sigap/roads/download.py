"""Downloads a file that may be large over a line that may break: what is there is kept, and gone on from.

Beside the file, until it is whole: `NAME.part` with what has come, and `NAME.part.tag` with the server's word for that
version of the file (ETag or Last-Modified). A server whose file has changed since sends it from the beginning
(If-Range, RFC 9110, section 13.1.5).
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import httpx

from sigap.errors import CommandError

# (bytes there, bytes in all or None if the server does not say)
Progress = Callable[[int, int | None], None]


def download(client: httpx.Client, url: str, path: Path, md5: str | None, progress: Progress) -> None:
    """Raises CommandError if the server refuses, the line breaks and brings nothing any more, or the MD5 is another."""
    part, tag = path.with_name(path.name + ".part"), path.with_name(path.name + ".part.tag")
    before = -1
    while (size := part.stat().st_size if part.exists() else 0) > before:
        before = size
        try:
            _go_on(client, url, part, tag, progress)
            break
        except httpx.TransportError as error:
            broken = error
    else:
        raise CommandError(f"{url}: {words(broken)}; what has come is kept, the same command goes on from there")
    if md5 is not None and (found := file_md5(part)) != md5:
        part.unlink()
        raise CommandError(f"{url} did not come whole: its MD5 is {found}, expected {md5}; try again")
    os.replace(part, path)
    tag.unlink(missing_ok=True)


def get(client: httpx.Client, url: str) -> httpx.Response:
    """A small document. Raises CommandError."""
    try:
        response = client.get(url)
    except httpx.TransportError as error:
        raise CommandError(f"{url}: {words(error)}") from error
    check(response)
    return response


def file_md5(path: Path) -> str:
    """In hexadecimal; against broken downloads, not against malice."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _go_on(client: httpx.Client, url: str, part: Path, tag: Path, progress: Progress) -> None:
    there = part.stat().st_size if part.exists() and tag.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers |= {"Range": f"bytes={there}-", "If-Range": tag.read_text(encoding="ascii")}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            # All of it is there already, or more than all: then its checksum tells.
            return
        check(response)
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
        there = there if goes_on else 0
        version = response.headers.get("ETag", "")
        version = response.headers.get("Last-Modified", "") if version.startswith("W/") or not version else version
        length = response.headers.get("Content-Length")
        total = there + int(length) if length is not None else None
        with part.open("ab" if goes_on else "wb") as out:
            if version:
                tag.write_text(version, encoding="ascii")
            else:
                tag.unlink(missing_ok=True)
            for chunk in response.iter_raw():
                out.write(chunk)
                there += len(chunk)
                progress(there, total)


def check(response: httpx.Response) -> None:
    """Raises CommandError if the server did not give what was asked for."""
    if not response.is_success:
        raise CommandError(f"{response.url} answers {response.status_code} {response.reason_phrase}")


def words(error: httpx.TransportError) -> str:
    """What became of the line, for people."""
    return f"no answer in time ({type(error).__name__})" if isinstance(error, httpx.TimeoutException) else str(error)
