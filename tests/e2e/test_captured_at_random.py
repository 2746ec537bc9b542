"""Two programs write a city's own table at once while its relay is killed at random: the shared store equals the table."""

import json
import os
import random
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, select, text

from deploy.environment import read_settings
from schemas.tables import store as t
from schemas.tables.source import captured, outbox
from schemas.tables.transactions import transaction
from tests.support.agreement import Installation, check_register, check_topic, founded
from tests.support.cities import CHANGSHA
from tests.support.cli import ROOT, Cli
from tests.support.fleet import Fleet, until
from tests.support.own_tables import COLUMNS, with_capture
from tests.support.process import ServerProcess
from tests.support.writing_program import SET_UP

TRANSACTIONS = int(os.environ.get("CZT_TEST_TRANSACTIONS", "80"))
"""Of each program. `make faults` takes more, which is too long for every run of the tests."""

# kafka-python leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

ROUNDS = max(1, TRANSACTIONS // 80)
KILLS = 3 * ROUNDS
SETTLING_SECONDS = 150.0 * ROUNDS
CITY = ("--city", "changsha")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_settings: dict[str, str]) -> Cli:
    """`czt` on Apache Kafka and PostgreSQL; two programs write a table beside Changsha's register."""
    # Two programs change every row within seconds, deletions included: the brake has tests of its own.
    with_capture(tmp_path / "home" / "cities", "withdrawal_share = 1.0")
    return Cli(monkeypatch, {**real_settings, "CZT_OWNER_LEASE_SECONDS": "1"})


def _programs(engine: Engine, seed: int, folder: Path) -> list[ServerProcess]:
    url = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.writing_program", url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return [
        ServerProcess([*command, f"{seed} {name}", str(TRANSACTIONS)], folder / f"{name}.log", environment=environment)
        for name in ("first", "second")
    ]


def _kill_relays(programs: list[ServerProcess], fleet: Fleet, chance: random.Random) -> None:
    """Kill the relay again and again while the programs write, and let it live when they are done."""
    for _ in range(KILLS):
        fleet.tend_for(chance.uniform(0.2, 1.2))
        fleet.members["relay"].kill()
    fleet.tend_until(lambda: not any(program.running() for program in programs), SETTLING_SECONDS, "the programs end")
    assert [program.code for program in programs] == [0, 0], [program.output() for program in programs]


def _drained(engine: Engine) -> bool:
    """Whether everything that was captured is in the outbox, and everything in it was sent."""
    with transaction(engine) as connection:
        waits = connection.execute(select(captured.c.id).limit(1)).first()
        unsent = connection.execute(select(outbox.c.id).where(outbox.c.sent_offset.is_(None)).limit(1)).first()
    return waits is None and unsent is None


def _ticks(engine: Engine) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Models of each entry, one after the other: as the programs' own history has them, and as they were sent."""
    written: dict[str, list[str]] = defaultdict(list)
    sent: dict[str, list[str]] = defaultdict(list)
    with transaction(engine) as connection:
        for row in connection.execute(text("SELECT DISTINCT bh, ggxh FROM history")):
            written[row.bh].append(row.ggxh)
        for row in connection.execute(select(outbox).where(outbox.c.entry_version.is_not(None)).order_by(outbox.c.sequence)):
            entry = json.loads(row.data)["entry"]
            if entry["source_status"] == "active":
                sent[row.subject] += entry["models"]
    return {bh: sorted(ticks, key=_tick) for bh, ticks in written.items()}, dict(sent)


def _tick(model: str) -> int:
    return int(model.removeprefix("FJ-"))


def test_store_equals_the_table(cli: Cli, tmp_path: Path, seed: int) -> None:
    """No change is skipped, none is out of order, the chain has no gap, and a statement verifies it to its end."""
    with Installation(read_settings()) as wiring:
        founded(wiring)
        engine = wiring.engine(wiring.source_url(CHANGSHA.source))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE products ({COLUMNS})")
            connection.exec_driver_sql(SET_UP)
        assert cli.ok("city", "capture", "install", *CITY)["rows"] == 0
        with Fleet(tmp_path / "fleet", {}) as fleet:
            fleet.add("relay", "city", "relay", *CITY)
            programs = _programs(engine, seed, tmp_path)
            _kill_relays(programs, fleet, random.Random(seed))
            with engine.begin() as connection:
                connection.exec_driver_sql("UPDATE products SET zt = '有效', ggxh = 'FJ-' || nextval('tick') WHERE zt <> '有效'")
                connection.exec_driver_sql("INSERT INTO history (bh, ggxh) SELECT bh, ggxh FROM products")
            fleet.tend_until(lambda: _drained(engine), SETTLING_SECONDS, "everything captured is sent")
            fleet.stop()
        assert cli("city", "statement", *CITY).code == 0
        assert cli.ok("city", "review", "list", *CITY)["rows"] == []
        until(lambda: cli("hub", "run", "--until-idle").code == 0, SETTLING_SECONDS, "the hub decides everything")
        with engine.connect() as connection:
            table = {row.bh: [row.ggxh] for row in connection.execute(text("SELECT bh, ggxh FROM products"))}
        with wiring.store.snapshot() as loader:
            listings = loader.connection.execute(select(t.listing.c.certificate_no, t.listing.c.entry)).all()
        entries = {row.certificate_no: json.loads(row.entry) for row in listings}
        assert {number: entry["models"] for number, entry in entries.items() if entry["source_status"] == "active"} == table
        written, sent = _ticks(engine)
        assert sent == written
        check_topic(wiring, CHANGSHA.source)
        check_register(wiring, CHANGSHA)
        (changsha,) = (one for one in cli.ok("hub", "status")["sources"] if one["source"] == CHANGSHA.source)
        assert (changsha["gaps"], changsha["forked"]) == ([], False)
        assert changsha["verified_through"] == changsha["received_through"] > 2 * TRANSACTIONS
