"""PostgreSQL killed under running processes: they wait, go on when it is back, and nothing is lost or done twice."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.environment import read_settings
from tests.support.agreement import Installation, check_everything, founded, settled
from tests.support.cities import ZHUZHOU
from tests.support.cli import Cli
from tests.support.fleet import Fleet
from tests.support.postgres_server import PostgresServer
from tests.support.writing_cities import WritingCity

CITY = ZHUZHOU
EVENTS = 1_000
CHUNK = 20
WRITING_SECONDS = 8.0
KILLS = 2
PATIENCE_SECONDS = 150.0


def test_database_killed_and_restarted(
    real_settings: dict[str, str],
    start_postgres: Callable[..., PostgresServer],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    seed: int,
) -> None:
    """The store's server and a register's are killed -9 in turn under hub, relay and a writing city; all go on by themselves."""
    stores, registers = start_postgres(), start_postgres()
    urls = {
        "CZT_STORE_URL": stores.create_database("store"),
        f"CZT_REGISTER_URL_{CITY.word.upper()}": registers.create_database("register"),
    }
    Cli(monkeypatch, real_settings | urls)
    chance = random.Random(seed)
    with Installation(read_settings()) as wiring:
        founded(wiring)
        pause = WRITING_SECONDS * CHUNK / EVENTS
        writing = WritingCity(wiring.source_url(CITY.source), CITY, EVENTS, seed, pause, CHUNK)
        with Fleet(tmp_path / "fleet", {"CZT_OWNER_LEASE_SECONDS": "2"}) as fleet:
            hub = fleet.add("hub", "hub", "run")
            relay = fleet.add("relay", "city", "relay", "--city", CITY.word)
            fleet.tend_until(lambda: wiring.log_size() > 0, PATIENCE_SECONDS, "the hub decides")
            writing.start()
            for _ in range(KILLS):
                for server in (stores, registers):
                    fleet.tend_for(chance.uniform(0.2, 1.5))
                    server.kill()
                    fleet.tend_for(chance.uniform(0, 1))
                    server.start()
            writing.finish(PATIENCE_SECONDS)
            fleet.tend_until(lambda: settled(wiring), PATIENCE_SECONDS, "everything sent and decided")
            assert hub.codes == relay.codes == []
            assert fleet.stop() == {"hub": 0, "relay": 0}
        assert writing.outages > 0
        check_everything(wiring)
