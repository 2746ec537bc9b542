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
    Column("file_sha256", String(64), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("certificate_no", String(64)),
    Column("reasons", Text, nullable=False),
    Column("cells", Text, nullable=False),
)
"""Rows that wait for a person, without contact columns."""

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
