"""A user at the command line: runs the very commands of the README in this process and reads their JSON."""

import io
import json
import os
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from schemas.errors import Both, CztError

Czt = Callable[[Sequence[str]], int]
"""The command line: words in, exit code out. Given to the demo, because the demo is one of its commands."""


class CommandFailed(CztError):
    """A command of the demo ended otherwise than the story says."""

    reason = "demo_failed"


class Session:
    """Commands in one CZT_HOME, with further `settings`; the caller's own CZT_ variables play no part."""

    def __init__(self, czt: Czt, home: Path, **settings: str) -> None:
        self._czt = czt
        self.home = home
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("CZT_")}
        self._environment |= {"CZT_HOME": str(home), "CZT_LOG_LEVEL": "warning", **settings}

    def with_settings(self, **settings: str) -> "Session":
        """The same user with other settings."""
        return Session(self._czt, self.home, **settings)

    def run(self, *arguments: str, expect: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """The command's JSON answer. Raises `CommandFailed` when its exit code is not one of `expect`."""
        out, err = io.StringIO(), io.StringIO()
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self._environment)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = self._czt([*arguments, "--json"])
        finally:
            os.environ.clear()
            os.environ.update(before)
        if code not in expect:
            last = (err.getvalue().strip().splitlines() or ["no message"])[-1]
            call = f"czt {' '.join(arguments)}"
            raise CommandFailed(
                Both(f"{call} 的退出码是 {code}：{last}", f"`{call}` ended with {code}: {last}"),
                Both("这是程序缺陷，请运行 make test 后报告。", "Run `make test`; this is a defect."),
            )
        found: dict[str, Any] = json.loads(out.getvalue() or "{}")
        return found
