"""The whole measurement: rounds in which the variants take turns, then what needs no turns."""

import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select

from deploy.databases import writer_engine
from deploy.migrate import upgrade
from producers import outbox, seal
from schemas.codec import canonical
from schemas.events import LISTED
from schemas.tables import store as t
from tests.bench import catalogue
from tests.bench.events import CityEvents, entry, generated, mean_bytes
from tests.bench.ground import HALVES, REGISTERS, TEMPLATE, Ground
from tests.bench.runs import Run, Runner, run
from tests.support.cities import CHANGSHA

LOGGED = "bench_logged"
BARE_TOPIC = "czt.dead-letters"
"""Any topic of one partition that the relay does not read."""


@dataclass(frozen=True)
class Scale:
    """How much of everything. `logged`: events of the log that is sent, verified and replayed; `rows`: of a catalogue."""

    rounds: int
    events: int
    logged: int
    relayed: int
    rows: int
    two: bool = True


FULL = Scale(rounds=3, events=30_000, logged=20_000, relayed=10_000, rows=100_000)
QUICK = Scale(rounds=2, events=4_000, logged=1_000, relayed=1_000, rows=1_000)


@dataclass
class Results:
    """Runs by variant, one a round; sizes that were found on the way."""

    runs: defaultdict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, found: Run) -> None:
        """Keep a run, and say so."""
        self.runs[name].append(found)
        print(f"{name}: {found.rate:,.0f}/s, {found.cpu_us:.1f} µs CPU", file=sys.stderr, flush=True)


def measured(ground: Ground, scale: Scale, runner: Runner) -> Results:
    """Everything, in the order in which the topics allow it: the relay needs its own topic empty."""
    results = Results()
    ground.prepare()
    _relay_rounds(ground, scale, runner, results)
    ground.make_topics()
    logged = generated(scale.logged)
    ground.publish(logged)
    _log_a_copy(ground, runner, results)
    ground.make_topics()
    cities = generated(scale.events)
    ground.publish(cities)
    _note_sizes(ground, cities, results)
    for number in range(scale.rounds):
        _hub_round(ground, scale, runner, results, number)
        _log_round(ground, runner, results)
    for kind in ("postgresql", "sqlite"):
        with ground.store(kind) as url:
            given = {"settings": ground.settings(url), "sources": REGISTERS}
            results.add(f"stages {kind}", run(runner, "stages", given))
    _imports(ground, scale, runner, results)
    return results


def _hub_round(ground: Ground, scale: Scale, runner: Runner, results: Results, number: int) -> None:
    """Drain, both COPYs, and the hub on each database with one and two processes; each round begins with another."""

    def drain() -> Run:
        return run(runner, "drain", {"bootstrap": ground.kafka.bootstrap, "topics": ground.city_topics})

    def copy() -> Run:
        with ground.bare_database() as url:
            given = {"url": url, "count": scale.events, "row_bytes": results.sizes["row_bytes"]}
            return run(runner, "copy", given, server=ground.postgres.cpu_seconds)

    def copy_rows() -> Run:
        with ground.bare_database() as url:
            given = {"url": url, "count": scale.logged, "written": ground.written(LOGGED)}
            return run(runner, "copy rows", given, server=ground.postgres.cpu_seconds)

    variants: list[tuple[str, Callable[[], Run]]] = [("drain", drain), ("COPY", copy), ("COPY rows", copy_rows)]
    for kind in ("postgresql", "sqlite"):
        variants.append((f"hub {kind}", lambda kind=kind: _hub(ground, runner, kind, (REGISTERS,))))  # type: ignore[misc]
        if scale.two:
            variants.append((f"hub {kind} ×2", lambda kind=kind: _hub(ground, runner, kind, HALVES)))  # type: ignore[misc]
    first = number % len(variants)
    for name, variant in variants[first:] + variants[:first]:
        results.add(name, variant())


