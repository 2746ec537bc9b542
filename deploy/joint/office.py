"""Decisions of the joint office: into its outbox in one transaction, then sealed and published at once when that works."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from producers import outbox
from producers.relay import Relay
from schemas.city import JOINT_OFFICE
from schemas.codec import shanghai_time
from schemas.decisions import Decision
from schemas.errors import Both, BrokerUnavailable, UsageError
from schemas.events import EventType
from schemas.ports import Clock
from schemas.tables.source import outbox as table
from schemas.tables.transactions import transaction

OTHER_RELAY_SECONDS = 3.0
"""How long a command waits for `czt joint relay`, when that holds the lease, to seal what it put into the outbox."""
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Proposal:
    """One decision before it has a sequence: its type, what it is about, and what it says."""

    kind: EventType
    subject: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a proposal. `sequence` None: not sealed yet, the relay will; `published`: the broker has it."""

    sequence: int | None
    published: bool

    def as_json(self) -> dict[str, object]:
        """The contract's answer of `joint` commands."""
        event_id = None if self.sequence is None else str(self.sequence)
        return {
            "source": JOINT_OFFICE,
            "sequence": self.sequence,
            "event_id": event_id,
            "published": self.published,
        }


def put(engine: Engine, proposals: Sequence[Proposal], clock: Clock) -> list[int]:
    """Put the proposals into the outbox, all or none; their row ids."""
    with transaction(engine) as connection:
        return put_in(connection, proposals, clock)


def put_in(connection: Connection, proposals: Sequence[Proposal], clock: Clock) -> list[int]:
    """The same, in the caller's transaction."""
    now = shanghai_time(clock.now())
    return [outbox.append(connection, one.kind, one.subject, one.decision.model_dump(mode="json"), now) for one in proposals]


class JointOffice:
    """The joint office's outbox and the relay that empties it."""

    def __init__(self, engine: Engine, relay: Relay, clock: Clock) -> None:
        self._engine = engine
        self._relay = relay
        self._clock = clock

    def decide(self, proposals: Sequence[Proposal]) -> list[Answer]:
        """Put the proposals into the outbox, all or none, and send them; one answer each, in order.

        An unreachable broker is no error here: what is sealed stays, and the relay sends it later.
        Raises `UsageError` when the published schema doesn't take one.
        """
        ids = put(self._engine, proposals, self._clock)
        self._send(ids)
        return self._answers(ids)

    def is_silent(self) -> bool:
        """Whether nothing was ever decided."""
        with transaction(self._engine) as connection:
            return connection.execute(select(table.c.id).limit(1)).first() is None

    def _send(self, ids: Sequence[int]) -> None:
        try:
            if self._relay.run_once() is None:
                self._wait_for_other_relay(ids)
        except BrokerUnavailable:
            return
        finally:
            self._relay.release()

    def _wait_for_other_relay(self, ids: Sequence[int]) -> None:
        deadline = time.monotonic() + OTHER_RELAY_SECONDS
        while time.monotonic() < deadline and not all(answer.published for answer in self._answers(ids)):
            time.sleep(LOOK_SECONDS)

    def _answers(self, ids: Sequence[int]) -> list[Answer]:
        query = select(table.c.id, table.c.sequence, table.c.sent_offset, table.c.problem).where(
            table.c.id.between(min(ids), max(ids))
        )
        with transaction(self._engine) as connection:
            rows = {row.id: row for row in connection.execute(query)}
        found = []
        for row in (rows[one] for one in ids):
            if row.problem is not None:
                raise UsageError(
                    Both(f"这项决定不符合格式，没有发出：{row.problem}", f"This decision can't be sealed: {row.problem}"),
                    Both("请改正后再运行。", "Correct it and call again."),
                )
            found.append(Answer(row.sequence, row.sent_offset is not None))
        return found
