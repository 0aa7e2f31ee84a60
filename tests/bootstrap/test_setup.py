"""What sets a checkout up, as far as it goes without a network: the choice of the Python, the checked download."""

import hashlib
import importlib.util
import io
import os
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from urllib.error import URLError

import pytest

from tests.support.tools import REPOSITORY


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """.ci/bootstrap.py, loaded as a module of a checkout at tmp_path."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci" / "bootstrap.py", tmp_path / ".ci")
    spec = importlib.util.spec_from_file_location("bootstrap", tmp_path / ".ci" / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(module, "DOWNLOAD_TRIES", 1)
    return module


class Files(BaseHTTPRequestHandler):
    """Serves `pages`: path → (bytes, the length it claims)."""

    pages: dict[str, tuple[bytes, int]]

    def do_GET(self) -> None:
        content, claimed = self.pages.get(self.path, (b"", -1))
        self.send_response(200 if claimed >= 0 else 404)
        self.send_header("Content-Length", str(max(claimed, 0)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[tuple[str, dict[str, tuple[bytes, int]]]]:
    """A server's address and the pages it serves."""
    handler = type("Handler", (Files,), {"pages": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler.pages
        server.shutdown()
        thread.join()


def wheel(version: str) -> bytes:
    """A wheel that has a `uv` in it, a shell script that tells its version."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(f"uv-{version}.data/scripts/uv", f"#!/bin/sh\necho uv {version}\n")
    return made.getvalue()


def offer(bootstrap: ModuleType, web, monkeypatch: pytest.MonkeyPatch, content: bytes, sha256: str) -> Path:
    """Makes `content` the wheel that the index at `web` offers and that is pinned; gives where uv will be."""
    base, pages = web
    name = f"uv-{bootstrap.UV_VERSION}-py3-none-anything.whl"
    pages["/simple/uv/"] = (index := f'<a href="../../files/{name}#sha256={sha256}">{name}</a>'.encode(), len(index))
    pages[f"/files/{name}"] = (content, len(content))
    monkeypatch.setenv("PIP_INDEX_URL", f"{base}/simple")
    monkeypatch.setattr(bootstrap, "uv_wheel", lambda: ("unused", "anything", sha256))
    uv = bootstrap.VENV / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    return uv


def test_uv_comes_from_the_index_that_the_environment_names(bootstrap, web, monkeypatch) -> None:
    content = wheel(bootstrap.UV_VERSION)
    uv = offer(bootstrap, web, monkeypatch, content, hashlib.sha256(content).hexdigest())
    bootstrap.install_uv()
    assert subprocess.check_output([uv], text=True) == f"uv {bootstrap.UV_VERSION}\n"
    web[1].clear()
    bootstrap.install_uv()  # it is there: no second download


def test_another_uv_than_the_pinned_is_not_installed(bootstrap, web, monkeypatch) -> None:
    uv = offer(bootstrap, web, monkeypatch, wheel(bootstrap.UV_VERSION), "0" * 64)
    with pytest.raises(bootstrap.SetupError, match="SHA-256"):
        bootstrap.install_uv()
    assert not uv.exists()


def test_a_download_that_breaks_off_is_an_error(bootstrap, web) -> None:
    base, pages = web
    pages["/file"] = (b"half", 8)
    with pytest.raises(bootstrap.SetupError, match=r"cannot download http://.*/file: "):
        bootstrap.download(f"{base}/file")


def test_a_machine_without_certificates_can_still_download_what_is_held_to_a_digest(bootstrap, monkeypatch) -> None:
    asked = []

    def fetch(url: str, accept: str, context: ssl.SSLContext) -> bytes:
        asked.append(context.verify_mode)
        if context.verify_mode != ssl.CERT_NONE:
            raise URLError(ssl.SSLCertVerificationError("unable to get local issuer certificate"))
        return b"content"

    monkeypatch.setattr(bootstrap, "DOWNLOAD_TRIES", 3)
    monkeypatch.setattr(bootstrap, "fetch", fetch)
    assert bootstrap.download("https://example.org/file") == b"content"
    assert asked == [ssl.CERT_REQUIRED, ssl.CERT_NONE]


def test_an_index_without_the_wheel_is_named(bootstrap, web, monkeypatch) -> None:
    base, pages = web
    pages["/simple/uv/"] = (b"<html></html>", 13)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{base}/simple/")
    with pytest.raises(bootstrap.SetupError, match=r"/simple/uv/ does not offer uv-1\.whl"):
        bootstrap.find_wheel("unused", "uv-1.whl")


def test_every_pinned_wheel_is_a_published_file(bootstrap) -> None:
    for folder, tag, sha256 in bootstrap.UV_WHEELS.values():
        address = bootstrap.find_wheel(folder, f"uv-{bootstrap.UV_VERSION}-py3-none-{tag}.whl")
        assert address.startswith("https://files.pythonhosted.org/packages/")
        assert len(bytes.fromhex(sha256)) == hashlib.sha256().digest_size


def test_a_change_to_what_the_environment_is_made_from_is_noticed(bootstrap, tmp_path) -> None:
    before = bootstrap.fingerprint()
    assert bootstrap.fingerprint() == before
    (tmp_path / "uv.lock").write_text("version = 1\n")
    changed = bootstrap.fingerprint()
    page = bootstrap.WEB_SOURCES / "src" / "main.ts"
    page.parent.mkdir(parents=True)
    page.write_text("")
    assert len({before, changed, bootstrap.fingerprint()}) == 3


def test_a_broken_environment_is_not_current(bootstrap) -> None:
    bootstrap.STAMP.parent.mkdir()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    assert not bootstrap.is_current()
    (bootstrap.VENV / "bin").mkdir()
    (bootstrap.VENV / "bin" / "sigap").write_text("")
    assert bootstrap.is_current()


def test_an_environment_from_another_place_is_made_anew(bootstrap, tmp_path) -> None:
    """A checkout that was moved or copied has an environment whose scripts point elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", elsewhere], check=True)
    elsewhere.rename(bootstrap.VENV)
    script = bootstrap.VENV / "bin" / "script"
    script.write_text(f"#!{elsewhere}/bin/python\n")
    bootstrap.make_venv(bootstrap.base_python())
    assert not script.exists()
    script.write_text(f"#!{bootstrap.VENV}/bin/python\n")
    bootstrap.make_venv(bootstrap.base_python())
    assert script.exists()


@pytest.fixture
def setup(tmp_path: Path):
    """Runs .ci/setup of a checkout whose bootstrap.py only tells who runs it, with `programs` as the PATH."""
    checkout = tmp_path / "a check out"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci" / "setup", checkout / ".ci")
    (checkout / ".ci" / "bootstrap.py").write_text("import sys; print(sys.executable)\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname"):
        (programs / name).symlink_to(shutil.which(name))

    def run(python: str = "", **pythons: str) -> "subprocess.CompletedProcess[str]":
        for name, source in pythons.items():
            program = programs / name.replace("_", ".")
            program.write_text(f"#!/bin/sh\n{source}\n")
            program.chmod(0o755)
        environment = {"PATH": str(programs), "PYTHON": python}
        command = ["sh", str(checkout / ".ci" / "setup")]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


REAL = f'exec "{sys.executable}" "$@"'
BROKEN = "echo 'no such version installed' >&2; exit 127"
# Answers the question for its version, and says no to the question whether it fits.
OLD = 'case "$2" in *print*) echo "3.9.2 (/usr/bin/python3)" ;; *) exit 1 ;; esac'


def test_the_first_python_that_works_and_fits_is_taken(setup) -> None:
    done = setup(python3_13=BROKEN, python3_12=OLD, python3_11=REAL, python3=OLD)
    assert (done.returncode, done.stdout) == (0, f"{sys.executable}\n")


def test_no_fitting_python_lists_what_was_found(setup) -> None:
    done = setup(python3_13=BROKEN, python3=OLD)
    assert done.returncode == 2
    assert "needs CPython 3.11, 3.12 or 3.13" in done.stderr
    assert "python3 is 3.9.2 (/usr/bin/python3)" in done.stderr
    assert "python3.13 is" not in done.stderr


def test_a_named_python_is_taken_or_refused_but_never_replaced(setup, tmp_path: Path) -> None:
    assert setup(sys.executable).stdout == f"{sys.executable}\n"
    done = setup(os.fspath(tmp_path / "nowhere"), python3=REAL)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"none of {tmp_path / 'nowhere'}" in done.stderr
