"""Two relays of one source, started by mistake, one of them stopped past its lease again and again: one chain, no day twice."""

import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from deploy.environment import read_settings
from deploy.hub import run_until_idle
from deploy.telemetry import Metrics
from producers.relay import Relay
from schemas.city import JOINT_OFFICE
from schemas.codec import shanghai_day
from schemas.tables.source import seal
from schemas.tables.transactions import transaction
from tests.support.agreement import Installation, check_everything, founded
from tests.support.cities import CITIES, SOURCES, XIANGTAN
from tests.support.cli import Cli
from tests.support.fleet import Fleet, until
from tests.support.writing_cities import WritingCity

CITY = XIANGTAN
EVENTS = 500
CHUNK = 20
WRITING_SECONDS = 5.0
ROUNDS = 4
MISSED_DAYS = 5
FENCED = 3
LIMITS = {"CZT_OWNER_LEASE_SECONDS": "1", "CZT_SILENCE_SECONDS": "3"}
PATIENCE_SECONDS = 150.0


def owner_and_epoch(wiring: Installation, source: str) -> tuple[str, int]:
    """Which relay holds a source; nobody, before the first one has started."""
    with transaction(wiring.engine(wiring.source_url(source))) as connection:
        row = connection.execute(select(seal.c.owner, seal.c.epoch)).one_or_none()
    return ("", 0) if row is None else (row.owner or "", row.epoch)


def _send_the_rest(relay: Relay) -> None:
    until(lambda: relay.run_once() is not None, PATIENCE_SECONDS, "the last lease ended")
    relay.release()


def stop_past_its_lease(fleet: Fleet, wiring: Installation, source: str, names: tuple[str, ...]) -> None:
    """Stop the relay that holds the source until the other one has taken over; then let it go on."""
    owner, epoch = owner_and_epoch(wiring, source)
    victim = next((m for m in map(fleet.members.__getitem__, names) if f"-{m.process.pid}-" in owner), fleet.members[names[0]])
    victim.send(signal.SIGSTOP)
    try:
        fleet.tend_until(lambda: owner_and_epoch(wiring, source)[1] > epoch, PATIENCE_SECONDS, "the other relay took over")
    finally:
        victim.send(signal.SIGCONT)


def test_second_relay_started_by_mistake(
    real_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    """Each event goes out in order, whoever sends it, and each missed day begins once."""
    Cli(monkeypatch, real_settings)
    chance = random.Random(seed)
    today = shanghai_day(datetime.now(UTC))
    with Installation(read_settings()) as wiring:
        founded(wiring, today - timedelta(days=MISSED_DAYS))
        writing = WritingCity(wiring.source_url(CITY.source), CITY, EVENTS, seed, WRITING_SECONDS * CHUNK / EVENTS, CHUNK)
        relays = {CITY.source: ("city-1", "city-2"), JOINT_OFFICE: ("joint-1", "joint-2")}
        with Fleet(tmp_path / "fleet", LIMITS) as fleet:
            for name in relays[CITY.source]:
                fleet.add(name, "city", "relay", "--city", CITY.word)
            for name in relays[JOINT_OFFICE]:
                fleet.add(name, "joint", "relay")
            writing.start()
            for _ in range(ROUNDS):
                fleet.tend_for(chance.uniform(0, 0.5))
                source = chance.choice(list(relays))
                stop_past_its_lease(fleet, wiring, source, relays[source])
            writing.finish(PATIENCE_SECONDS)
            fleet.stop()
            assert {code for member in fleet.members.values() for code in member.codes} <= {FENCED}
        for source in relays:
            _send_the_rest(wiring.relay(source))
        run_until_idle(wiring, SOURCES, Metrics())
        with wiring.store.snapshot() as loader:
            assert loader.context(exclusive=False, lock=False).day == today.isoformat()
            assert loader.chain(JOINT_OFFICE).received_through == len(CITIES) + 2 + MISSED_DAYS
        check_everything(wiring)
