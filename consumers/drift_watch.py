"""Drift, looked for by itself: a statement that differs after a gapless chain has the store held against the log.

The finding is kept for people, entry by entry, and shows in the status and the metrics. Dies on the way: looked for again.
"""

import json
import logging

from sqlalchemy import select

from consumers.store.queries.drift import drift
from consumers.store.store import Store
from schemas.tables import store as t

logger = logging.getLogger("czt.drift")

NAMED = 100
"""Differences kept of one finding. `czt hub check-source` names all."""


class DriftWatch:
    """Looks for the outbound relay of this `owner`; a standby leaves it to the other."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner

    def look(self) -> int:
        """Check each source whose last statement differed and was not looked into yet; how many that were.

        Raises `StoreUnavailable`.
        """
        due = self._due()
        for source, sequence in due:
            with self._store.snapshot() as loader:
                found = drift(loader, source)
            named = found["differences"]
            row = (source, sequence, found["log_size"], found["entries"], len(named), json.dumps(named[:NAMED], ensure_ascii=False))
            with self._store.transaction() as connection:
                self._store.bulk.upsert(connection, t.drift, [row])
            first = [f"{one['object']} {one['key']} {one['field']}" for one in named[:5]]
            logger.error("statement %d of %s differs; store and log: %d differences %s", sequence, source, len(named), first)
        return len(due)

    def _due(self) -> list[tuple[str, int]]:
        chain, known = t.source_chain, t.drift
        joined = chain.outerjoin(known, known.c.source == chain.c.source)
        new = known.c.sequence.is_(None) | (known.c.sequence != chain.c.differs)
        query = select(chain.c.source, chain.c.differs).select_from(joined).where(chain.c.differs > 0, new)
        with self._store.snapshot() as loader:
            if loader.connection.execute(select(t.outbound.c.owner)).scalar_one() != self._owner:
                return []
            return [(row.source, row.differs) for row in loader.connection.execute(query.order_by(chain.c.source))]
