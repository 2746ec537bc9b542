"""Rows and values: how listings, products, keys and batches stand in their tables, column by column."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import RowMapping

from consumers.core.chain import Chain, Gap
from consumers.core.model import Batch, Context, Head, Listing, Product, TrustedKey
from consumers.store.bulk import Row
from schemas.codec import canonical, hash_of
from schemas.rules import RuleSet


def json_text(value: Any) -> str:
    """Canonical JSON as text."""
    return canonical(value).decode()


def listing_row(listing: Listing) -> Row:
    """In the order of the table's columns."""
    return (
        listing.city,
        listing.certificate_no,
        listing.entry_version,
        listing.sequence,
        listing.event_time,
        json_text(listing.entry),
        listing.entry_hash,
        listing.entry["source_status"],
        listing.entry["valid_from"],
        listing.entry["valid_to"],
        json_text(listing.earlier) if listing.earlier else None,
        listing.own_key,
        listing.product_key,
        listing.follows,
        int(listing.separate),
        None if listing.assessment is None else json_text(listing.assessment),
        None if listing.carried is None else json_text(listing.carried),
        json_text(listing.under) if listing.under else None,
        listing.hash,
    )


def listing_of(row: RowMapping) -> Listing:
    """The listing of a row."""
    return Listing(
        city=row["city"],
        certificate_no=row["certificate_no"],
        entry_version=row["entry_version"],
        sequence=row["sequence"],
        event_time=row["event_time"],
        entry=orjson.loads(row["entry"]),
        entry_hash=row["entry_hash"],
        own_key=row["own_key"],
        product_key=row["product_key"],
        earlier=() if row["earlier"] is None else tuple(map(tuple, orjson.loads(row["earlier"]))),
        follows=row["follows"],
        separate=bool(row["separate"]),
        assessment=None if row["assessment"] is None else orjson.loads(row["assessment"]),
        carried=None if row["carried"] is None else orjson.loads(row["carried"]),
        under=() if row["under"] is None else tuple(orjson.loads(row["under"])),
    )


def product_row(product: Product) -> Row:
    """In the order of the table's columns."""
    return (
        product.product_key,
        product.status,
        int(product.disputed),
        product.uscc,
        product.enterprise_name,
        product.product_name,
        json_text(list(product.models)),
        product.category,
        json_text(list(product.listings)),
        json_text(product.fields),
        product.batch,
        product.recognized_on,
        json_text(product.standing),
        product.moved_to,
        None if product.publication is None else json_text(product.publication),
        json_text(product.former) if product.former else None,
        product.hash,
    )


def product_of(row: RowMapping) -> Product:
    """The product of a row."""
    return Product(
        product_key=row["product_key"],
        status=row["status"],
        uscc=row["uscc"],
        enterprise_name=row["enterprise_name"],
        product_name=row["product_name"],
        models=tuple(orjson.loads(row["models"])),
        category=row["category"],
        listings=tuple(orjson.loads(row["listings"])),
        fields=orjson.loads(row["fields"]),
        batch=row["batch"],
        recognized_on=row["recognized_on"],
        standing=orjson.loads(row["standing"]),
        moved_to=row["moved_to"],
        publication=None if row["publication"] is None else orjson.loads(row["publication"]),
        former={} if row["former"] is None else orjson.loads(row["former"]),
    )


def key_row(key: TrustedKey) -> Row:
    """In the order of the table's columns."""
    return key.source, key.keyid, key.role, key.key, key.from_sequence, key.revoked_after, key.register_city, key.hash


def key_of(row: RowMapping) -> TrustedKey:
    """The key of a row."""
    names = ("source", "keyid", "role", "key", "from_sequence", "revoked_after", "register_city")
    return TrustedKey(*(row[name] for name in names))


def batch_row(batch: Batch) -> Row:
    """In the order of the table's columns."""
    return (
        batch.number,
        batch.host,
        batch.day,
        batch.document,
        batch.by,
        batch.agreed_by,
        batch.log_size,
        json_text(list(batch.products)),
        batch.hash,
    )


def head_row(source: str, subject: str, head: Head) -> Row:
    """In the order of the table's columns."""
    return source, subject, head.sent_version, head.sent_hash, head.last_sequence, head.rejected_sequence


def head_of(row: RowMapping) -> Head:
    """The head of a row."""
    return Head(row["last_sequence"], row["sent_version"], row["sent_hash"], row["rejected_sequence"])


def gap_row(source: str, gap: Gap) -> Row:
    """In the order of the table's columns."""
    return source, gap.first, gap.last, gap.lower_hash, gap.upper_previous


def chain_of(row: RowMapping | None, gaps: tuple[Gap, ...]) -> Chain:
    """The chain of a row and its gaps; an absent row is a source that was never heard of."""
    if row is None:
        return Chain()
    of_statements = row["verified_through"], row["unchecked"], row["differs"]
    return Chain(row["head_sequence"], row["head_hash"], gaps, bool(row["forked"]), *of_statements)


def context_of(row: RowMapping, rules: str | None, bars: Mapping[str, str]) -> Context:
    """The context of its row, the body of the rule set in force, and the bars of applicants."""
    return Context(row["day"], None if rules is None else RuleSet.model_validate_json(rules), row["last_batch"], bars)


def applicant_row(uscc: str, barred_until: str) -> Row:
    """In the order of the table's columns."""
    return uscc, barred_until, hash_of({"barred_until": barred_until, "uscc": uscc})


def rule_set_row(rules: RuleSet) -> Row:
    """In the order of the table's columns."""
    body = rules.model_dump(mode="json")
    return rules.version, json_text(body), hash_of(body)
