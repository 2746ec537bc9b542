"""Bad input through the real topic: each record gets its outcome and code, a receipt or a dead letter, and the next is applied."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from consumers.core.leaf import MAX_LEAF_BYTES
from consumers.handle import Handler
from consumers.outbound import Outbound, OutboundPolicy
from consumers.store.store import Store
from consumers.worker import Worker, WorkerPolicy
from schemas import events
from schemas.city import JOINT_OFFICE, source_name
from schemas.ports import Message, Record
from schemas.reason_texts.records import RECORDS
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from schemas.topics import DEAD_LETTERS, receipts_topic, topic_of
from tests.support.audited import Audited, failed
from tests.support.bad_making import CITY, REVOKED, Bad
from tests.support.bad_records import CASES
from tests.support.brokers import ApacheBroker, Broker, EmbeddedBroker
from tests.support.cities import ALL_TOPICS, SOURCES, ZHUZHOU
from tests.support.histories import FixedClock
from tests.support.sources import Source, entry
from tests.support.stores import made_store

Leaf = dict[str, Any]
TOPIC = topic_of(CITY.source)


@dataclass
class Line:
    """A broker, a hub that reads it and sends on, and what was found in the log: (source, offset) → leaf."""

    broker: Broker
    store: Store
    sources: dict[str, Source] = field(default_factory=lambda: {source: Source(source) for source in SOURCES})
    ends: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    placed: dict[str, list[tuple[int, Bad]]] = field(default_factory=dict)
    good: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.publisher, self.subscriber = self.broker.publisher(), self.broker.subscriber()
        policy = WorkerPolicy("test", SOURCES)
        handler = Handler(self.store, FixedClock(), self.sources[JOINT_OFFICE].trusted())
        self.worker = Worker(self.store, self.subscriber, handler, policy, lambda *_: None)
        self.outbound = Outbound(self.store, self.publisher, OutboundPolicy("test"))

    def send(self, source: str) -> None:
        """Publish what a source said since the last time."""
        records = self.sources[source].records
        new = [Message(topic_of(source), None, record.value or b"", record.headers) for record in records]
        self.sources[source].records = []
        self.publisher.publish(new)
        self.ends[source] += len(new)

    def put(self, bad: Bad) -> int:
        """Publish one record as it is; its offset."""
        if bad.value is None:
            self.broker.append_tombstone(TOPIC, b"key")
        else:
            self.publisher.publish([Message(TOPIC, None, bad.value, bad.headers)])
        self.ends[CITY.source] += 1
        return self.ends[CITY.source] - 1

    def found(self, source: str) -> dict[int, Leaf]:
        """Offset → leaf of a source."""
        with self.store.snapshot() as loader:
            leaves = map(json.loads, loader.connection.execute(select(t.audit_entry.c.leaf)).scalars())
            return {leaf["offset"]: leaf for leaf in leaves if leaf["source"] == source and "released_by" not in leaf}

    def read(self, topic: str) -> list[Record]:
        """Everything on a topic."""
        found: list[Record] = []
        while len(found) < self.subscriber.end_offset(topic, 0):
            found += self.subscriber.fetch(topic, 0, len(found), 1_000, 5)
        return found


def founded(line: Line) -> None:
    """Topics, keys of three cities (Zhuzhou's comes later), rule set 1, a day."""
    admin = line.broker.topics()
    admin.ensure_topics(ALL_TOPICS)
    admin.close()
    joint, city = line.sources[JOINT_OFFICE], line.sources[CITY.source]
    revoked = Source(CITY.source, REVOKED).key_data()
    for data in (city.key_data(), revoked):
        joint.decide(events.KEY_TRUSTED, CITY.source, data)
    joint.decide(events.KEY_REVOKED, CITY.source, {"source": CITY.source, "keyid": revoked["keyid"], "after_sequence": 0})
    joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    joint.decide(events.DAY_BEGAN, "day", {"day": "2021-07-22"})
    line.send(JOINT_OFFICE)


def publish_the_cases(line: Line) -> None:
    """Each case, and behind it a sound event; a first one before them all."""
    city = line.sources[CITY.source]
    for number, (name, make) in enumerate({"": lambda _: [], **CASES}.items()):
        line.placed[name] = [(line.put(bad), bad) for bad in make(city)]
        certificate = f"CSLX-{1000 + number:05d}"
        city.say_entry(events.LISTED, 1, entry(CITY, certificate))
        line.good[name] = line.ends[CITY.source]
        line.send(CITY.source)


def decide_impossible_things(line: Line) -> None:
    """Decisions that name nothing, lack a second person, or break the rotation; then rules that make withdrawals wait."""
    joint, city = line.sources[JOINT_OFFICE], line.sources[CITY.source]
    batch = {"day": "2021-07-22", "document": "〔2021〕1号", "products": [{"product_key": "0" * 20, "state_hash": "0" * 64}]}
    joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "number": 1, "host": "zhuzhou"})
    joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "number": 1, "host": "zhuzhou", "agreed_by": None})
    joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "number": 1, "host": "changsha"})
    waits = RULE_SET_1.model_copy(update={"version": 2, "waits": ("withdrawn",)})
    joint.decide(events.RULES_ACTIVATED, "rules/2", {"rules": waits.model_dump(mode="json")})
    line.send(JOINT_OFFICE)
    line.worker.run_until_idle()
    gone = entry(CITY, "CSLX-01000", source_status="withdrawn", status_reason={"code": "other", "text": ""})
    city.say_entry(events.WITHDRAWN, 2, gone)
    line.send(CITY.source)


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A line on which all of it was published, decided and sent on."""
    folder: Path = tmp_path_factory.mktemp("bad_input")
    broker: Broker = EmbeddedBroker(folder / "broker.db")
    if request.param == "kafka":
        server = request.getfixturevalue("kafka_server")
        server.empty()
        broker = ApacheBroker(server.bootstrap)
    line = Line(broker, made_store(f"sqlite:///{folder / 'store.db'}"))
    founded(line)
    publish_the_cases(line)
    line.worker.run_until_idle()
    decide_impossible_things(line)
    line.worker.run_until_idle()
    line.outbound.run_until_idle()
    yield line
    line.publisher.close()
    line.subscriber.close()
    line.store.writer.dispose()


@pytest.mark.parametrize("case", CASES)
def test_each_gets_its_outcome_and_the_next_event_is_applied(line: Line, case: str) -> None:
    """Outcome and code of each record as the catalogue of reasons says; the sound event behind it is applied."""
    leaves = line.found(CITY.source)
    expected = [(bad.outcome, bad.reason or None) for _, bad in line.placed[case]]
    found = [leaves[offset] for offset, _ in line.placed[case]]
    assert [(leaf["outcome"], leaf.get("reason")) for leaf in found] == expected
    assert leaves[line.good[case]]["outcome"] == "applied"
    assert leaves[line.good[case]]["sequence"] > leaves[line.good[""]]["sequence"]


def test_every_record_is_answered(line: Line) -> None:
    """Whatever was read has one entry in the log; a refused one is a dead letter with its bytes and headers, others a receipt."""
    leaves = line.found(CITY.source)
    assert sorted(leaves) == list(range(line.ends[CITY.source]))
    sent = [json.loads(record.value or b"") for record in line.read(receipts_topic(CITY.source))]
    receipts = [one["data"] for one in sent if one["type"] == events.RECEIPT_ISSUED]  # beside them a new statement is asked for
    told = {(receipt["sequence"], receipt["outcome"], receipt["reason"]) for receipt in receipts}
    answered = [leaf for leaf in leaves.values() if leaf["outcome"] != "refused"]
    assert told == {(leaf["sequence"], leaf["outcome"], leaf.get("reason")) for leaf in answered}
    assert len(receipts) == len(answered)

    published = {record.offset: record for record in line.read(TOPIC)}
    letters = line.read(DEAD_LETTERS)
    for letter in letters:
        said = dict(letter.headers)
        original, leaf = published[int(said["offset"])], leaves[int(said["offset"])]
        assert (said["reason"].decode(), said["topic"].decode(), said["partition"]) == (leaf["reason"], TOPIC, b"0")
        assert letter.value == (original.value or b"")
        assert letter.headers[: len(original.headers)] == original.headers
        assert ("null-value" in said) is (original.value is None)
    assert len(letters) == sum(leaf["outcome"] == "refused" for leaf in leaves.values())


def test_the_log_is_sound(line: Line) -> None:
    """Leaves stay small, the log verifies, and it folds to the store."""
    with line.store.snapshot() as loader:
        sizes = [len(leaf) for leaf in loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()]
    assert max(sizes) <= MAX_LEAF_BYTES
    audited = Audited(line.store)
    audited.checkpointer().sign()
    with audited.undone() as connection:
        assert failed(audited.verified_against_store(connection)) == {}


def test_every_code_of_the_catalogue_is_given(line: Line) -> None:
    """No outcome and no code for events and records is there that nothing produces; Zhuzhou's statement agrees."""
    _let_zhuzhou_speak(line)
    with line.store.snapshot() as loader:
        leaves = list(map(json.loads, loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()))
    given = {(leaf["outcome"], leaf["reason"]) for leaf in leaves if "reason" in leaf}
    assert given == {(reason.outcome, reason.code) for reason in RECORDS} | VOUCHED_FOR | {("rejected", "wrong_issuer")}
    outcomes = {"applied", "superseded", "rejected", "parked", "duplicate", "refused"}
    assert {leaf["outcome"] for leaf in leaves} == outcomes


def _let_zhuzhou_speak(line: Line) -> None:
    """Its events come before the decision that trusts its key; until then they wait, and nothing is said of them."""
    zhuzhou, joint = line.sources[ZHUZHOU.source], line.sources[JOINT_OFFICE]
    if zhuzhou.sequence:
        return
    zhuzhou.say(events.STATEMENT, source_name(zhuzhou.address), {"entries": 0, "digest": EMPTY})
    line.send(zhuzhou.address)
    line.worker.run_until_idle()
    assert line.found(zhuzhou.address) == {}
    joint.decide(events.KEY_TRUSTED, zhuzhou.address, zhuzhou.key_data())
    line.send(JOINT_OFFICE)
    line.worker.run_until_idle()
    assert [leaf["outcome"] for leaf in line.found(zhuzhou.address).values()] == ["applied"]


VOUCHED_FOR = {("rejected", code) for code in ("not_json", "not_cloudevent", "schema_invalid", "type_unknown", "too_large")}
"""What can't be read is refused, and rejected where the source vouches for it."""

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""RFC 6962 §2.1: the root of no leaves."""
