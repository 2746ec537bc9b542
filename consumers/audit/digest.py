"""The state digest: one hash over every row of the store that stands for an object."""

from sqlalchemy import Connection, select, union_all

from consumers.audit.rows import CHUNK, by_bytes
from schemas.tables import store as t
from schemas.tree import root_of

HASHED = (t.listing, t.product, t.applicant, t.rule_set, t.trusted_key, t.batch)
"""Tables whose rows keep their canonical hash."""


def state_digest(connection: Connection) -> str:
    """RFC 6962 root (hex) over the row hashes, 32 bytes each, sorted. Raises ValueError when a hash isn't hex."""
    rows = union_all(*(select(table.c.hash) for table in HASHED)).subquery()
    query = select(rows.c.hash).order_by(by_bytes(connection.dialect.name, rows.c.hash)).execution_options(yield_per=CHUNK)
    return root_of(bytes.fromhex(found) for found in connection.execute(query).scalars()).hex()
