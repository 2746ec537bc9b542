"""What a replay found: differences between the store and what its own log says it must be."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from schemas.text import printable

MAX_LISTED = 1_000
"""Differences that are listed; all are counted. Whoever has more needs a backup, not a longer list."""

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not as the log says: `before` as the store has it, `after` as the log folds to; None: nothing.

    `object` is the table, `key` the primary key joined by `/`, `field` the column (`row` for a whole row, a leaf's field
    for `audit_entry`).
    """

    object: str
    key: str
    field: str
    before: str | int | None
    after: str | int | None


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """Entries folded, the first differences, how many there are, and the state digest (hex) of what the log folds to."""

    entries: int
    differences: tuple[Difference, ...]
    total: int
    state_digest: str

    @property
    def equal(self) -> bool:
        """Whether the store is what its log says, row for row."""
        return self.total == 0

    def as_json(self) -> dict[str, Any]:
        """`{entries, equal, differences: [{object, key, field, before, after}], total, state_digest}`."""
        return {
            "entries": self.entries,
            "equal": self.equal,
            "differences": [asdict(difference) for difference in self.differences],
            "total": self.total,
            "state_digest": self.state_digest,
        }


class Differences:
    """Collects differences, the first `MAX_LISTED` of them whole."""

    def __init__(self) -> None:
        self.listed: list[Difference] = []
        self.total = 0

    def add(self, table: str, key: object, field: str, before: Any, after: Any) -> None:
        """One value that differs."""
        self.total += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Difference(table, printable(str(key), _SHOWN), field, _shown(before), _shown(after)))

    def add_fields(self, table: str, key: object, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Every field whose value or type differs."""
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            if type(old) is not type(new) or old != new:
                self.add(table, key, name, old, new)


def _shown(value: Any) -> str | int | None:
    if value is None or type(value) is int:
        return value
    return printable(value.hex() if isinstance(value, bytes) else str(value), _SHOWN)
