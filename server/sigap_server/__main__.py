"""python -m sigap_server [--config FILE]: the server, without the broker."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sigap_server.errors import SigapError
from sigap_server.settings import load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped by a signal, 1 failed while running, 2 could not start (and says why)."""
    parser = argparse.ArgumentParser(prog="python -m sigap_server", description="The Sigap server")
    parser.add_argument("--config", type=Path, help="settings file (default: sigap.toml, or SIGAP_CONFIG)")
    arguments = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        settings = load_settings(arguments.config)
        # Imported now, as it takes a second: a wrong setting is said at once.
        from sigap_server.worker import run

        return 0 if run(settings) else 1
    except SigapError as error:
        sys.stderr.write(f"sigap: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
