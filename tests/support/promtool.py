"""Prometheus' own tools, from the system's packages: what they find wrong, and a server of the tests' own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL = "Install prometheus and prometheus-alertmanager (see .ci/run)"
UNDER_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")


def tool(name: str) -> str:
    """Where a tool is. Without it the test is skipped on a laptop and fails under CI."""
    found = shutil.which(name)
    if found is not None:
        return found
    if UNDER_CI:
        pytest.fail(f"{name} is not installed. {INSTALL}", pytrace=False)
    pytest.skip(f"NOT TESTED: {name} is not installed. {INSTALL}")


def problems(name: str, *words: str, given: str | None = None, folder: Path | None = None) -> str:
    """What the tool says when it finds something wrong; empty when all is well."""
    done = subprocess.run(
        [tool(name), *words], input=given, stdin=None if given is not None else subprocess.DEVNULL, capture_output=True,
        text=True, check=False, cwd=folder, timeout=60,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr
