"""The outbound relay: follows the audit log by index and sends receipts, products and dead letters, each under an id of its own.

It also asks sources for what is missing. The log is the outbox: dies after sending and before the position is stored, and
the same messages go out again under the same ids; a product may then go out in a later state, under the later state's id.
"""

import time
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select, update

from consumers import asking
from consumers.outgoing import messages_of
from consumers.store.store import Store
from schemas.errors import Both, Fenced
from schemas.ports import Publisher
from schemas.tables import store as t

WINDOW = 1_000
"""Audit entries per step: bounds what is sent again after a crash."""


@dataclass(frozen=True)
class OutboundPolicy:
    """Who sends, and how patiently. Times in seconds."""

    owner: str
    lease_seconds: float = 10.0
    poll_seconds: float = 0.25


@dataclass(frozen=True)
class _Step:
    start: int
    end: int
    epoch: int


class Outbound:
    """Sends what the log says. One at a time sends; another stands by."""

    def __init__(self, store: Store, publisher: Publisher, policy: OutboundPolicy) -> None:
        self.store = store
        self.publisher = publisher
        self.policy = policy
        self.sent: Counter[str] = Counter()

    def run_until_idle(self) -> Counter[str]:
        """Send everything the log holds now; counts by kind. Raises what the publisher and the store raise.

        While another relay holds the lease, wait for it to send, or for its lease to end.
        """
        deadline = time.monotonic() + 3 * self.policy.lease_seconds
        while self.step() or (self._is_behind() and time.monotonic() < deadline):
            pass
        return self.sent

    def _is_behind(self) -> bool:
        """Whether something is left that another relay holds; waits a moment if so."""
        with self.store.snapshot() as loader:
            size = loader.connection.execute(select(t.audit_log.c.size)).scalar_one()
            behind = bool(loader.connection.execute(select(t.outbound.c.next_index)).scalar_one() < size)
        if behind:
            time.sleep(self.policy.poll_seconds)
        return behind

    def step(self) -> bool:
        """Send one window; whether there was anything to send and this relay holds the lease."""
        step = self._claim()
        if step is None:
            return False
        self._ask(step)
        if step.start >= step.end:
            return False
        with self.store.snapshot() as loader:
            messages = messages_of(loader, step.start, step.end)
        self.publisher.publish([message for _, message in messages])
        self._advance(step)
        self.sent.update(kind for kind, _ in messages)
        return True

    def _ask(self, step: _Step) -> None:
        """Ask for missing events and for statements, as far as that is due. Dies on the way: asked again under the same ids."""
        with self.store.snapshot() as loader:
            plans = asking.plans(loader)
        messages = asking.messages(plans)
        if messages:
            self.publisher.publish(messages)
        if plans:
            with self.store.transaction() as connection:
                held = t.outbound.c.epoch == step.epoch
                if connection.execute(select(t.outbound.c.id).where(held).with_for_update()).one_or_none() is None:
                    raise _fenced()
                asking.remember(connection, self.store.bulk, plans)
            self.sent.update(requests=len(messages))

    def _claim(self) -> _Step | None:
        with self.store.transaction() as connection:
            row = connection.execute(select(t.outbound).with_for_update()).mappings().one()
            now = self.store.bulk.now_us(connection)
            mine = row["owner"] == self.policy.owner
            if not mine and row["owner"] is not None and row["lease_until_us"] > now:
                return None
            epoch = row["epoch"] if mine else row["epoch"] + 1
            until = now + int(self.policy.lease_seconds * 1_000_000)
            connection.execute(update(t.outbound).values(owner=self.policy.owner, epoch=epoch, lease_until_us=until))
            size = connection.execute(select(t.audit_log.c.size)).scalar_one()
            return _Step(row["next_index"], min(size, row["next_index"] + WINDOW), epoch)

    def _advance(self, step: _Step) -> None:
        held = (t.outbound.c.epoch == step.epoch) & (t.outbound.c.next_index == step.start)
        with self.store.transaction() as connection:
            changed = connection.execute(update(t.outbound).where(held).values(next_index=step.end)).rowcount
        if changed != 1:
            raise _fenced()

    def release(self) -> None:
        """Let a standby take over at once."""
        with self.store.transaction() as connection:
            held = t.outbound.c.owner == self.policy.owner
            connection.execute(update(t.outbound).where(held).values(owner=None, lease_until_us=0))


def _fenced() -> Fenced:
    return Fenced(
        Both("另一个程序已接管对外发送。", "another outbound relay took over"),
        Both("没有丢失：它从存下的位置接着发。", "Nothing is lost: it sends from the stored position on."),
    )
