"""Commands of `czt`, each in a process of its own that is forked from one which has loaded everything, and measured.

Run as a program it answers on stdout, a line of JSON for each line of JSON on stdin. A process per file is what the bounds
speak of; starting each from nothing would take a second.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
DEADLINE_SECONDS = 30
"""What refusing may take on a busy machine; on an idle one it is a few seconds at most."""

ADDRESS_SPACE_BYTES = 4 * 1024**3
"""So that a reader without bounds ends its own process and not the machine."""


@dataclass(frozen=True)
class Measured:
    """How a command ended; `code` is minus the signal that killed it, -14 at the deadline. `peak_bytes` is all memory it had."""

    code: int
    out: str
    err: str
    peak_bytes: int
    seconds: float


class Forked:
    """The process that forks. Settings are those of the environment it is started in.

    It runs the `first` command itself, so that what follows finds everything loaded and worked out.
    """

    def __init__(self, *first: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.hostile.forked"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._send(*first)["code"] in (0, 1)

    def __call__(self, *words: str) -> Measured:
        """Run one command."""
        return Measured(**self._send(*words))

    def _send(self, *words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _serve() -> None:
    from deploy.cli.main import main

    with redirect_stdout(StringIO()):
        code = main(json.loads(sys.stdin.readline()))
    _answer({"code": code})
    for line in sys.stdin:
        _answer(_measured(json.loads(line)))


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _measured(words: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(words, out.fileno(), err.fileno())
        _, status, usage = os.wait4(child, 0)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": out.read().decode(),
            "err": err.read().decode(),
            "peak_bytes": usage.ru_maxrss * 1024,
            "seconds": seconds,
        }


def _run(words: list[str], out: int, err: int) -> None:
    """In the child: never returns."""
    from deploy.cli.main import main

    code = 70
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
        signal.alarm(DEADLINE_SECONDS)
        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
