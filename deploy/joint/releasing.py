"""Releasing parked events: which ones a filter means, what would become of them, and the decisions of two people."""

from collections.abc import Sequence
from typing import Any

from consumers.store import log, queries
from deploy.joint.desk import office
from deploy.joint.office import Answer
from deploy.joint.proposals import parked_released
from deploy.wiring import Wiring

AT_ONCE = 1_000
"""Decisions of one call; call again for more."""


def find(wiring: Wiring, source: str | None, subject: str | None, reason: str | None) -> tuple[list[dict[str, Any]], int]:
    """The first waiting event of each entry that the filter means, with what would become of it, and the log's size."""
    with wiring.store.snapshot() as loader:
        wanted = queries.parked(loader, wiring.clock.now(), source=source, subject=subject, reason=reason, limit=AT_ONCE)
        found = [{**one, "would_become": queries.would_become(loader, one["source"], one["sequence"])} for one in wanted["parked"]]
        return found, log.size(loader.connection)


def release_all(wiring: Wiring, found: Sequence[dict[str, Any]], people: tuple[str, str], size: int) -> list[Answer]:
    """One decision for each of those that this hub can decide now."""
    ready = [one for one in found if one["would_become"][0]["outcome"] != "parked"]
    proposals = [parked_released(one["source"], one["sequence"], people, size) for one in ready]
    return office(wiring).decide(proposals) if proposals else []
