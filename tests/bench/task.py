"""What is measured, each in a process of its own: prepared, told to go, timed, and answered as one line of JSON."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.hub import settle_memory
from tests.bench import baselines, cityside, hubside

Arguments = dict[str, Any]
Facts = dict[str, float]
Work = Callable[[], Facts]
"""The part that is timed; returns at least `count`, how many things were done."""

TASKS: dict[str, Callable[[Arguments], Work]] = {
    "drain": baselines.drain,
    "copy": baselines.copy,
    "copy rows": baselines.copy_rows,
    "produce": baselines.produce,
    "hub": hubside.hub,
    "stages": hubside.stages,
    "outbound": hubside.outbound,
    "verify": hubside.verify,
    "replay": hubside.replay,
    "relay": cityside.relay,
    "import": cityside.import_catalogue,
}


def timed(work: Work) -> Facts:
    """Do it; with `begin` and `end` (seconds since 1970), `cpu` seconds of this process and its highest memory so far."""
    begin, cpu = time.time(), time.process_time()
    facts = work()
    spent = time.process_time() - cpu
    return {**facts, "begin": begin, "end": time.time(), "cpu": spent, "megabytes": highest_megabytes()}


def highest_megabytes() -> float:
    """The highest memory of this program so far. Not `ru_maxrss`, which begins with that of the process that started it."""
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


def main(arguments: Sequence[str]) -> None:
    """`python -m tests.bench.task NAME ARGUMENTS`: says `ready`, waits for a line, works."""
    name, given = arguments
    work = TASKS[name](json.loads(given))
    settle_memory()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(timed(work)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
