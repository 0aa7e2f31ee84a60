"""A CI run may not quietly skip what it is able to run."""

import pytest

SKIPPING = """
import pytest
from tests.support.tools import require_platform, require_shared_data, require_tool

def test_tool():
    require_tool("no-such-program")

def test_platform():
    require_platform(False, "only on the moon")

def test_data():
    require_shared_data("nmea")

def test_for_no_good_reason():
    pytest.skip("not today")

@pytest.mark.skip(reason="by a mark")
def test_marked():
    pass

@pytest.mark.xfail(reason="known fault", strict=True)
def test_expected_to_fail():
    assert False

def test_passes():
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs a file of tests as a CI run would, or as a developer's (ci="")."""

    def run(source: str, ci: str, lacks: str = "", data: str = "/nonexistent") -> pytest.RunResult:
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("CI_LACKS", lacks)
        monkeypatch.setenv("SIGAP_SHARED_DATA", data)
        pytester.makepyfile(source)
        pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
        return pytester.runpytest_inprocess("-p", "tests.support.skips", "-p", "no:xdist", "-ra")

    return run


def test_a_developer_may_skip(run) -> None:
    run(SKIPPING, ci="").assert_outcomes(passed=1, skipped=5, xfailed=1)


def test_ci_may_skip_for_platform_and_absent_data_only(run) -> None:
    result = run(SKIPPING, ci="true")
    result.assert_outcomes(passed=1, skipped=2, failed=2, errors=1, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "*skipped on CI, which is able to run it: missing tool: no-such-program*",
            "*skipped on CI, which is able to run it: not today*",
            "*skipped on CI, which is able to run it: by a mark*",
        ]
    )


def test_ci_may_lack_a_tool_it_could_not_install(run) -> None:
    run(SKIPPING, ci="true", lacks="chromium,no-such-program").assert_outcomes(
        passed=1, skipped=3, failed=1, errors=1, xfailed=1
    )


def test_ci_may_not_skip_data_that_is_there(run, tmp_path) -> None:
    run(SKIPPING, ci="true", data=str(tmp_path)).assert_outcomes(passed=1, skipped=1, failed=3, errors=1, xfailed=1)


def test_ci_may_not_skip_a_whole_module(run) -> None:
    source = 'import pytest\npytest.importorskip("no_such_module")\ndef test_it(): pass\n'
    assert run(source, ci="").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result = run(source, ci="true")
    result.assert_outcomes(errors=1)
    assert result.ret != pytest.ExitCode.OK
