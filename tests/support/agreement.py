"""What must hold when everything is sent and decided, whatever happened on the way: cities, topics, store and log agree."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from orjson import loads
from sqlalchemy import Engine, func, select

from consumers.store import log, rows
from consumers.store.queries.products import product_json
from deploy.initialise import initialise, make_joint_key
from deploy.joint.office import JointOffice
from deploy.joint.proposals import day_began, first_rules, key_trusted
from deploy.keys import load_public, public_file
from deploy.verifying import verify_all
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, City
from schemas.envelope import read_envelope
from schemas.ports import Record
from schemas.tables import store as t
from schemas.tables.source import outbox, register_entry
from schemas.tables.transactions import transaction
from schemas.topics import RECOGNIZED_PRODUCTS, receipts_topic, topic_of
from tests.support.cities import CITIES, SOURCES

FIRST_DAY = date(2021, 7, 22)
FINAL = {"applied", "superseded", "rejected"}
PRODUCT_PARTITIONS = 3
WINDOW = 2_000
Leaves = list[tuple[int, dict[str, Any]]]
"""Index and leaf, in the log's order."""


class Installation(Wiring):
    """The parts of an installation for somebody who looks at it often: one engine a database."""

    def engine(self, url: str) -> Engine:
        """See Wiring."""
        known: dict[str, Engine] = self.__dict__.setdefault("_engines", {})
        if url not in known:
            known[url] = super().engine(url)
        return known[url]


def founded(wiring: Wiring, first_day: date = FIRST_DAY) -> None:
    """Tables, topics, keys, and the joint office's first decisions: trust in three cities, rule set 1, the first day."""
    initialise(wiring)
    make_joint_key(wiring)
    office = JointOffice(wiring.source_engine(JOINT_OFFICE), wiring.relay(JOINT_OFFICE), wiring.clock)
    folder = wiring.settings.key_dir
    trusted = [key_trusted(city.source, city, load_public(public_file(folder, city.word)), "test", 0) for city in CITIES]
    office.decide([*trusted, first_rules("test", 0), day_began(first_day, "test", 0)])


def settled(wiring: Wiring, sources: Sequence[str] = SOURCES) -> bool:
    """Whether every change has been sent and decided, and everything in the log has gone out under a checkpoint."""
    with wiring.store.snapshot() as loader:
        size = log.size(loader.connection)
        if loader.connection.execute(select(t.outbound.c.next_index)).scalar_one() != size:
            return False
        received = {source: loader.chain(source).received_through for source in sources}
    last = wiring.archive.latest()
    signed = last is not None and last.size == size
    return signed and all(received[source] == last_change(wiring, source) for source in sources)


def last_change(wiring: Wiring, source: str) -> int:
    """How many changes a source made, sealed or not."""
    with transaction(wiring.engine(wiring.source_url(source))) as connection:
        return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())


def read_all(wiring: Wiring, topic: str, partition: int = 0) -> list[Record]:
    """Every record of a partition."""
    end = wiring.subscriber.end_offset(topic, partition)
    found: list[Record] = []
    while not found or found[-1].offset + 1 < end:
        if end == 0:
            break
        found += wiring.subscriber.fetch(topic, partition, found[-1].offset + 1 if found else 0, WINDOW, 10)
    return found


def check_everything(wiring: Wiring) -> None:
    """All of the below."""
    leaves = _leaves(wiring)
    for source in SOURCES:
        check_topic(wiring, source)
        check_outcomes_and_receipts(wiring, source, leaves.get(source, []))
    for city in CITIES:
        check_register(wiring, city)
    check_products(wiring)
    check_log(wiring)


def check_topic(wiring: Wiring, source: str) -> None:
    """The topic holds the outbox's records, each at least once, and none before its predecessor was there."""
    with transaction(wiring.engine(wiring.source_url(source))) as connection:
        sealed = connection.execute(select(outbox.c.sequence, outbox.c.record_hash, outbox.c.sent_offset)).all()
    hashes = {row.sequence: row.record_hash for row in sealed}
    assert set(hashes) == set(range(1, len(sealed) + 1))
    assert all(row.sent_offset is not None for row in sealed)
    highest = 0
    for record in read_all(wiring, topic_of(source)):
        envelope = read_envelope(record.value)
        assert envelope.sequence is not None
        assert envelope.sequence <= highest + 1, f"{source}: {envelope.sequence} after {highest}"
        assert envelope.record_hash == hashes[envelope.sequence]
        highest = max(highest, envelope.sequence)
    assert highest == len(sealed)


def check_register(wiring: Wiring, city: City) -> None:
    """The city's entries are the store's listings of that city, version by version, byte for byte."""
    with transaction(wiring.engine(wiring.source_url(city.source))) as connection:
        table = register_entry
        own = {tuple(row) for row in connection.execute(select(table.c.certificate_no, table.c.version, table.c.entry_hash))}
    with wiring.store.snapshot() as loader:
        query = select(t.listing.c.certificate_no, t.listing.c.entry_version, t.listing.c.entry_hash)
        stored = {tuple(row) for row in loader.connection.execute(query.where(t.listing.c.city == city.word))}
    assert own == stored


def check_outcomes_and_receipts(wiring: Wiring, source: str, leaves: Leaves) -> None:
    """Each event has one final outcome in the log; each entry of the log that is no refusal has its receipt."""
    final = Counter(leaf["sequence"] for _, leaf in leaves if leaf["outcome"] in FINAL)
    assert set(final) == set(range(1, last_change(wiring, source) + 1))
    assert set(final.values()) <= {1}
    assert {leaf["outcome"] for _, leaf in leaves} <= FINAL | {"duplicate"}
    assert len(leaves) == wiring.subscriber.end_offset(topic_of(source), 0)
    answered = {}
    for record in read_all(wiring, receipts_topic(source)):
        data = loads(record.value or b"")["data"]
        answered[data["audit_index"]] = (data["sequence"], data["outcome"])
    assert answered == {index: (leaf["sequence"], leaf["outcome"]) for index, leaf in leaves}


def _leaves(wiring: Wiring) -> dict[str, Leaves]:
    found: dict[str, Leaves] = {}
    with wiring.store.snapshot() as loader:
        for row in loader.connection.execute(select(t.audit_entry.c.idx, t.audit_entry.c.leaf).order_by(t.audit_entry.c.idx)):
            leaf = loads(bytes(row.leaf))
            found.setdefault(leaf["source"], []).append((row.idx, leaf))
    return found


def check_products(wiring: Wiring) -> None:
    """The products topic, compacted by hand, is the store's products."""
    with wiring.store.snapshot() as loader:
        products = [rows.product_of(row) for row in loader.connection.execute(select(t.product)).mappings()]
    last: dict[str, Any] = {}
    for partition in range(PRODUCT_PARTITIONS):
        for record in read_all(wiring, RECOGNIZED_PRODUCTS, partition):
            assert record.key is not None
            last[record.key.decode()] = loads(record.value or b"")["data"]
    assert {key: data["state_hash"] for key, data in last.items()} == {one.product_key: one.hash for one in products}
    for product in products:
        said = product_json(product)
        assert {name: last[product.product_key][name] for name in said} == json.loads(json.dumps(said))


def check_log(wiring: Wiring) -> None:
    """`audit verify --against-store`: signed, unbroken, and the log folds to the store, row for row."""
    answer = verify_all(wiring, [], against_store=True)
    assert answer["ok"], [check for check in answer["checks"] if not check["ok"]]
