"""Two hubs that share the sources: each decides its own, one of them sends, and the other goes on when that one dies."""

from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import select

from deploy.environment import read_settings
from deploy.relaying import relay_once
from schemas.city import JOINT_OFFICE, City
from schemas.tables import store as t
from tests.support.agreement import Installation, check_everything, founded, settled
from tests.support.cities import CHANGSHA, CITIES, XIANGTAN, ZHUZHOU
from tests.support.cli import Cli
from tests.support.fleet import Fleet, until
from tests.support.writing_cities import WritingCity

SHARES = {"hub-1": ("joint-office", "changsha"), "hub-2": ("zhuzhou", "xiangtan")}
EVENTS = 100
PATIENCE_SECONDS = 150.0


def write_and_relay(wiring: Installation, city: City, total: int) -> None:
    """Let a city write on until it has made `total` changes, and send them."""
    writing = WritingCity(wiring.source_url(city.source), city, total, 0, 0)
    writing.start()
    writing.finish(PATIENCE_SECONDS)
    relay_once(wiring, city.source)


def owners(wiring: Installation) -> dict[str, str]:
    """Who holds each source; under `outbound` who sends."""
    with wiring.store.snapshot() as loader:
        position = loader.connection.execute(select(t.source_position.c.source, t.source_position.c.owner))
        found = {row.source: row.owner or "" for row in position}
        return found | {"outbound": loader.connection.execute(select(t.outbound.c.owner)).scalar_one() or ""}


def sent(wiring: Installation) -> int:
    """Entries of the log whose messages went out."""
    with wiring.store.snapshot() as loader:
        return int(loader.connection.execute(select(t.outbound.c.next_index)).scalar_one())


def groups(wiring: Installation) -> list[object]:
    """Consumer groups that the broker knows. We are in none: no member of ours can be fenced by the broker, or go on unfenced."""
    admin = KafkaAdminClient(bootstrap_servers=list(wiring.settings.bootstrap))
    try:
        return list(admin.list_groups())
    finally:
        admin.close()


def test_two_hubs_share_the_sources(real_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--sources` says whose events a hub decides; when the hub that sends is killed, the other one sends all there is."""
    Cli(monkeypatch, real_settings)
    with Installation(read_settings()) as wiring, Fleet(tmp_path / "fleet", {"CZT_OWNER_LEASE_SECONDS": "1"}) as fleet:
        founded(wiring)
        for name, sources in SHARES.items():
            fleet.add(name, "hub", "run", "--sources", ",".join(sources))
        for city in CITIES:
            write_and_relay(wiring, city, EVENTS)
        fleet.tend_until(lambda: settled(wiring), PATIENCE_SECONDS, "everything sent and decided")
        pids = {name: f"-{fleet.members[name].process.pid}-" for name in SHARES}
        held = owners(wiring)
        assert all(pids["hub-1"] in held[source] for source in (JOINT_OFFICE, CHANGSHA.source))
        assert all(pids["hub-2"] in held[source] for source in (ZHUZHOU.source, XIANGTAN.source))
        sender = next(name for name in SHARES if pids[name] in held["outbound"])
        (survivor,) = SHARES.keys() - {sender}
        fleet.members[sender].kill()
        size = wiring.log_size()
        own = next(city for city in CITIES if city.word == SHARES[survivor][1])
        write_and_relay(wiring, own, 2 * EVENTS)
        until(lambda: sent(wiring) == size + EVENTS, PATIENCE_SECONDS, "the survivor sends")
        assert pids[survivor] in owners(wiring)["outbound"]
        fleet.tend_until(lambda: settled(wiring), PATIENCE_SECONDS, "everything sent and decided")
        assert groups(wiring) == []
        fleet.stop()
        check_everything(wiring)
