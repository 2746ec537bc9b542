"""Processes of `czt` under a supervisor that starts again whoever left; none of them outlives the test."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.cli import ROOT, SCRIPT
from tests.support.process import ServerProcess

POLL_SECONDS = 0.02
GRACE_SECONDS = 40.0
"""`stop_grace_period` of docker-compose.yml: who takes longer to leave is killed there."""


def until(true: Callable[[], bool], timeout_seconds: float, what: str) -> float:
    """Poll until it is so; how long that took. Raises AssertionError, naming `what`, when time runs out."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < timeout_seconds, f"not within {timeout_seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


class Member:
    """One `czt` process, again and again. `codes`: how it left by itself, each time."""

    def __init__(self, words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self.codes: list[int] = []
        self._words = words
        self._environment = environment
        self._log = log
        self._process: ServerProcess | None = None

    @property
    def process(self) -> ServerProcess:
        """The process of now, or the last one."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start it, from the main thread: its end is the child's."""
        self._process = ServerProcess([*SCRIPT, *self._words], self._log, environment=self._environment)

    def running(self) -> bool:
        """Whether it is there; a stopped one is."""
        return self._process is not None and self._process.running()

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if self._process is not None:
            self._process.end(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send(number)

    def log(self) -> str:
        """Everything its processes wrote."""
        return self._log.read_text("utf-8") if self._log.exists() else ""


class Fleet:
    """Members by name. Leaving the context kills those that are left."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """`settings` of the members, beside those of this process's environment."""
        self.members: dict[str, Member] = {}
        self._settings = settings
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for member in self.members.values():
            member.kill()
        if error is not None:
            error.add_note("\n".join(f"--- {name}\n{member.log()[-2000:]}" for name, member in self.members.items()))

    def add(self, name: str, *words: str) -> Member:
        """Start `czt WORDS`."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CZT_LOG_FORMAT": "json", **self._settings}
        self.members[name] = Member(words, environment, self._folder / f"{name}.log")
        self.members[name].start()
        return self.members[name]

    def tend(self) -> None:
        """Start again whoever left or was killed."""
        for member in self.members.values():
            if not member.running():
                code = member.process.code
                if code is not None and code >= 0:
                    member.codes.append(code)
                member.start()

    def tend_for(self, seconds: float) -> None:
        """Tend for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tend()
            time.sleep(POLL_SECONDS)

    def tend_until(self, true: Callable[[], bool], timeout_seconds: float, what: str) -> float:
        """`until`, tending."""

        def tended() -> bool:
            self.tend()
            return true()

        return until(tended, timeout_seconds, what)

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> dict[str, int | None]:
        """SIGTERM to all at once; exit codes. Raises AssertionError when one is there after the grace."""
        for member in self.members.values():
            member.send(signal.SIGTERM)
        running = self.members.values()
        until(lambda: not any(member.running() for member in running), grace_seconds, "every process left after SIGTERM")
        return {name: member.process.code for name, member in self.members.items()}
