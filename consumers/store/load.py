"""Loading: the world of a batch in a constant number of queries."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, false, or_, select

from consumers.core.chain import Chain, Gap
from consumers.core.model import Context, EntryKey, Head, Listing, TrustedKey, entry_key_of, entry_key_text
from consumers.core.needs import Needs
from consumers.core.world import World
from consumers.store import rows
from consumers.store.bulk import Bulk
from consumers.store.disputes import concerned
from schemas.tables import store as t


class Loader:
    """Reads on one connection. Everything it returns is a value; nothing is cached."""

    def __init__(self, connection: Connection, bulk: Bulk) -> None:
        self.connection = connection
        self.bulk = bulk

    def _all(self, query: Select[Any]) -> list[RowMapping]:
        return list(self.connection.execute(query).mappings())

    def context(self, *, exclusive: bool, lock: bool = True) -> Context:
        """The context row, locked for the transaction: shared by city batches, alone for joint ones."""
        query = select(t.context)
        if lock:
            query = query.with_for_update(read=not exclusive)
        row = self.connection.execute(query).mappings().one()
        body = None
        if row["rule_set"]:
            found = select(t.rule_set.c.body).where(t.rule_set.c.version == row["rule_set"])
            body = self.connection.execute(found).scalar_one()
        bars = {one["uscc"]: one["barred_until"] for one in self._all(select(t.applicant))}
        return rows.context_of(row, body, bars)

    def chain(self, source: str) -> Chain:
        """The accepted chain of a source, with its gaps."""
        row = self.connection.execute(select(t.source_chain).where(t.source_chain.c.source == source)).mappings().one_or_none()
        gaps = self._all(select(t.gap).where(t.gap.c.source == source).order_by(t.gap.c.first))
        found = tuple(Gap(g["first"], g["last"], g["lower_hash"], g["upper_previous"]) for g in gaps)
        return rows.chain_of(row, found)

    def keys(self, source: str | None = None) -> dict[tuple[str, str], TrustedKey]:
        """Trusted keys, of one source or of all, by (source, keyid)."""
        query = select(t.trusted_key)
        if source is not None:
            query = query.where(t.trusted_key.c.source == source)
        return {(row["source"], row["keyid"]): rows.key_of(row) for row in self._all(query)}

    def received(self, source: str, sequences: Iterable[int]) -> dict[int, str]:
        """sequence → record hash of those that were decided before."""
        wanted = list(sequences)
        if not wanted:
            return {}
        table = t.received
        query = select(table.c.sequence, table.c.record_hash).where(
            table.c.source == source, self.bulk.among(table.c.sequence, wanted)
        )
        return {row["sequence"]: row["record_hash"] for row in self._all(query)}

    def forks(self, source: str, hashes: Iterable[str]) -> set[str]:
        """Those of `hashes` that were refused as forks."""
        table = t.fork_record
        query = select(table.c.record_hash).where(table.c.source == source)
        return {row["record_hash"] for row in self._all(query.where(self.bulk.among(table.c.record_hash, hashes)))}

    def parked(self, source: str) -> dict[str, list[int]]:
        """subject → sequences without a final outcome."""
        found: dict[str, list[int]] = {}
        table = t.parked
        for row in self._all(select(table).where(table.c.source == source).order_by(table.c.sequence)):
            found.setdefault(row["subject"], []).append(row["sequence"])
        return found

    def heads(self, source: str, subjects: Iterable[str] | None) -> dict[str, Head]:
        """What is known of these subjects, or of all."""
        table = t.entry_head
        query = select(table).where(table.c.source == source)
        if subjects is not None:
            query = query.where(self.bulk.among(table.c.subject, subjects))
        return {row["subject"]: rows.head_of(row) for row in self._all(query)}

    def listings(self, keys: Iterable[EntryKey]) -> dict[EntryKey, Listing]:
        """Listings by key, and everything they follow or are followed by."""
        return self._by_key(self._linked(keys))

    def _linked(self, keys: Iterable[EntryKey]) -> dict[EntryKey, set[str]]:
        """Listings by key, and everything they follow or are followed by: the products each belongs to, also by its identity."""
        table, found = t.listing, dict[EntryKey, set[str]]()
        query = select(table.c.city, table.c.certificate_no, table.c.follows, table.c.under, table.c.product_key, table.c.own_key)
        asked: set[EntryKey] = set()
        frontier = set(keys)
        while frontier:
            asked |= frontier
            following = self.bulk.among(table.c.follows, [entry_key_text(key) for key in frontier])
            linked: set[EntryKey] = set()
            for wanted in (self._is_one_of(frontier), table.c.follows.is_not(None) & following):
                for city, certificate_no, follows, under, *products in self.connection.execute(query.where(wanted)):
                    found[(city, certificate_no)] = set(products)
                    linked.add((city, certificate_no))
                    if follows is not None:
                        linked.add(entry_key_of(follows))
                    if under is not None:  # what is undone lets an earlier decision hold again
                        linked |= {entry_key_of(pointer) for pointer in orjson.loads(under) if pointer}
            frontier = linked - asked
        return found

    def _is_one_of(self, keys: Iterable[EntryKey]) -> ColumnElement[bool]:
        by_city: dict[str, list[str]] = {}
        for city, certificate_no in keys:
            by_city.setdefault(city, []).append(certificate_no)
        table = t.listing
        of_city = ((table.c.city == city) & self.bulk.among(table.c.certificate_no, n) for city, n in by_city.items())
        return or_(false(), *of_city)

    def _by_key(self, keys: Collection[EntryKey]) -> dict[EntryKey, Listing]:
        if not keys:
            return {}
        found = self._all(select(t.listing).where(self._is_one_of(keys)))
        return {(row["city"], row["certificate_no"]): rows.listing_of(row) for row in found}

    def listings_of(self, city: str) -> list[Listing]:
        """Every listing of a city, by its word."""
        return [rows.listing_of(row) for row in self._all(select(t.listing).where(t.listing.c.city == city))]

    def members(self, product_keys: Iterable[str]) -> dict[EntryKey, Listing]:
        """Every listing of these products."""
        query = select(t.listing).where(self.bulk.among(t.listing.c.product_key, product_keys))
        return {(row["city"], row["certificate_no"]): rows.listing_of(row) for row in self._all(query)}

    def edge_products(self, needs: Needs) -> set[str]:
        """Products whose status the new day can change: a listing begins or has ended, or the applicant's bar has."""
        if needs.edge_day is None:
            return set()
        day, before = needs.edge_day.isoformat(), (needs.edge_day - timedelta(days=1)).isoformat()
        listing = t.listing.c
        edges = select(listing.product_key).where((listing.valid_from == day) | (listing.valid_to == before))
        renewed = select(listing.product_key).where(
            listing.earlier.is_not(None), listing.earlier.contains(f'["{day}"') | listing.earlier.contains(f'"{before}"]')
        )
        barred = select(t.applicant.c.uscc).where(t.applicant.c.barred_until == before)
        ended = select(t.product.c.product_key).where(t.product.c.uscc.in_(barred))
        return {row["product_key"] for query in (edges, renewed, ended) for row in self._all(query)}

    def applicants_products(self, needs: Needs, disputed: set[str]) -> set[str]:
        """Every product of the applicants whose bar a decision on `disputed` products, or an event, may change."""
        uscc, key = t.product.c.uscc, t.product.c.product_key
        wanted = []
        if needs.applicants:
            wanted.append(select(key).where(self.bulk.among(uscc, sorted(needs.applicants))))
        if needs.applicants_of:
            named = select(uscc).where(self.bulk.among(key, sorted(needs.applicants_of | disputed)))
            wanted.append(select(key).where(uscc.in_(named)))
        return {row["product_key"] for query in wanted for row in self._all(query)}

    def world(self, source: str, context: Context, chain: Chain, needs: Needs, *, shared: bool) -> World:
        """The world of a batch. `shared`: other sources may write at once, so its products are locked."""
        if needs.everything:
            listings, products = self._whole(t.listing), self._whole(t.product)
            all_listings = {(row["city"], row["certificate_no"]): rows.listing_of(row) for row in listings}
            all_products = {row["product_key"]: rows.product_of(row) for row in products}
        else:
            linked = self._linked(needs.listings)
            disputed = concerned(self, needs)
            keys = needs.products | self.edge_products(needs) | self.applicants_products(needs, disputed) | disputed
            keys = keys.union(*linked.values())
            if shared:
                self.bulk.lock_products(self.connection, keys)
            # Read only under the locks: another city may have moved its listing in between.
            all_listings = self.members(keys)
            all_listings |= self._by_key(linked - all_listings.keys())
            query = select(t.product).where(self.bulk.among(t.product.c.product_key, keys))
            all_products = {row["product_key"]: rows.product_of(row) for row in self._all(query)}
        return World(
            source,
            context,
            chain,
            listings=all_listings,
            products=all_products,
            beside=self._beside(all_listings, all_products.keys()),
            heads=self.heads(source, None if needs.all_heads else needs.subjects),
            parked=self.parked(source),
            keys=self.keys(),
            other_chains={other: self.chain(other) for other in sorted(needs.chains)},
        )

    def _beside(self, listings: Mapping[EntryKey, Listing], loaded: Collection[str]) -> dict[str, Any]:
        """What hangs on the identities of listings that belong to another product by decision. Read under that one's lock.

        Only decisions change it, and the events of the city whose listing brought it, which lock that product too.
        """
        keys = {one.own_key for one in listings.values() if one.own_key != one.product_key} - set(loaded)
        if not keys:
            return {}
        query = select(t.product.c.product_key, t.product.c.standing).where(self.bulk.among(t.product.c.product_key, sorted(keys)))
        return {row["product_key"]: orjson.loads(row["standing"]) for row in self._all(query)}

    def _whole(self, table: Table) -> list[RowMapping]:
        return self._all(select(table))
