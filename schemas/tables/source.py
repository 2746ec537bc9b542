"""Tables of a source's own database: a city's register with its outbox, or the joint office's outbox alone.

JSON is kept as text: a database that rewrites JSON would change what is hashed.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

metadata = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only for a column declared INTEGER."""

register_entry = Table(
    "register_entry",
    metadata,
    Column("certificate_no", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("entry", Text, nullable=False),
    Column("entry_hash", String(64), nullable=False),
)
"""The register: one row an entry, withdrawn ones included. `entry` is its canonical JSON."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("type", String(100), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("entry_version", BigInteger),
    Column("time", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("sequence", BigInteger, unique=True),
    Column("value", LargeBinary),
    Column("record_hash", String(64)),
    Column("sent_offset", BigInteger),
    Column("problem", Text),
)
"""Changes on their way out. Unsealed: `sequence` null. Sealed: `value` holds the exact record bytes. Sent: `sent_offset`.

`problem` says why a change can't be sealed; it stays where it is and the others go on.
"""

Index(
    "outbox_unsealed",
    outbox.c.id,
    postgresql_where=outbox.c.sequence.is_(None),
    sqlite_where=outbox.c.sequence.is_(None),
)
Index(
    "outbox_unsent",
    outbox.c.sequence,
    postgresql_where=text("sent_offset IS NULL AND sequence IS NOT NULL"),
    sqlite_where=text("sent_offset IS NULL AND sequence IS NOT NULL"),
)

seal = Table(
    "seal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(60), nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("owner", String(100)),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("lease_until_us", BigInteger, nullable=False, server_default="0"),
)
"""One row: the end of the chain, and which relay holds it. Sealing locks it."""

imported_file = Table(
    "imported_file",
    metadata,
    Column("file_sha256", String(64), primary_key=True),
    Column("file", String(300), nullable=False),
    Column("imported_at", String(40), nullable=False),
    Column("filed_on", String(10)),
    Column("complete", Integer, nullable=False),
    Column("report", LargeBinary, nullable=False),
)
"""Files that were imported, with the report they gave: the same file again gives the same answer and no events."""

held_row = Table(
    "held_row",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("file_sha256", String(64)),
    Column("file", String(300)),
    Column("sheet", String(300)),
    Column("row", Integer),
    Column("capture_key", Text),
    Column("certificate_no", String(64)),
    Column("reasons", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("judged", Text),
    Column("state", String(20), nullable=False),
    Column("held_at", String(40), nullable=False),
    Column("decided_at", String(40)),
    Column("decided_by", Text),
    Column("because", Text),
    Column("decision", Text),
)
"""What waits for a person, and what became of it; rows are never deleted, so an id always means the same question.

`kind`: `file` (a row of a catalogue), `captured` (a row of the city's own table, named by `capture_key`), `withdrawal` (an entry
that the table no longer has, named by `certificate_no`). `state`: `waiting`, then `accepted`, `refused` (by a person: `decided_by`,
`because`, `decision`: what was set and which warnings it had), or `closed` (something newer settled it). `cells` as typed, without
contact columns; `judged` is what the rules read, so that they can be run again.
"""

Index(
    "held_row_waiting",
    held_row.c.certificate_no,
    postgresql_where=held_row.c.state == "waiting",
    sqlite_where=held_row.c.state == "waiting",
)

capture = Table(
    "capture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mapping", Text, nullable=False),
    Column("installed_at", String(40), nullable=False),
    Column("last_captured_at", String(40)),
    Column("withdrawn_on", String(10)),
    Column("withdrawn", BigInteger, nullable=False, server_default="0"),
)
"""One row while triggers write `captured`: the mapping they were made for, and how much vanished on the last such day."""

captured = Table(
    "captured",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("transaction_id", Text),
    Column("captured_at", String(40), nullable=False),
    Column("operation", String(10), nullable=False),
    Column("key_before", Text),
    Column("key_after", Text),
    Column("row_before", Text),
    Column("row_after", Text),
)
"""Row images that the triggers on the city's own table wrote in the city's own transaction. Taken by deleting them.

`operation`: insert, update, delete, truncate (no image), snapshot (a row that was there when capture was installed). Images are
JSON objects of the mapped columns; `transaction_id` is null where the database doesn't tell (SQLite).
"""

captured_row = Table(
    "captured_row",
    metadata,
    Column("capture_key", Text, primary_key=True),
    Column("certificate_no", String(64)),
)
"""Which rows the city's own table has, as far as its images were taken, and the entry each stands for since it was accepted."""

receipt = Table(
    "receipt",
    metadata,
    Column("audit_index", BigInteger, primary_key=True),
    Column("sequence", BigInteger, nullable=False, index=True),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(60)),
    Column("action_zh", Text, nullable=False),
    Column("action_en", Text, nullable=False),
    Column("rule_set", Integer, nullable=False),
    Column("first", String(20)),
    Column("decided_at", String(40), nullable=False),
)
"""What became of the events this source sent, as the shared store answered."""

inbox_position = Table(
    "inbox_position",
    metadata,
    Column("topic", String(100), primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far the source has read its receipts."""
