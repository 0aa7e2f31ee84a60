"""On CI a skipped test is a failed test, unless the machine truly cannot run it.

CI is told by the environment variable CI. What may be skipped there: data of others that is not beside the
checkout, and what the platform cannot do; `tests.support.tools` gives the reasons their first words.
CI_LACKS names tools (comma separated) that the CI script was not able to install.
"""

import os
from collections.abc import Generator

import pytest

from tests.support.tools import MISSING_DATA, MISSING_TOOL, PLATFORM, shared_data_dir


def refusal(reason: str) -> str | None:
    """Why a skip for this reason is a failure in this run, or None when it may stay a skip."""
    if not _flag("CI"):
        return None
    reason = reason.removeprefix("Skipped: ").strip()
    if reason.startswith(PLATFORM):
        return None
    if reason.startswith(MISSING_DATA):
        return f"skipped on CI although {shared_data_dir()} is there: {reason}" if shared_data_dir().is_dir() else None
    if reason.startswith(MISSING_TOOL):
        lacking = {name.strip() for name in os.environ.get("CI_LACKS", "").split(",")}
        if reason.removeprefix(MISSING_TOOL).split()[0] in lacking:
            return None
    return f"skipped on CI, which is able to run it: {reason}"


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() not in ("", "0", "false", "no")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and (why := refusal(_reason(report))):
        report.outcome = "failed"
        report.longrepr = why
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and (why := refusal(_reason(report))):
        report.outcome = "failed"
        report.longrepr = why
    return report
