"""Running tasks: as processes that begin together, or in this process where it only counts that they work."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.task import TASKS, timed

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What one run of one or more processes gave: things done, seconds from the first start to the last end, CPU seconds.

    `megabytes`: the largest memory of one process; `server_cpu`: CPU seconds of PostgreSQL meanwhile; `facts`: more, by name.
    """

    count: float
    seconds: float
    cpu: float
    megabytes: float
    server_cpu: float = 0.0
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.count / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU microseconds a thing, of all processes."""
        return self.cpu / self.count * 1e6

    @property
    def server_cpu_us(self) -> float:
        """CPU microseconds a thing, of PostgreSQL."""
        return self.server_cpu / self.count * 1e6


Runner = Callable[[str, Sequence[dict[str, Any]]], list[dict[str, float]]]
"""Runs a task once for each of several arguments, all at the same time; their facts."""


def as_processes(name: str, arguments: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """Each in a fresh process; all are prepared before the first begins. Raises RuntimeError when one fails."""
    command = [sys.executable, "-m", "tests.bench.task", name]
    processes = [
        subprocess.Popen([*command, json.dumps(given)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for given in arguments
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate()[0] for process in processes]
    except BrokenPipeError as error:
        raise RuntimeError(f"{name} ended before it began") from error
    finally:
        for process in processes:
            process.kill()
    if any(process.returncode for process in processes):
        raise RuntimeError(f"{name} failed")
    return [json.loads(answer) for answer in answers]


def in_this_process(name: str, arguments: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """One after the other."""
    return [timed(TASKS[name](given)) for given in arguments]


def run(runner: Runner, name: str, *arguments: dict[str, Any], server: Callable[[], float] = lambda: 0.0) -> Run:
    """Run a task in as many processes as there are arguments. `server`: CPU seconds of a server so far."""
    before = server()
    answers = runner(name, arguments)
    spent = server() - before
    known = {"count", "begin", "end", "cpu", "megabytes"}
    return Run(
        count=sum(answer["count"] for answer in answers),
        seconds=max(answer["end"] for answer in answers) - min(answer["begin"] for answer in answers),
        cpu=sum(answer["cpu"] for answer in answers),
        megabytes=max(answer["megabytes"] for answer in answers),
        server_cpu=spent,
        facts={fact: value for fact, value in answers[0].items() if fact not in known},
    )
