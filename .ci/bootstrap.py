"""Sets a checkout up: a virtual environment, uv inside it, the locked dependencies, the built pages, machine code.

Runs on any CPython 3.11 to 3.13 with nothing but its standard library; not even pip or ensurepip, which Debian
packages apart. Everything it makes is below the checkout, in .venv and .cache. A second run finds the stamp of
the first and returns at once, unless what the stamp was made from has changed.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
STAMP = VENV / "sigap-setup"

UV_VERSION = "0.13.9"
FILES = "https://files.pythonhosted.org/packages/"
# (system, machine, C library): the wheel's folder below FILES, its platform tag, its SHA-256.
UV_WHEELS = {
    ("linux", "x86_64", "glibc"): (
        "3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f",
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("linux", "x86_64", "musl"): (
        "fe/fe/794884de0efd3ac77a427cab21aa72c0483e100c55a42cd5cbb02c141b84",
        "musllinux_1_1_x86_64",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    ("linux", "aarch64", "glibc"): (
        "fe/2f/51a5de367c602592c018a42a23d57fba5f2689fe6c3bf025dcf043b39c61",
        "manylinux_2_28_aarch64",
        "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    ),
    ("linux", "aarch64", "musl"): (
        "57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b",
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("darwin", "arm64", ""): (
        "f3/a7/a8d7b074798c7fb3b26b37584b8fe2e29df2ccdc24ce7902caab2a53edbf",
        "macosx_11_0_arm64",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
    ("darwin", "x86_64", ""): (
        "1e/db/08e9ef4879bd667e6d7b4705e594e5bd3e4585f10fc63cb16b9fa2fac63e",
        "macosx_10_12_x86_64",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
}
DOWNLOAD_TRIES = 3
DOWNLOAD_TIMEOUT_S = 60

# What a set-up checkout was made from; a change to any of it makes the next run do its work again.
INPUTS = ("pyproject.toml", "uv.lock", ".ci/bootstrap.py", "hatch_build.py")
ROADS = ROOT / "server" / "sigap_roads"
WEB_SOURCES = ROOT / "server" / "sigap_server" / "console"
WEB_PAGES = ROOT / "server" / "sigap_server" / "web"


class SetupError(Exception):
    """Something the user can put right; its text says what."""


def main() -> int:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` in the same checkout waits for the first
        try:
            set_up()
        except SetupError as error:
            print(f"setup: {error}", file=sys.stderr)
            return 1
    return 0


def set_up() -> None:
    """Brings .venv to what the lock file says. Raises SetupError."""
    if is_current():
        return
    began = time.monotonic()
    with step(1, f"virtual environment, Python {platform.python_version()}"):
        make_venv(base_python())
    with step(2, f"uv {UV_VERSION}"):
        install_uv()
    with step(3, "dependencies from uv.lock, and the pages"):
        # Reinstalling our own package is what rebuilds the pages after a change to their sources.
        run_uv("sync", "--locked", "--reinstall-package", "sigap")
    with step(4, "the search on roads, compiled"):
        compile_roads()
    STAMP.write_text(fingerprint())
    print(f"Sigap is set up ({time.monotonic() - began:.0f} s).", file=sys.stderr)


def is_current() -> bool:
    """Whether the environment is whole, at this place, for this Python and made from these inputs."""
    if not (STAMP.is_file() and (VENV / "bin" / "sigap").is_file()):
        return False
    return STAMP.read_text() == fingerprint()


def fingerprint() -> str:
    """A digest of everything the environment is made from, the checkout's place and the Python included."""
    digest = hashlib.sha256()
    digest.update(repr((str(ROOT), sys.version, os.path.realpath(base_python()))).encode())
    files = [*(ROOT / name for name in INPUTS), *sorted(ROADS.glob("*.py"))]
    if WEB_SOURCES.is_dir():
        files += sorted(path for path in WEB_SOURCES.rglob("*") if "node_modules" not in path.parts)
        digest.update(b"pages" if WEB_PAGES.is_dir() else b"no pages")
    for path in files:
        if path.is_file():
            digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def base_python() -> str:
    """The interpreter the environment is built on, also when this runs inside the environment."""
    return str(getattr(sys, "_base_executable", sys.executable))


