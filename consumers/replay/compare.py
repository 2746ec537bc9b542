"""Two stores side by side: every row of every table that is history."""

from typing import Any

from sqlalchemy import Connection, Table

from consumers.audit.rows import Row, paired, stream
from consumers.replay.report import Differences
from schemas.city import is_source
from schemas.tables import store as t
from schemas.topics import topic_of

HISTORY = (
    t.listing,
    t.product,
    t.applicant,
    t.received,
    t.entry_head,
    t.parked,
    t.gap,
    t.fork_record,
    t.source_chain,
    t.context,
    t.rule_set,
    t.trusted_key,
    t.batch,
    t.product_change,
    t.audit_log,
)
"""What the log alone decides. The log itself is compared entry by entry while it is folded.

Not history: positions and leases, resend requests, what went out, the tree. Rows keep their canonical hash; a row equal
to the replayed one has its true hash, because that one's was computed from its values.
"""


def compare_stores(live: Connection, replayed: Connection, differences: Differences) -> None:
    """Add every value of `live` that is not as in `replayed`."""
    for table in HISTORY:
        width = len(table.primary_key.columns)
        for ours, theirs in paired(stream(live, table), stream(replayed, table), width):
            _compare_rows(table, width, ours, theirs, differences)


def _compare_rows(table: Table, width: int, live: Row | None, replayed: Row | None, differences: Differences) -> None:
    if live is not None and replayed is not None:
        key = _key(live, width)
        differences.add_fields(table.name, key, _named(table, live), _named(table, replayed))
    elif live is not None:
        differences.add(table.name, _key(live, width), "row", str(live), None)
    elif replayed is not None:
        differences.add(table.name, _key(replayed, width), "row", None, str(replayed))


def _key(row: Row, width: int) -> str:
    return "/".join(str(value) for value in row[:width])


def _named(table: Table, row: Row) -> dict[str, Any]:
    return dict(zip((column.name for column in table.columns), row, strict=True))


def compare_positions(live: Connection, ends: dict[str, int], differences: Differences) -> None:
    """Each source is read on from where its last entry ends (`ends`: source → offset), or rewound and not yet read."""
    table = t.source_position
    found = {row[0]: _named(table, row) for row in stream(live, table)}
    for source in sorted({*found, *ends}, key=str):
        row, topic = found.get(source), topic_of(source) if is_source(str(source)) else None
        if row is None or topic is None:
            differences.add(table.name, source, "row", None if row is None else str(row), topic)
            continue
        rewound = row["rewound"] == 1 and row["next_offset"] == 0
        wanted = {"topic": topic, "next_offset": 0 if rewound else ends.get(source, 0)}
        differences.add_fields(table.name, source, {name: row[name] for name in wanted}, wanted)
