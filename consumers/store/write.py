"""Writing what a fold changed: each kind of row as one set."""

import json
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from sqlalchemy import Connection, Table, delete, insert, select, update

from consumers.core.chain import Chain
from consumers.core.decide import Fold
from consumers.core.model import Context, EntryKey
from consumers.core.release import Released
from consumers.core.world import World
from consumers.store import rows
from consumers.store.bulk import Bulk, Made, Row
from schemas.tables import store as t

Key = TypeVar("Key", EntryKey, str)


def write_fold(connection: Connection, bulk: Bulk, fold: Fold, before: tuple[Chain, Context]) -> None:
    """Everything but the rows that name an audit index. `before`: chain and context as loaded."""
    world = fold.world
    _write_objects(connection, bulk, world)
    bulk.upsert(connection, t.trusted_key, [rows.key_row(world.keys[key]) for key in sorted(world.changed_keys)])
    bulk.insert(connection, t.batch, [rows.batch_row(batch) for batch in world.new_batches])
    # The same fork may be sent, and refused, any number of times.
    bulk.upsert(connection, t.fork_record, [(world.source, found) for found in sorted(fold.new_forks)])
    _write_chain(connection, bulk, world.source, before[0], world.chain, fold)
    for source, chain in sorted(world.other_chains.items()):
        _write_gaps(connection, bulk, source, chain)
        _write_row(connection, source, chain, Counter())
    _write_context(connection, bulk, before[1], world.context)
    for released in fold.released:
        _write_released(connection, bulk, released)
        _write_context(connection, bulk, before[1], released.world.context)


def _write_objects(connection: Connection, bulk: Bulk, world: World) -> None:
    """Listings, products and what is known of subjects."""

    def listing(key: EntryKey) -> Row:
        return rows.listing_row(world.listings[key])

    def product(key: str) -> Row:
        return rows.product_row(world.products[key])

    def head(subject: str) -> Row:
        return rows.head_row(world.source, subject, world.heads[subject])

    _put(connection, bulk, t.listing, world.changed_listings, world.stored_listings, listing)
    _put(connection, bulk, t.product, world.changed_products, world.stored_products, product)
    _put(connection, bulk, t.entry_head, world.changed_heads, world.stored_heads, head)


def _put(
    connection: Connection, bulk: Bulk, table: Table, changed: AbstractSet[Key], stored: AbstractSet[Key], row: Callable[[Key], Row]
) -> None:
    """The rows of the keys that changed: those of `stored` replace what was loaded, the others are new."""
    bulk.insert(connection, table, Made(sorted(changed - stored), row))
    bulk.upsert(connection, table, Made(sorted(changed & stored), row))


def _write_released(connection: Connection, bulk: Bulk, released: Released) -> None:
    """What events of another source did that were decided again; those that have a final outcome wait no longer."""
    source = released.world.source
    _write_objects(connection, bulk, released.world)
    _write_row(connection, source, released.world.chain, Counter(one.verdict.outcome for one in released.decided))
    for one in released.decided:
        here = (t.parked.c.source == source) & (t.parked.c.sequence == one.sequence)
        if one.verdict.final:
            connection.execute(delete(t.parked).where(here))
        else:
            connection.execute(update(t.parked).where(here).values(reason=one.verdict.reason))


def _write_chain(connection: Connection, bulk: Bulk, source: str, before: Chain, chain: Chain, fold: Fold) -> None:
    if chain.gaps != before.gaps:
        _write_gaps(connection, bulk, source, chain)
    _write_row(connection, source, chain, Counter(decided.verdict.outcome for decided in fold.decided))


def _write_row(connection: Connection, source: str, chain: Chain, outcomes: Counter[str]) -> None:
    table = t.source_chain
    old = connection.execute(select(table.c.outcomes).where(table.c.source == source)).scalar_one_or_none()
    counts: Counter[str] = Counter(json.loads(old) if old else {})
    counts.update(outcomes)
    values = {
        "head_sequence": chain.head_sequence,
        "head_hash": chain.head_hash,
        "forked": int(chain.forked),
        "verified_through": chain.verified_through,
        "unchecked": chain.unchecked,
        "differs": chain.differs,
        "outcomes": rows.json_text(dict(counts)),
    }
    if old is None:
        connection.execute(insert(table).values(source=source, **values))
    else:
        connection.execute(update(table).where(table.c.source == source).values(values))


def _write_gaps(connection: Connection, bulk: Bulk, source: str, chain: Chain) -> None:
    connection.execute(delete(t.gap).where(t.gap.c.source == source))
    bulk.insert(connection, t.gap, [rows.gap_row(source, gap) for gap in chain.gaps])


def _write_context(connection: Connection, bulk: Bulk, before: Context, after: Context) -> None:
    if after == before:
        return
    if after.rules is not None and after.rules != before.rules:
        bulk.upsert(connection, t.rule_set, [rows.rule_set_row(after.rules)])
    if after.bars != before.bars:
        bulk.upsert(connection, t.applicant, [rows.applicant_row(*one) for one in sorted(after.bars.items())])
        lifted = sorted(set(before.bars) - set(after.bars))
        connection.execute(delete(t.applicant).where(bulk.among(t.applicant.c.uscc, lifted)))
    values = {"day": after.day, "rule_set": after.rule_set, "last_batch": after.last_batch}
    connection.execute(update(t.context).values(values))
