"""Three cities write while relays, hubs and the broker are killed at random: at the end everything is there, once."""

import os
import random
import signal
from pathlib import Path

import pytest

from deploy.environment import read_settings
from tests.support.agreement import Installation, check_everything, founded, settled
from tests.support.cities import CITIES
from tests.support.cli import Cli
from tests.support.fleet import Fleet
from tests.support.kafka_server import KafkaServer
from tests.support.writing_cities import CHUNK, WritingCity

EVENTS = int(os.environ.get("CZT_TEST_EVENTS", "20000"))
"""Of all cities together."""

ROUNDS = int(os.environ.get("CZT_TEST_ROUNDS", "1"))
"""How often each is killed, and for how long they write; `make faults` takes more, with several seeds."""

HUBS, RELAYS, BROKER = ("hub-1", "hub-2"), tuple(f"relay-{city.word}" for city in CITIES), "broker"
KILLS = (*HUBS * 2, *RELAYS, BROKER) * ROUNDS
MOST_SECONDS_BETWEEN_KILLS = 1.5
WRITING_SECONDS = 9.0 * ROUNDS
SETTLING_SECONDS = 300.0
LIMITS = {"CZT_OWNER_LEASE_SECONDS": "2", "CZT_SILENCE_SECONDS": "4", "CZT_DELIVERY_TIMEOUT_SECONDS": "4"}

# kafka-python leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def kill(fleet: Fleet, kafka: KafkaServer, victim: str, chance: random.Random) -> None:
    """SIGKILL one; while the broker is away perhaps a second one too."""
    if victim != BROKER:
        fleet.members[victim].kill()
        return
    kafka.kill()
    if chance.random() < 0.5:
        fleet.members[chance.choice((*HUBS, *RELAYS))].kill()
    kafka.start()


def test_kill_9_at_random(
    real_settings: dict[str, str], fresh_kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    """Every change of three cities gets one final outcome and its receipt, and the log folds to the store."""
    Cli(monkeypatch, real_settings)
    chance = random.Random(seed)
    pause = WRITING_SECONDS * CHUNK * len(CITIES) / EVENTS
    with Installation(read_settings()) as wiring:
        founded(wiring)
        cities = [WritingCity(wiring.source_url(city.source), city, EVENTS // len(CITIES), seed, pause) for city in CITIES]
        with Fleet(tmp_path / "fleet", LIMITS) as fleet:
            for name in HUBS:
                fleet.add(name, "hub", "run")
            for city in cities:
                fleet.add(f"relay-{city.city.word}", "city", "relay", "--city", city.city.word)
                city.start()
            for victim in chance.sample(KILLS, len(KILLS)):
                fleet.tend_for(chance.uniform(0, MOST_SECONDS_BETWEEN_KILLS))
                kill(fleet, fresh_kafka, victim, chance)
            for city in cities:
                city.finish(SETTLING_SECONDS)
            fleet.tend_until(lambda: settled(wiring), SETTLING_SECONDS, "everything sent and decided")
            # Who was killed last may be told to stop before it can hear it.
            assert set(fleet.stop().values()) <= {0, -signal.SIGTERM}
        check_everything(wiring)
