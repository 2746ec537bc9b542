"""Tables of the shared store: the audit log, the position and chain of each source, listings, products and decisions.

Days and hashes are text, JSON is canonical text, booleans are 0 or 1: both databases then hold the same values, and replay
can compare them row by row. Times are microseconds since 1970 UTC. Rows that stand for an object keep their canonical hash.
"""

from sqlalchemy import DDL, BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, event

from schemas.tables.code import code

metadata = MetaData()

LogIndex = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite the row number itself: the log then grows at its end, without an index beside it."""

source_position = Table(
    "source_position",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("topic", code(100), nullable=False),
    Column("next_offset", BigInteger, nullable=False, server_default="0"),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("owner", code(100)),
    Column("lease_until_us", BigInteger, nullable=False, server_default="0"),
    Column("waiting", Integer, nullable=False, server_default="0"),
    Column("waiting_since_us", BigInteger),
    Column("rewound", Integer, nullable=False, server_default="0"),
    Column("last_event_ms", BigInteger),
)
"""Where a source is read, and by whom. The row is the fence: a batch commits only under its epoch and expected offset."""

source_chain = Table(
    "source_chain",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("head_sequence", BigInteger, nullable=False),
    Column("head_hash", code(64), nullable=False),
    Column("forked", Integer, nullable=False),
    Column("verified_through", BigInteger, nullable=False),
    Column("unchecked", BigInteger, nullable=False),
    Column("differs", BigInteger, nullable=False),
    Column("outcomes", Text, nullable=False),
)
"""The accepted chain of a source: its highest event, whether it forked, its last statements that were reproduced, that
could not be checked, and that differed, and how often each outcome was given."""

drift = Table(
    "drift",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("log_size", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("differences", Text, nullable=False),
)
"""What was found when the store of a source was held against the log, entry by entry, because its statement `sequence` differed:
`total` differences, the first of them as JSON. Not part of the history, so replay leaves it alone."""

gap = Table(
    "gap",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("lower_hash", code(64), nullable=False),
    Column("upper_previous", code(64), nullable=False),
)
"""Missing sequences `first`..`last`: the hash of the record before them, and the predecessor that the record after them names."""

request = Table(
    "request",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("what", code(10), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("next_us", BigInteger, nullable=False),
)
"""What a source was asked for, how often, and when it is asked again: a `resend` of missing sequences, a `statement` in place
of one that could not be checked. Not part of the history, so replay leaves it alone."""

fork_record = Table(
    "fork_record",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("record_hash", code(64), primary_key=True),
)
"""Records refused as a fork: their descendants are refused too."""

received = Table(
    "received",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("record_hash", code(64), nullable=False),
    Column("audit_index", BigInteger, nullable=False),
)
"""Which bytes were decided under which sequence, and where in the log."""

entry_head = Table(
    "entry_head",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("subject", code(300), primary_key=True),
    Column("sent_version", BigInteger),
    Column("sent_hash", code(64)),
    Column("last_sequence", BigInteger, nullable=False),
    Column("rejected_sequence", BigInteger),
)
"""Per subject of a source: the highest version sent, whatever its outcome (for statements), the last event, an open rejection."""

parked = Table(
    "parked",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("subject", code(300), nullable=False),
    Column("reason", code(60), nullable=False),
    Column("audit_index", BigInteger, nullable=False),
)
"""Events without a final outcome."""

listing = Table(
    "listing",
    metadata,
    Column("city", code(20), primary_key=True),
    Column("certificate_no", code(64), primary_key=True),
    Column("entry_version", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_time", code(40), nullable=False),
    Column("entry", Text, nullable=False),
    Column("entry_hash", code(64), nullable=False),
    Column("source_status", code(20), nullable=False),
    Column("valid_from", code(10), nullable=False),
    Column("valid_to", code(10), nullable=False),
    Column("earlier", Text),
    Column("own_key", code(20), nullable=False),
    Column("product_key", code(20), nullable=False),
    Column("follows", code(100)),
    Column("separate", Integer, nullable=False),
    Column("assessment", Text),
    Column("carried", Text),
    Column("under", Text),
    Column("hash", code(64), nullable=False),
)
"""The current picture of one register entry, with the assessment and the identity pointers that hang on it."""

Index("listing_product_key", listing.c.product_key)
Index("listing_valid_from", listing.c.valid_from)
Index("listing_valid_to", listing.c.valid_to)
Index(
    "listing_follows",
    listing.c.follows,
    postgresql_where=listing.c.follows.is_not(None),
    sqlite_where=listing.c.follows.is_not(None),
)

product = Table(
    "product",
    metadata,
    Column("product_key", code(20), primary_key=True),
    Column("status", code(20), nullable=False),
    Column("disputed", Integer, nullable=False),
    Column("uscc", code(32), nullable=False),
    Column("enterprise_name", code(300), nullable=False),
    Column("product_name", code(300), nullable=False),
    Column("models", Text, nullable=False),
    Column("category", code(300)),
    Column("listings", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("batch", Integer),
    Column("recognized_on", code(10)),
    Column("standing", Text, nullable=False),
    Column("moved_to", code(20)),
    Column("publication", Text),
    Column("former", Text),
    Column("hash", code(64), nullable=False),
)
"""A product: one or more cities' listings of the same thing, its status on the current day, its publication."""

