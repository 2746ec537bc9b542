"""Two hubs on the same sources, one of them stopped past its lease again and again: the store is as if there had been one."""

import random
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from deploy.environment import read_settings
from deploy.hub import run_until_idle
from deploy.migrate import upgrade
from deploy.telemetry import Metrics
from schemas.tables import store as t
from schemas.topics import topic_of
from tests.support.agreement import Installation, check_everything, founded, settled
from tests.support.cities import CITIES, SOURCES
from tests.support.cli import Cli
from tests.support.fleet import Fleet
from tests.support.writing_cities import WritingCity

ROUNDS = 20
EVENTS_PER_CITY = 900
CHUNK = 20
WRITING_SECONDS = 30.0
LIMITS = {"CZT_OWNER_LEASE_SECONDS": "1", "CZT_SILENCE_SECONDS": "3"}
FENCED = 3
PATIENCE_SECONDS = 150.0
HUBS = ("hub-1", "hub-2")
SAME = (t.listing, t.product, t.entry_head, t.source_chain, t.context, t.trusted_key)
"""Tables that don't depend on how the batches of different sources followed each other."""


def owner_and_epoch(wiring: Installation, source: str) -> tuple[str, int]:
    """Who holds a source."""
    table = t.source_position
    with wiring.store.snapshot() as loader:
        row = loader.connection.execute(select(table.c.owner, table.c.epoch).where(table.c.source == source)).one()
    return row.owner or "", row.epoch


def name_of(fleet: Fleet, owner: str) -> str | None:
    """The hub behind an owner's name, which holds its process id; None when that process has gone."""
    return next((name for name in HUBS if f"-{fleet.members[name].process.pid}-" in owner), None)


def stop_past_its_lease(fleet: Fleet, wiring: Installation, source: str, chance: random.Random) -> None:
    """Stop the hub that holds a source, wherever it is, until the other one has taken over; then let it go on."""
    owner, epoch = owner_and_epoch(wiring, source)
    victim = fleet.members[name_of(fleet, owner) or chance.choice(HUBS)]
    victim.send(signal.SIGSTOP)
    try:
        fleet.tend_until(lambda: owner_and_epoch(wiring, source)[1] > epoch, PATIENCE_SECONDS, "the other hub took over")
        fleet.tend_for(chance.uniform(0, 0.3))
    finally:
        victim.send(signal.SIGCONT)


def rows_of(wiring: Installation, table: Table) -> list[tuple[Any, ...]]:
    """Every row, sorted."""
    with wiring.store.snapshot() as loader:
        return sorted(tuple(row) for row in loader.connection.execute(select(table)))


def test_a_hub_that_sleeps_past_its_lease_writes_nothing_late(
    real_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    """Stopped 20 times at random and woken, a hub leaves or stands by; each record is decided once, as by one hub alone."""
    Cli(monkeypatch, real_settings)
    chance = random.Random(seed)
    settings = read_settings()
    with Installation(settings) as wiring:
        founded(wiring)
        pause = WRITING_SECONDS * CHUNK / EVENTS_PER_CITY
        cities = [WritingCity(wiring.source_url(city.source), city, EVENTS_PER_CITY, seed, pause, CHUNK) for city in CITIES]
        with Fleet(tmp_path / "fleet", LIMITS) as fleet:
            for name in HUBS:
                fleet.add(name, "hub", "run")
            for city in cities:
                fleet.add(f"relay-{city.city.word}", "city", "relay", "--city", city.city.word)
                city.start()
            for _ in range(ROUNDS):
                fleet.tend_for(chance.uniform(0, 0.3))
                stop_past_its_lease(fleet, wiring, chance.choice(SOURCES), chance)
            for city in cities:
                city.finish(PATIENCE_SECONDS)
            fleet.tend_until(lambda: settled(wiring), PATIENCE_SECONDS, "everything sent and decided")
            fleet.stop()
            assert {code for name in HUBS for code in fleet.members[name].codes} <= {FENCED}
        # What a woken relay sent last, after the others had looked at the products topic, is mended by the next one.
        assert run_until_idle(wiring, SOURCES, Metrics()).read == 0
        check_everything(wiring)
        for city in cities:
            # The relay states by itself what it sent, so there are some events more.
            assert wiring.subscriber.end_offset(topic_of(city.city.source), 0) >= EVENTS_PER_CITY
        alone = settings.model_copy(update={"store_url": f"sqlite:///{tmp_path / 'alone.db'}"})
        with Installation(alone) as control:
            upgrade(control.engine(alone.store_url), "store")
            control.store.prepare(SOURCES)
            control.worker(SOURCES, lambda source, report, seconds: None).run_until_idle()
            for table in SAME:
                assert rows_of(wiring, table) == rows_of(control, table)
