"""The shape of `/status`: that of `hub status --json`."""

from typing import Annotated

from pydantic import Field

from consumers.console.answers import Shape
from schemas.fields import Count, Day


class SourceStatus(Shape):
    """How complete and fresh one source is. `lag` null: the broker could not be asked."""

    source: str
    received_through: Count
    settled_through: Count
    verified_through: Count
    statement_differs: int | None
    drift: int | None
    gaps: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    lag: int | None
    freshness_seconds: int | None
    outcomes: dict[str, int]
    parked: Count
    oldest_parked_seconds: int | None
    unvouched: Count
    unvouched_seconds: Count
    unvouched_since: str | None
    forked: bool
    rewound: bool
    open_rejections: Count
    owner: str | None
    epoch: Count


class Counts(Shape):
    """Products by status, and the disputed ones among them."""

    inactive: Count
    candidate: Count
    eligible: Count
    recognized: Count
    suspended: Count
    lapsed: Count
    disputed: Count


class Objections(Shape):
    """Open objections, and those past their deadline."""

    open: Count
    overdue: Count


class LogStatus(Shape):
    """The audit log and its newest signed checkpoint."""

    size: Count
    root: str
    checkpoint_size: Count
    checkpoint_age_seconds: int | None


class Status(Shape):
    """How the shared side stands."""

    day: Day | None
    sources: list[SourceStatus]
    products: Counts
    objections: Objections
    conflicts: Count
    log: LogStatus
    dead_letters: Count