Index("product_uscc", product.c.uscc)

product_lock = Table("product_lock", metadata, Column("product_key", code(20), primary_key=True))
"""What batches lock on PostgreSQL before they look for products: a product's row may not be there yet. On SQLite it stays empty.

Its rows stay, as products do: one of 20 characters for each key that ever was locked. Whoever removed one would let a batch that
waits for it and a batch that makes it anew both believe that they hold the key. Advisory locks would leave no row, but each takes
a place in the server's one lock table (`max_locks_per_transaction`, 64 by default, times the connections), and a batch of 2,000
events may lock several thousand keys: it could fail for want of shared memory, of which a row lock takes none.
"""

UNLOGGED = "ALTER TABLE product_lock SET UNLOGGED"
"""After a crash nothing is locked, and the rows come again as they are needed."""
_unlogged = DDL(UNLOGGED)  # type: ignore[no-untyped-call]  # SQLAlchemy left it without types
event.listen(product_lock, "after_create", _unlogged.execute_if(dialect="postgresql"))

applicant = Table(
    "applicant",
    metadata,
    Column("uscc", code(32), primary_key=True),
    Column("barred_until", code(10), nullable=False),
    Column("hash", code(64), nullable=False),
)
"""Applicants that are or were barred, whichever city lists their products; `barred_until` is the last day of it."""

context = Table(
    "context",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", code(10)),
    Column("rule_set", Integer, nullable=False),
    Column("last_batch", Integer, nullable=False),
)
"""One row: the day, the rule set in force, the last batch. City batches share it, batches of the joint topic hold it alone."""

rule_set = Table(
    "rule_set",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("hash", code(64), nullable=False),
)

trusted_key = Table(
    "trusted_key",
    metadata,
    Column("source", code(60), primary_key=True),
    Column("keyid", code(16), primary_key=True),
    Column("role", code(20), nullable=False),
    Column("key", code(44), nullable=False),
    Column("from_sequence", BigInteger, nullable=False),
    Column("revoked_after", BigInteger),
    Column("register_city", code(6)),
    Column("hash", code(64), nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("host", code(20), nullable=False),
    Column("day", code(10), nullable=False),
    Column("document", code(100), nullable=False),
    Column("by", code(100), nullable=False),
    Column("agreed_by", code(100), nullable=False),
    Column("log_size", BigInteger, nullable=False),
    Column("products", Text, nullable=False),
    Column("hash", code(64), nullable=False),
)

product_change = Table(
    "product_change",
    metadata,
    Column("audit_index", BigInteger, primary_key=True),
    Column("product_key", code(20), primary_key=True),
)
"""Which products an audit entry touched: what the outbound relay publishes."""

Index("product_change_key", product_change.c.product_key, product_change.c.audit_index)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("last_recorded_us", BigInteger, nullable=False),
)
"""One row, locked last in each batch: it puts the batches of all sources into one order."""

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("idx", LogIndex, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
)
"""The log: exact leaf bytes. Append-only by triggers; what they can't stop, the tree detects."""

Index("audit_entry_time", audit_entry.c.recorded_us, postgresql_using="brin").ddl_if(dialect="postgresql")

audit_record = Table(
    "audit_record",
    metadata,
    Column("idx", LogIndex, primary_key=True, autoincrement=False),
    Column("value", LargeBinary),
    Column("headers", Text, nullable=False),
)
"""The record behind each entry, byte for byte; headers as a JSON list of [name, base64]."""

audit_tree = Table(
    "audit_tree",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("frontier", Text, nullable=False),
)
"""One row: how much of the log is integrated into the Merkle tree, and the roots of its perfect subtrees."""

outbound = Table(
    "outbound",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("next_index", BigInteger, nullable=False),
    Column("owner", code(100)),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("lease_until_us", BigInteger, nullable=False, server_default="0"),
)
"""One row: up to which audit index receipts, products and dead letters went out, and which relay sends them."""

products_read = Table(
    "products_read",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far the outbound relay has read the products topic after itself, by partition."""
