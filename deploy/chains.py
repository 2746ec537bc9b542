"""What keeps a source's chain and the shared side together, at a person's word: statements, catching up, rewinding."""

from typing import Any

from sqlalchemy import Engine, select

from consumers.store import position
from deploy.running import leave
from deploy.wiring import Wiring
from producers.catch_up import catch_up
from producers.statement import is_due
from schemas.city import JOINT_OFFICE, source_name
from schemas.codec import shanghai_day
from schemas.errors import BrokerUnavailable
from schemas.tables.source import outbox as table
from schemas.tables.transactions import transaction
from schemas.topics import topic_of


def state_now(wiring: Wiring, source: str) -> dict[str, Any]:
    """Seal a city's closing statement and publish it when that works; the answer of `city statement`."""
    relay = wiring.relay(source)
    with transaction(relay.engine) as connection:
        made = wiring.state(connection, source)
    try:
        relay.run_once()
    except BrokerUnavailable:
        # What is sealed stays; the relay sends it later.
        sent = False
    else:
        query = select(table.c.sent_offset).where(table.c.sequence == made.sequence)
        with transaction(relay.engine) as connection:
            sent = connection.execute(query).scalar_one() is not None
    finally:
        leave(relay.release)
    return {"city": source_name(source), **_fields(made), "published": sent}


def state_when_due(wiring: Wiring, engine: Engine, source: str) -> None:
    """Seal a closing statement where one is due; the relay publishes it."""
    with transaction(engine) as connection:
        if is_due(connection, shanghai_day(wiring.clock.now()).isoformat()):
            wiring.state(connection, source)


def catch_up_now(wiring: Wiring, source: str) -> dict[str, Any]:
    """Take over what the source's topic says; the answer of `catch-up`. Nothing is published: the relay does that.

    Raises `AnswerIsNo` while a relay runs, `BrokerUnavailable`, `KeyMissing`.
    """
    relay = wiring.relay(source)
    keys = wiring.own_keys(source)
    seconds = wiring.settings.owner_lease_seconds
    try:
        read = catch_up(relay.engine, source, keys, wiring.subscriber, wiring.owner, seconds)
        with transaction(relay.engine) as connection:
            done = read.apply(connection)
            stated = None if source == JOINT_OFFICE else wiring.state(connection, source)
    finally:
        leave(relay.release)
    answer = {"source": source, **_fields(done), "missing": [list(one) for one in done.missing]}
    if stated is not None:
        answer |= {"corrected": stated.corrected, "entries": stated.entries, "last_sequence": stated.sequence}
    return answer


def _fields(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def rewind(wiring: Wiring, source: str) -> dict[str, Any]:
    """Let the hub read a source's topic from its start. Raises `AnswerIsNo` when its position lies inside the topic."""
    end = wiring.subscriber.end_offset(topic_of(source), 0)
    with wiring.store.transaction() as connection:
        before = position.rewind(connection, source, end)
    return {"source": source, "from_offset": before, "topic_end": end}
