"""A broker that is away longer than the delivery timeout: cities go on writing, and everything goes on when it is back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deploy.environment import read_settings
from schemas.tables.source import outbox
from schemas.tables.transactions import transaction
from tests.support.agreement import Installation, check_everything, founded, settled
from tests.support.cities import CHANGSHA
from tests.support.cli import Cli
from tests.support.fleet import Fleet
from tests.support.kafka_server import KafkaServer
from tests.support.writing_cities import WritingCity

DELIVERY_TIMEOUT_SECONDS = 2.0
OUTAGE_SECONDS = 3 * DELIVERY_TIMEOUT_SECONDS
LIMITS = {"CZT_DELIVERY_TIMEOUT_SECONDS": str(DELIVERY_TIMEOUT_SECONDS), "CZT_OWNER_LEASE_SECONDS": "2"}
AGAIN_SECONDS = 10.0
"""Within which a relay sends again after the broker's return."""

PATIENCE_SECONDS = 150.0
CITY = CHANGSHA

# kafka-python leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def sent(wiring: Installation) -> int:
    """Changes of the city that the broker has acknowledged."""
    query = select(func.count()).select_from(outbox).where(outbox.c.sent_offset.is_not(None))
    with transaction(wiring.engine(wiring.source_url(CITY.source))) as connection:
        return int(connection.execute(query).scalar_one())


def outage(fleet: Fleet, wiring: Installation, writing: WritingCity, away: Callable[[], None], back: Callable[[], None]) -> None:
    """Let the broker be away longer than the delivery timeout, while the city goes on writing."""
    fleet.tend_until(lambda: sent(wiring) > 0, PATIENCE_SECONDS, "something was sent")
    away()
    written = writing.written
    fleet.tend_for(OUTAGE_SECONDS)
    assert writing.written > written
    assert writing.outages == 0
    before = sent(wiring)
    assert before < writing.written
    back()
    fleet.tend_until(lambda: sent(wiring) > before, AGAIN_SECONDS, "sending again")


def test_outage_longer_than_the_delivery_timeout(
    real_settings: dict[str, str], fresh_kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Killed, then dumb: each time sending begins again within 10 s, in order; and SIGTERM is heard during an outage."""
    Cli(monkeypatch, real_settings)
    with Installation(read_settings()) as wiring:
        founded(wiring)
        writing = WritingCity(wiring.source_url(CITY.source), CITY, 100_000, 0, 0.1, 10)
        with Fleet(tmp_path / "fleet", LIMITS) as fleet:
            hub = fleet.add("hub", "hub", "run")
            relay = fleet.add("relay", "city", "relay", "--city", CITY.word)
            writing.start()
            outage(fleet, wiring, writing, fresh_kafka.kill, fresh_kafka.start)
            outage(fleet, wiring, writing, fresh_kafka.pause, fresh_kafka.resume)
            writing.stop()
            fleet.tend_until(lambda: settled(wiring), PATIENCE_SECONDS, "everything sent and decided")
            assert hub.codes == relay.codes == []
            fresh_kafka.pause()
            fleet.tend_for(DELIVERY_TIMEOUT_SECONDS / 2)
            assert fleet.stop() == {"hub": 0, "relay": 0}
            fresh_kafka.resume()
        check_everything(wiring)
