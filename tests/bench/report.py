"""What the runs say: medians with the least and the most, ratios round by round, as a table and as JSON."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.bench.machine import machine_facts
from tests.bench.measure import Results, Scale
from tests.bench.runs import Run
from tests.bench.stages import STAGES

NAMES = {
    "drain": "bare `KafkaConsumer.poll` drain (crc32c, lz4)",
    "COPY": "bare binary `COPY` of pre-encoded rows of the log's size, primary key only",
    "COPY rows": "bare binary `COPY` of the very rows that the hub writes to seven tables, primary keys only",
    "hub postgresql": "hub on PostgreSQL, one process",
    "hub postgresql ×2": "hub on PostgreSQL, two processes, each with sources of its own",
    "hub sqlite": "hub on SQLite, one process",
    "hub sqlite ×2": "hub on SQLite, two processes (SQLite lets one write at a time)",
    "outbound": "outbound: receipts and products a second",
    "verify": "`audit verify`: entries a second",
    "replay": "`audit replay`: entries a second",
    "relay": "relay: sealed and published events a second",
    "producer": "bare idempotent `KafkaProducer`, lz4, 200 in flight, the relay's messages",
    "import xlsx": "import of a workbook: rows a second",
    "import xlsx again": "the same file once more",
    "import csv": "import of a CSV file: rows a second",
    "import csv again": "the same file once more",
}
HUBS = ("hub postgresql", "hub postgresql ×2", "hub sqlite", "hub sqlite ×2")


def as_json(results: Results, scale: Scale) -> dict[str, Any]:
    """Everything that was measured."""
    return {
        "machine": machine_facts(),
        "scale": {"rounds": scale.rounds, "logged": scale.logged, "relayed": scale.relayed, "rows": scale.rows, **results.sizes},
        "runs": {name: _summary(results.runs[name]) for name in NAMES if name in results.runs},
        "ratios": _ratios(results),
        "stages": {
            kind: _stages(results.runs[f"stages {kind}"][0])
            for kind in ("postgresql", "sqlite")
            if f"stages {kind}" in results.runs
        },
    }


def _summary(runs: Sequence[Run]) -> dict[str, Any]:
    found = {
        "per_second": _spread([run.rate for run in runs]),
        "cpu_us": _spread([run.cpu_us for run in runs]),
        "megabytes": _spread([run.megabytes for run in runs]),
    }
    if any(run.server_cpu for run in runs):
        found["postgresql_cpu_us"] = _spread([run.server_cpu_us for run in runs])
    return found


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": _short(median(values)), "min": _short(min(values)), "max": _short(max(values))}


def _short(value: float) -> float:
    return round(value, 3 if value < 1 else 1)


def _ratios(results: Results) -> dict[str, Any]:
    """Per round: the hub to the slower of drain and each COPY, the relay to the bare producer."""
    runs, found = results.runs, dict[str, Any]()
    for bare in ("COPY", "COPY rows"):
        slower = [min(drain.rate, copy.rate) for drain, copy in zip(runs["drain"], runs[bare], strict=True)]
        for name in HUBS:
            if name in runs:
                ratios = [run.rate / rate for run, rate in zip(runs[name], slower, strict=True)]
                found[f"{name} / min(drain, {bare})"] = _spread(ratios)
    pairs = zip(runs["relay"], runs["producer"], strict=True)
    return found | {"relay / producer": _spread([relay.rate / bare.rate for relay, bare in pairs])}


def _stages(run: Run) -> dict[str, float]:
    """CPU microseconds an event."""
    found = {stage: round(run.facts[stage] / run.count * 1e6, 1) for stage in STAGES}
    return found | {"all": round(run.cpu_us, 1)}


def as_markdown(found: dict[str, Any]) -> str:
    """The same for people."""
    machine, scale = found["machine"], found["scale"]
    lines = [
        "# What `make bench` measured",
        "",
        "Written by `python -m tests.bench`; `latest.json` holds the same. Median [min–max] over the rounds; the variants take",
        "turns within each. Absolute figures are this machine's, which broker, database and clients share: ratios count.",
        "",
        *(f"* {name}: {value}" for name, value in machine.items()),
        f"* {scale['rounds']} rounds; {scale['events']:,} events of {scale['event_bytes']} bytes over 100,000 certificates",
        f"* first of their certificate: {scale['listed']:,} events; bytes of a log entry with its record: {scale['row_bytes']:,}",
        "",
        "| what | a second | client CPU µs each | PostgreSQL CPU µs each | memory MB |",
        "|---|---|---|---|---|",
        *(_line(name, run) for name, run in found["runs"].items()),
        "",
        "| ratio, round by round | median [min–max] |",
        "|---|---|",
        *(f"| {name} | {_text(value, '.3f')} |" for name, value in found["ratios"].items()),
        "",
        "CPU µs of the hub's process per event, by stage, one process, a round of its own with a clock around each stage:",
        "",
        f"| database | {' | '.join([*STAGES, 'all'])} |",
        f"|---|{'---|' * (len(STAGES) + 1)}",
        *(f"| {kind} | {' | '.join(f'{value:.1f}' for value in stages.values())} |" for kind, stages in found["stages"].items()),
        "",
    ]
    return "\n".join(lines)


def _line(name: str, run: dict[str, Any]) -> str:
    server = _text(run["postgresql_cpu_us"], ".1f") if "postgresql_cpu_us" in run else ""
    return (
        f"| {NAMES[name]} | {_text(run['per_second'], ',.0f')} | {_text(run['cpu_us'], '.1f')} | {server} "
        f"| {_text(run['megabytes'], '.0f')} |"
    )


def _text(spread: dict[str, float], form: str) -> str:
    if spread["min"] == spread["max"]:
        return f"{spread['median']:{form}}"
    return f"{spread['median']:{form}} [{spread['min']:{form}}–{spread['max']:{form}}]"
