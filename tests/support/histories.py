"""A small history with everything in it: decided by the real handler, so that the log is a real one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from consumers.handle import Handler
from consumers.store import position
from consumers.store.store import Store
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.codec import canonical, sha256_hex
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from schemas.signing import signature_headers
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import Source, entry, signer_of, uscc

NOW = datetime(2021, 7, 22, 2, 0, tzinfo=UTC)


class FixedClock:
    """A clock that stands: times in the log rise nevertheless."""

    def now(self) -> datetime:
        """Ten o'clock in Changsha on the day of the agreement."""
        return NOW


class History:
    """The joint office and two cities, publishing to a hub with one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.joint = Source(JOINT_OFFICE)
        self.changsha = Source(CHANGSHA.source)
        self.zhuzhou = Source(ZHUZHOU.source)
        self._handler = Handler(store, FixedClock(), self.joint.trusted())

    def decide(self, source: Source, window: int = 2_000) -> int:
        """Let the hub decide what can be decided of a source; how many records that was."""
        decided = 0
        while True:
            with self.store.transaction() as connection:
                claim = position.claim(connection, self.store.bulk, source.address, "test", 3600)
            assert claim is not None
            waiting: Sequence[Record] = source.records[claim.next_offset : claim.next_offset + window]
            report = self._handler.handle(claim, waiting) if waiting else None
            if report is None or not report.decided:
                return decided
            decided += report.decided

    def decide_all(self) -> None:
        """Let the hub decide everything."""
        while sum([self.decide(source) for source in (self.joint, self.changsha, self.zhuzhou)]):
            pass

    def product_keys(self) -> list[str]:
        """Products of the store, sorted."""
        with self.store.snapshot() as loader:
            return sorted(loader.connection.execute(t.product.select()).scalars())


def eligible(store: Store) -> list[dict[str, str]]:
    """Items of a batch: every eligible product with its hash."""
    with store.snapshot() as loader:
        rows = loader.connection.execute(t.product.select().where(t.product.c.status == "eligible")).mappings().all()
    return [{"product_key": row["product_key"], "state_hash": row["hash"]} for row in rows]


CRITERIA = dict.fromkeys(("safety", "environment", "quality", "technology", "industrial_policy", "green", "brand"), True)


def full_history(store: Store) -> History:
    """Keys, rules, a day; entries, a statement; junk, duplicates, gaps, a fork; assessments, a batch, an objection."""
    history = History(store)
    _begin(history)
    _enter(history)
    _publish_batch(history)
    _misbehave(history)
    _leave_open(history)
    history.decide_all()
    return history


def _begin(history: History) -> None:
    joint = history.joint
    for source in (history.changsha, history.zhuzhou):
        joint.decide(events.KEY_TRUSTED, source.address, source.key_data())
    spare = Source(ZHUZHOU.source, "spare").key_data()
    joint.decide(events.KEY_TRUSTED, spare["source"], spare)
    joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    history.decide_all()


def _enter(history: History) -> None:
    """One signature for several events; the same product in two cities; a correction, a change; statements."""
    ours, theirs = history.changsha, history.zhuzhou
    for number in (1, 2, 3):
        listed = entry(CHANGSHA, f"CSLX-0000{number}", uscc=uscc(number), category="节能设备")
        ours.say_entry(events.LISTED, 1, listed, signed=number == 3)
    theirs.say_entry(events.LISTED, 1, entry(ZHUZHOU, "ZZLX-00001"))
    history.decide_all()
    ours.say_entry(events.CORRECTED, 2, entry(CHANGSHA, "CSLX-00002", uscc=uscc(4)))
    ours.say_entry(events.CHANGED, 2, entry(CHANGSHA, "CSLX-00003", uscc=uscc(3), models=["SL-200"]))
    wrong = {"entries": 3, "digest": "0" * 64}
    ours.say(events.STATEMENT, "changsha", wrong)
    impossible = entry(ZHUZHOU, "ZZLX-00002", valid_from="2024-01-01", valid_to="2021-01-01")
    theirs.say_entry(events.LISTED, 1, impossible)
    history.decide_all()


def _publish_batch(history: History) -> None:
    joint = history.joint
    for city, number, version in (("changsha", "CSLX-00001", 1), ("changsha", "CSLX-00002", 2)):
        listing = {"city": city, "certificate_no": number}
        found = {"listing": listing, "entry_version": version, "criteria": CRITERIA, "assessed_on": "2021-07-20"}
        joint.decide(events.ASSESSMENT_RECORDED, f"{city}/{number}", found)
    history.decide_all()
    batch: dict[str, Any] = {"number": 1, "host": "zhuzhou", "day": "2021-07-22", "document": "〔2021〕12号"}
    joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "products": eligible(history.store)})
    history.decide_all()
    history.changsha.say_entry(events.CORRECTED, 3, entry(CHANGSHA, "CSLX-00002", uscc=uscc(5)))
    history.decide_all()
    with history.store.snapshot() as loader:
        disputed = loader.connection.execute(t.product.select().where(t.product.c.batch == 1)).mappings().first()
    assert disputed is not None
    raised = {"objection": "YY-1", "product_key": disputed["product_key"], "text": "异议", "deadline": "2021-08-06"}
    joint.decide(events.OBJECTION_RAISED, disputed["product_key"], raised)
    pair = {"listing": {"city": "changsha", "certificate_no": "CSLX-00003"}}
    target = {"follows": {"city": "zhuzhou", "certificate_no": "ZZLX-00001"}}
    joint.decide(events.IDENTITY_SEPARATED, "changsha/CSLX-00003", pair)
    joint.decide(events.IDENTITY_JOINED, "changsha/CSLX-00003", {**pair, **target})
    joint.decide(events.BATCH_PUBLISHED, "batch/3", {**batch, "number": 3, "products": [_nobody()]})
    joint.decide(events.KEY_REVOKED, "zhuzhou", {**_revoked(), "after_sequence": 1})
    history.decide_all()


def _nobody() -> dict[str, str]:
    return {"product_key": "0" * 20, "state_hash": "0" * 64}


def _revoked() -> dict[str, Any]:
    spare = Source(ZHUZHOU.source, "spare").key_data()
    return {"source": spare["source"], "keyid": spare["keyid"]}


def _misbehave(history: History) -> None:
    """Everything a topic may hold that is no event, and a rewritten register."""
    ours = history.changsha
    first = ours.records[0]
    ours.again(first)
    for junk in (b"\xff\xfe not json", b"", b"[]", b'{"specversion":"1.0"}'):
        ours.publish(junk, signed=False)
    ours.publish(None)
    good = ours.sealed(events.RENEWED, "CSLX-00001", {"entry": entry(CHANGSHA, "CSLX-00001")}, 2)
    forged = signature_headers(ours.signer.keyid, signer_of("somebody").sign(good))
    ours.records.append(Record("czt.register.changsha", 0, len(ours.records), 0, None, good, forged))
    ours.publish(history.zhuzhou.records[0].value)
    ours.publish(good)
    old = Source(ours.address, "", ours.sequence - 2, "1" * 64)
    fork = old.sealed(events.LISTED, "CSLX-00009", {"entry": entry(CHANGSHA, "CSLX-00009")}, 1)
    record = ours.publish(fork)
    ours.publish(old.sealed(events.LISTED, "CSLX-00010", {"entry": entry(CHANGSHA, "CSLX-00010")}, 1))
    ours.again(record)
    broken = Source(ours.address, "", ours.sequence, "2" * 64)
    ours.publish(broken.sealed(events.LISTED, "CSLX-00011", {"entry": entry(CHANGSHA, "CSLX-00011")}, 1))
    ours.publish(broken.sealed(events.LISTED, "CSLX-00011", {"entry": entry(CHANGSHA, "CSLX-00011")}, 2))
    revoked = Source(ZHUZHOU.source, "spare", history.zhuzhou.sequence, history.zhuzhou.head)
    value = revoked.sealed(events.STATEMENT, "zhuzhou", {"entries": 9, "digest": "0" * 64})
    record = revoked.publish(value)
    history.zhuzhou.again(record)
    history.decide_all()


def _leave_open(history: History) -> None:
    """A gap filled late by unsigned records, with a statement meanwhile, one that stays, an unreadable event, a newer one."""
    ours, theirs = history.changsha, history.zhuzhou
    late = [
        ours.sealed(events.CHANGED, "CSLX-00001", {"entry": entry(CHANGSHA, "CSLX-00001", models=[])}, version)
        for version in (3, 4)
    ]
    late.append(canonical({"previoushash": ours.head, "unreadable": 1}))
    ours.head, ours.sequence = sha256_hex(late[-1]), ours.sequence + 1
    ours.say_entry(events.CHANGED, 5, entry(CHANGSHA, "CSLX-00001", models=["SL-300"]))
    ours.say(events.STATEMENT, "changsha", {"entries": 9, "digest": "0" * 64})
    history.decide_all()
    for value in reversed(late):
        ours.publish(value, signed=False)
    history.decide_all()
    ours.publish(late[2], signed=False)
    ours.again(ours.records[-5])
    theirs.sealed(events.STATEMENT, "zhuzhou", {"entries": 1, "digest": "0" * 64})
    renewed = {"valid_from": "2024-03-01", "valid_to": "2027-02-28"}
    theirs.say_entry(events.SUSPENDED, 2, entry(ZHUZHOU, "ZZLX-00001", source_status="suspended", **renewed))
    fraud = {"source_status": "withdrawn", "status_reason": {"code": "fraud", "text": "伪造检测报告"}}
    theirs.say_entry(events.LISTED, 1, entry(ZHUZHOU, "ZZLX-00009", uscc=uscc(9), **fraud))
    newer = canonical(
        events.event_attributes(
            events.LISTED,
            source=theirs.address,
            sequence=theirs.sequence + 1,
            previous_hash=theirs.head,
            subject="ZZLX-00007",
            time="2021-07-22T09:00:00+08:00",
            data={},
            entry_version=1,
        )
        | {"type": "cn.czt.entry.listed.v2"}
    )
    theirs.publish(newer)
    theirs.sequence, theirs.head = theirs.sequence + 1, sha256_hex(newer)
    lost = {"source": theirs.address, "sequence": theirs.sequence, "hash": theirs.head, "lost": []}
    history.decide_all()
    history.joint.decide(events.SOURCE_CONTINUED, "zhuzhou", lost)
