"""`czt demo`: an empty directory, the story, and on request the hub left running."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.demo.session import Czt, Session
from deploy.demo.story import Story, again
from schemas.errors import Both, UsageError

MARKER = ".czt-demo"
"""Lies in a directory that the demo made: only such a one is emptied."""


def run_demo(directory: Path, czt: Czt, line: Callable[[str], None], *, serve: bool, chinese: bool) -> int:
    """Tell the story in `directory`, line by line; exit code 0 only if the tampering was found. `czt` runs a command.

    Raises `UsageError` when the directory holds something that the demo didn't make.
    """
    home = _empty(directory)

    def say(zh: str, en: str) -> None:
        line(zh if chinese else en)
        sys.stdout.flush()

    found = Story(Session(czt, home), say).tell()
    say(f"再查一遍：{again(home)}", f"to check again: {again(home)}")
    if not found:
        return 1
    return _serve(czt, home) if serve else 0


def _empty(directory: Path) -> Path:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).exists():
            raise UsageError(
                Both(f"{directory} 里有别的文件，不是演示建的目录。", f"{directory} is not empty and was not made by the demo."),
                Both("请用 --dir 另指一个目录。", "Name another directory with --dir."),
            )
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).touch()
    return directory


def _serve(czt: Czt, home: Path) -> int:
    """Leave the hub running on the demo's store until somebody stops it."""
    os.environ["CZT_HOME"] = str(home)
    os.environ.setdefault("CZT_METRICS_PORT", "9464")
    return czt(["hub", "run"])
