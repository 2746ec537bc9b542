"""`python -m tests.bench` (`make bench`): measure, show the table, keep it beside this file. `--quick` keeps nothing."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.ground import Ground
from tests.bench.measure import FULL, QUICK, measured
from tests.bench.report import as_json, as_markdown
from tests.bench.runs import as_processes
from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer
from tests.support.process import CannotStart

RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 measured, 3 a server could not be started."""
    parser = argparse.ArgumentParser(prog="make bench", description="How fast it is here, beside a bare drain and a bare COPY.")
    parser.add_argument("--quick", action="store_true", help="small counts: figures to look at, not to keep")
    parser.add_argument("--out", type=Path, help="folder for latest.json and README.md (default: tests/bench/results)")
    given = parser.parse_args(arguments)
    scale = QUICK if given.quick else FULL
    out = given.out or (None if given.quick else RESULTS)
    started = time.monotonic()
    try:
        with ExitStack() as closing:
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="czt-bench-")))
            kafka = KafkaServer()
            closing.callback(kafka.remove)
            kafka.start()
            postgres = PostgresServer()
            closing.callback(postgres.remove)
            postgres.start()
            found = as_json(measured(Ground(kafka, postgres, folder), scale, as_processes), scale)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 3
    print(as_markdown(found))
    print(f"{time.monotonic() - started:.0f} seconds", file=sys.stderr)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "latest.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
        (out / "README.md").write_text(as_markdown(found), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
