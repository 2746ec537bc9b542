"""What waits in a city's own database for a relay or a person: captured row images, and rows held in review."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from producers.held import WAITING
from schemas.tables.source import captured, held_row


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, and since when the oldest does; None when none does."""

    count: int
    since: datetime | None

    def seconds(self, now: datetime) -> float:
        """How long the oldest has waited at `now` (aware); 0 for none."""
        return max((now - self.since).total_seconds(), 0.0) if self.since is not None else 0.0


def captured_backlog(connection: Connection) -> Backlog:
    """Row images that triggers wrote and no relay has taken."""
    query = select(func.count(), func.min(captured.c.captured_at)).select_from(captured)
    return _backlog(*connection.execute(query).one())


def held_backlog(connection: Connection) -> Backlog:
    """Rows and withdrawals that wait for a person."""
    query = select(func.count(), func.min(held_row.c.held_at)).where(held_row.c.state == WAITING)
    return _backlog(*connection.execute(query).one())


def _backlog(count: int, since: str | None) -> Backlog:
    return Backlog(count, datetime.fromisoformat(since) if since is not None else None)
