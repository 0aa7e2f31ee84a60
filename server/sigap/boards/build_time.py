"""When the firmware was made: no date that a unit is told may be earlier, so that it knows an overflowed week number.

The same sources give the same time, so that they give the same bytes.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import sigap_tracker
from sigap.errors import CommandError
from sigap_tracker.build import BUILD_TIME_S
from sigap_wire.fields import UINT32_MAX

_DAY_S = 86400
_VARIABLE = "SOURCE_DATE_EPOCH"  # https://reproducible-builds.org/specs/source-date-epoch/


def build_time_s(environment: Mapping[str, str] = os.environ) -> int:
    """Unix seconds: what SOURCE_DATE_EPOCH says; else of the newest commit of the firmware, less a day and whole days;
    else, and at least, what is written in the sources.

    Less a day, as the clock of whoever committed may be ahead: a unit must never take today for a day of the past.

    Raises CommandError for a SOURCE_DATE_EPOCH that is no time.
    """
    given = environment.get(_VARIABLE, "")
    if given:
        if not (given.isascii() and given.isdigit() and int(given) <= UINT32_MAX):
            raise CommandError(f"{_VARIABLE} is {given!r}, expected Unix seconds, 0 to {UINT32_MAX}")
        return int(given)
    return max(BUILD_TIME_S, _committed_s() // _DAY_S * _DAY_S - _DAY_S)


def _committed_s() -> int:
    """Of the newest commit that changed the firmware; 0 where its folder is no checkout of it."""
    folder = Path(str(sigap_tracker.__file__)).parent.parent
    ask = ["git", "-C", str(folder), "log", "-1", "--format=%ct", "--", "sigap_boot", "sigap_tracker", "sigap_wire"]
    try:
        said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # no git here
        return 0
    return int(said) if said.isdigit() else 0
