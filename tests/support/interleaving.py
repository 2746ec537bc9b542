"""A hub that reads topics in an order the test chooses: whose turn it is, how many records at once, what is there twice."""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from consumers.core.model import TrustedKey
from consumers.handle import Handler
from consumers.store import position
from consumers.store.position import Claim
from consumers.store.store import Store
from schemas.city import JOINT_OFFICE, city_word
from schemas.ports import Record
from schemas.tables import store as t
from tests.support.cities import CITIES

Topics = Mapping[str, Sequence[Record]]
Ends = Mapping[str, int]
"""Source → how many records of its topic are there yet."""


class LaterClock:
    """A clock that is past every day of the stories, so that no day waits for it."""

    def now(self) -> datetime:
        """A moment of 2030."""
        return datetime(2030, 1, 1, tzinfo=UTC)


class Hub:
    """The real handler on a store, reading lists of records."""

    def __init__(self, store: Store, first_joint_key: TrustedKey) -> None:
        self.store = store
        self._first_joint_key = first_joint_key
        self._handler = Handler(store, LaterClock(), first_joint_key)
        with store.transaction() as connection:
            found = [position.claim(connection, store.bulk, address, "test", 3600) for address in SOURCES]
        self.claims: dict[str, Claim] = {claim.source: claim for claim in found if claim is not None}

    def on(self, copy: Store) -> "Hub":
        """A hub that goes on from here on a copy of the store."""
        return Hub(copy, self._first_joint_key)

    def read(self, topics: Topics, ends: Ends, chance: random.Random | None = None, window: int = 2_000) -> None:
        """Decide everything up to `ends`: source by source, or in any order and in any pieces that `chance` gives.

        Fails when records are left that nothing more can be done about.
        """
        windows = Counter[str]()
        idle = 0
        while left := [source for source in SOURCES if self.claims[source].next_offset < ends[source]]:
            source = chance.choice(left) if chance else left[idle % len(left)]
            size = (chance.randint(1, 6) if chance else window) + windows[source]
            claim = self.claims[source]
            others = listings_of_others(self.store, source)
            report = self._handler.handle(claim, topics[source][claim.next_offset : min(ends[source], claim.next_offset + size)])
            assert source == JOINT_OFFICE or others == listings_of_others(self.store, source), f"{source} changed another's listing"
            self.claims[source] = report.claim
            # As the worker does: read further ahead while nobody vouches for what was read.
            windows[source] = 0 if report.decided else windows[source] + size
            idle = 0 if report.decided else idle + 1
            assert idle < 200, f"nothing more can be decided of {left}"

    def release(self) -> None:
        """Let another hub take the sources."""
        with self.store.transaction() as connection:
            for source in self.claims:
                position.release(connection, source, "test")


SOURCES = (JOINT_OFFICE, *(city.source for city in CITIES))


def repeated(
    topics: Topics, chapters: Sequence[Ends], chance: random.Random, copies: int, refused: Collection[tuple[str, int]] = ()
) -> tuple[Topics, list[Ends]]:
    """The topics with earlier records published again, in order, at any later places; and where the chapters now end.

    What was `refused` (source, offset) does not come again: nobody would vouch for it.
    """
    hopeless = {id(topics[source][offset]) for source, offset in refused}
    parts = {source: _cut(topics[source], [ends[source] for ends in chapters]) for source in SOURCES}
    for _ in range(copies):
        chapters_of = parts[chance.choice(SOURCES)]
        flat = [(c, i) for c, part in enumerate(chapters_of) for i, one in enumerate(part) if id(one) not in hopeless]
        if flat:
            chapter, index = chance.choice(flat)
            record = chapters_of[chapter][index]
            later = chance.randrange(chapter, len(chapters_of))
            first = index + 1 if later == chapter else 0
            chapters_of[later].insert(chance.randint(first, len(chapters_of[later])), record)
    again: dict[str, list[Record]] = {}
    ends: list[dict[str, int]] = [{} for _ in chapters]
    for source, chapters_of in parts.items():
        again[source] = []
        for number, part in enumerate(chapters_of):
            again[source] += part
            ends[number][source] = len(again[source])
        again[source] = [replace(record, offset=offset) for offset, record in enumerate(again[source])]
    return again, list(ends)


def _cut(records: Sequence[Record], ends: Sequence[int]) -> list[list[Record]]:
    return [list(records[begin:end]) for begin, end in zip((0, *ends), ends, strict=False)]


def state(store: Store) -> dict[str, list[Any]]:
    """Everything that may not depend on the order across sources: all rows but log, positions, counts and audit indexes."""
    left_out = {"audit_index", "outcomes"}
    tables = (
        t.listing, t.product, t.applicant, t.entry_head, t.received, t.parked, t.gap, t.fork_record,
        t.source_chain, t.context, t.rule_set, t.trusted_key, t.batch,
    )  # fmt: skip
    found: dict[str, list[Any]] = {}
    with store.snapshot() as loader:
        for table in tables:
            columns = [column for column in table.columns if column.name not in left_out]
            query = select(*columns).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in loader.connection.execute(query).mappings()]
    return found


def listings_of_others(store: Store, source: str) -> list[Any]:
    """Every listing but those of this city; without the product it belongs to, which another one it follows may decide."""
    city = city_word(source)
    own = [column for column in t.listing.columns if column.name != "product_key"]
    query = select(*own).order_by(t.listing.c.city, t.listing.c.certificate_no)
    with store.snapshot() as loader:
        return [tuple(row) for row in loader.connection.execute(query) if city is None or row.city != city]