@contextlib.contextmanager
def step(number: int, what: str) -> Iterator[None]:
    """Says what is being done and how long it took."""
    print(f"[{number}/4] {what}", file=sys.stderr, flush=True)
    began = time.monotonic()
    yield
    print(f"      {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def make_venv(base: str) -> None:
    """A fresh .venv on `base`, unless there is a good one already."""
    python = VENV / "bin" / "python"
    if python.exists() and is_at_home():
        probe = subprocess.run(
            [str(python), "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
        )
        if probe.returncode == 0 and probe.stdout == f"{sys.version}\n":
            return
    if Path(sys.prefix).resolve() == VENV:  # the environment cannot replace the interpreter it is running on
        os.execv(base, [base, __file__])
    made = subprocess.run(
        [base, "-m", "venv", "--clear", "--without-pip", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupError(f"{base} cannot make a virtual environment:\n{made.stdout}{made.stderr}")


def is_at_home() -> bool:
    """Whether .venv was made at this place; in a checkout that was moved, its scripts name another's Python."""
    try:
        lines = (VENV / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith("command = ") and line.endswith(f" {VENV}") for line in lines)


def compile_roads() -> None:
    """Keeps the machine code beside its sources: otherwise whoever asks first waits for it, and every test worker."""
    done = subprocess.run([str(VENV / "bin" / "python"), "-m", "sigap_roads.warm_up"], cwd=ROOT, check=False)
    if done.returncode:
        raise SetupError("the search on roads cannot be compiled, see above")


def install_uv() -> None:
    """The pinned uv as .venv/bin/uv, checked against its SHA-256."""
    uv = VENV / "bin" / "uv"
    if uv.exists():
        found = subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=False)
        if found.stdout.split()[1:2] == [UV_VERSION]:
            return
    folder, tag, sha256 = uv_wheel()
    name = f"uv-{UV_VERSION}-py3-none-{tag}.whl"
    wheel = download(find_wheel(folder, name))
    if hashlib.sha256(wheel).hexdigest() != sha256:
        raise SetupError(f"{name} does not have the SHA-256 that is pinned in .ci/bootstrap.py; nothing was installed")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        partial = uv.with_name("uv.partial")
        with archive.open(f"uv-{UV_VERSION}.data/scripts/uv") as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target)
        partial.chmod(0o755)
        partial.replace(uv)


def uv_wheel() -> tuple[str, str, str]:
    """The entry of UV_WHEELS for this machine."""
    system = sys.platform
    libc = (platform.libc_ver()[0] or "musl") if system == "linux" else ""
    key = (system, platform.machine(), libc)
    if key not in UV_WHEELS:
        known = ", ".join(" ".join(part for part in known_key if part) for known_key in UV_WHEELS)
        raise SetupError(f"no uv is pinned for {' '.join(key)}; there is one for: {known}")
    return UV_WHEELS[key]


def find_wheel(folder: str, name: str) -> str:
    """The wheel's address: where it was published, or in the index that the environment asks for."""
    asked = (os.environ.get(key) for key in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"))
    index = next(filter(None, asked), "")
    if not index:
        return f"{FILES}{folder}/{name}"
    page = f"{index.rstrip('/')}/uv/"
    html = download(page, accept="text/html").decode()
    for match in re.finditer(r'href="([^"#]+)', html):
        if match[1].rpartition("/")[2] == name:
            return str(urljoin(page, match[1]))
    raise SetupError(f"{page} does not offer {name}")


def download(url: str, accept: str = "*/*") -> bytes:
    """The bytes at `url`, with progress on a terminal. Raises SetupError after DOWNLOAD_TRIES failures.

    Where the machine has no certificates that the server's can be checked against (a Debian without ca-certificates,
    a Python for macOS as it comes), it goes on without that check: what is downloaded here is held to a SHA-256.
    """
    context = ssl.create_default_context()
    for attempt in range(1, DOWNLOAD_TRIES + 1):
        try:
            return fetch(url, accept, context)
        except OSError as error:  # urllib's URLError is one
            if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
                context = ssl._create_unverified_context()
            elif attempt == DOWNLOAD_TRIES:
                raise SetupError(f"cannot download {url}: {error} (behind a proxy, set HTTPS_PROXY)") from None
            else:
                time.sleep(attempt)
    raise SetupError(f"cannot download {url}: its certificate is not to be trusted")


def fetch(url: str, accept: str, context: ssl.SSLContext) -> bytes:
    """One try. Raises OSError."""
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "sigap-setup"})
    with urllib.request.urlopen(request, timeout=DOWNLOAD_TIMEOUT_S, context=context) as response:
        return read_all(response, int(response.headers.get("Content-Length") or 0))


def read_all(response: io.BufferedIOBase, size_bytes: int) -> bytes:
    """Reads to the end, showing how far it got."""
    parts: list[bytes] = []
    done = 0
    while part := response.read(1 << 18):
        parts.append(part)
        done += len(part)
        if sys.stderr.isatty():
            share = f"{100 * done // size_bytes:3d} %" if size_bytes else ""
            print(f"\r      {done / 1e6:5.1f} MB {share} ", end="\r", file=sys.stderr, flush=True)
    if size_bytes and done < size_bytes:
        raise OSError(f"the connection ended after {done} of {size_bytes} bytes")
    return b"".join(parts)


def run_uv(*arguments: str) -> None:
    """Runs the environment's uv with every cache inside the checkout. Raises SetupError."""
    temporary = CACHE / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        **certificates(),
        **os.environ,
        "UV_CACHE_DIR": str(CACHE / "uv"),
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON": str(VENV / "bin" / "python"),
        "UV_PYTHON_DOWNLOADS": "never",
        "npm_config_cache": str(CACHE / "npm"),
        "TMPDIR": str(temporary),
    }
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run([str(VENV / "bin" / "uv"), *arguments], env=environment, cwd=ROOT, check=False)
    if done.returncode:
        raise SetupError(f"`uv {' '.join(arguments)}` failed (exit {done.returncode}); its message is above")


def certificates() -> dict[str, str]:
    """Lets uv, npm and Node trust whom this machine trusts, where it says so: it may know a company's own authority."""
    paths = ssl.get_default_verify_paths()
    if not paths.cafile:
        return {}
    return {"UV_SYSTEM_CERTS": "true", "NODE_EXTRA_CA_CERTS": paths.cafile}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("setup: interrupted; `make setup` goes on from here", file=sys.stderr)
        sys.exit(130)