def _hub(ground: Ground, runner: Runner, kind: str, parts: tuple[tuple[str, ...], ...]) -> Run:
    with ground.store(kind) as url:
        given = [{"settings": ground.settings(url), "sources": sources} for sources in parts]
        return run(runner, "hub", *given, server=ground.postgres.cpu_seconds)


def _log_a_copy(ground: Ground, runner: Runner, results: Results) -> None:
    """A store whose log holds what is now on the topics: what is sent, verified and replayed in each round."""
    url = ground.database(LOGGED, TEMPLATE)
    run(runner, "hub", {"settings": ground.settings(url), "sources": REGISTERS})
    engine = create_engine(url)
    with engine.connect() as connection:
        results.sizes |= {"row_bytes": _row_bytes(connection)}
    engine.dispose()


def _row_bytes(connection: Connection) -> int:
    """Mean bytes of what the log keeps of one event: leaf, record and headers."""
    entry_, record = t.audit_entry, t.audit_record
    size = func.length(entry_.c.leaf) + func.length(record.c.value) + func.length(record.c.headers)
    joined = entry_.join(record, entry_.c.idx == record.c.idx)
    return int(connection.execute(select(func.avg(size)).select_from(joined)).scalar_one())


def _note_sizes(ground: Ground, cities: list[CityEvents], results: Results) -> None:
    results.sizes |= {
        "events": sum(len(found.messages) for found in cities),
        "listed": sum(found.listed for found in cities),
        "event_bytes": mean_bytes(cities),
    }


def _log_round(ground: Ground, runner: Runner, results: Results) -> None:
    """Send, verify and replay one log."""
    with ground.store("postgresql", LOGGED) as url:
        given = {"settings": ground.settings(url)}
        for name in ("outbound", "replay"):
            results.add(name, run(runner, name, given, server=ground.postgres.cpu_seconds))
        with_checkpoint = {"settings": ground.settings(url)}
        results.add("verify", run(runner, "verify", with_checkpoint, server=ground.postgres.cpu_seconds))


def _relay_rounds(ground: Ground, scale: Scale, runner: Runner, results: Results) -> None:
    """The relay on a SQLite register, then a bare producer with the same messages."""
    for number in range(scale.rounds):
        ground.make_topics()
        home = f"relay-{number}"
        database = ground.folder / home / f"register-{CHANGSHA.word}.db"
        _fill_outbox(database, scale.relayed)
        given = {"settings": ground.settings(home=home), "source": CHANGSHA.source}
        results.add("relay", run(runner, "relay", given))
        given = {"bootstrap": ground.kafka.bootstrap, "topic": BARE_TOPIC, "database": str(database)}
        results.add("producer", run(runner, "produce", given))
        shutil.rmtree(ground.folder / home)


def _fill_outbox(database: Path, count: int) -> None:
    """A register's database with `count` changes that wait to be sealed."""
    engine = writer_engine(f"sqlite:///{database}")
    upgrade(engine, "source")
    city, time = CHANGSHA, "2021-07-22T09:00:00+08:00"
    with engine.begin() as connection:
        seal.prepare(connection, city.source)
        said = (entry(city, number, 1) for number in range(count))
        outbox.append_all(
            connection,
            (
                outbox.Outgoing(LISTED, one["certificate_no"], canonical({"entry": one, "origin": None}).decode(), time, 1)
                for one in said
            ),
        )
    engine.dispose()


def _imports(ground: Ground, scale: Scale, runner: Runner, results: Results) -> None:
    """A large catalogue as workbook and as CSV, each into an empty register and then once more."""
    for kind, made in (("xlsx", catalogue.xlsx), ("csv", catalogue.csv_file)):
        home = f"import-{kind}"
        file = ground.folder / f"catalogue.{kind}"
        file.write_bytes(made(scale.rows))
        engine = writer_engine(f"sqlite:///{ground.folder / home}/register-{CHANGSHA.word}.db")
        upgrade(engine, "source")
        engine.dispose()
        for name, events in ((f"import {kind}", scale.rows), (f"import {kind} again", 0)):
            given = {"settings": ground.settings(home=home), "file": str(file), "events": events}
            results.add(name, run(runner, "import", given))
