"""Batches with everything in them: what two cities and the joint office publish, and the store before the hub has read it."""

import json
from pathlib import Path
from typing import Any

from consumers.store import log
from consumers.store.store import Store
from producers.sqlite_publisher import SqlitePublisher
from producers.sqlite_topics import SqliteTopics
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.codec import canonical, sha256_hex
from schemas.entry import entry_hash
from schemas.ports import Message
from schemas.rules import RULE_SET_1
from schemas.tree import root_of
from tests.support.cities import ALL_TOPICS, CHANGSHA, ZHUZHOU
from tests.support.histories import CRITERIA, eligible
from tests.support.killed_hub import hub
from tests.support.sources import Source, entry, uscc

SHARED = {"uscc": uscc(5), "product_name": "余热回收装置", "models": ["YR-5"]}
"""What both cities list."""


class Line:
    """Three sources that publish to an embedded broker, and a store whose hub reads it."""

    def __init__(self, broker: Path, store: Store) -> None:
        self.broker = broker
        self.store = store
        self.joint = Source(JOINT_OFFICE)
        self.changsha = Source(CHANGSHA.source)
        self.zhuzhou = Source(ZHUZHOU.source)
        self._published: dict[str, int] = {}
        topics = SqliteTopics(broker)
        topics.ensure_topics(ALL_TOPICS)
        topics.close()

    def publish(self) -> None:
        """Publish what the sources have said since the last time."""
        publisher = SqlitePublisher(self.broker)
        for source in (self.joint, self.changsha, self.zhuzhou):
            new = source.records[self._published.get(source.address, 0) :]
            publisher.publish([Message(r.topic, r.key, r.value, r.headers) for r in new if r.value is not None])
            self._published[source.address] = len(source.records)
        publisher.close()

    def decide(self) -> None:
        """Publish, and let a hub decide everything."""
        self.publish()
        worker = hub(self.store, self.broker, "prepares")
        worker.run_until_idle()
        worker.release()

    def log_size(self) -> int:
        """Entries in the store's log."""
        with self.store.snapshot() as loader:
            return log.size(loader.connection)


def begin(line: Line) -> None:
    """Keys, rules and a day; four entries of Changsha's, of which one ends that day, and one of Zhuzhou's. All decided."""
    for city in (line.changsha, line.zhuzhou):
        line.joint.decide(events.KEY_TRUSTED, city.address, city.key_data())
    line.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    line.joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    for number in (1, 2, 3, 4):
        line.changsha.say_entry(events.LISTED, 1, _entry(number, valid_to="2021-07-22" if number == 4 else "2023-12-31"))
    line.zhuzhou.say_entry(events.LISTED, 1, entry(ZHUZHOU, "ZZLX-00001", uscc=uscc(11)))
    line.decide()


def go_on(line: Line) -> None:
    """Publish the batches that the hub is killed in, deciding them here so that the decisions name what there is by then."""
    _cities(line)
    line.decide()
    _assess(line)
    line.decide()
    _publish_batch(line)
    line.decide()


def _entry(number: int, **changes: Any) -> dict[str, Any]:
    return entry(CHANGSHA, f"CSLX-0000{number}", **{"uscc": uscc(number), **changes})


def _cities(line: Line) -> None:
    """One batch a city: every outcome, every kind of row that a batch writes, and a product that both cities list."""
    city = line.changsha
    first = city.records[0]
    city.say_entry(events.LISTED, 1, _entry(5, **SHARED))
    city.say_entry(events.CHANGED, 2, _entry(1, models=["SL-200"]))
    city.say_entry(events.WITHDRAWN, 2, _entry(2, source_status="withdrawn", status_reason={"code": "expired", "text": "到期"}))
    city.say_entry(events.CORRECTED, 2, _entry(3, uscc=uscc(13)))
    city.again(first)
    city.publish(b"not json", signed=False)
    city.say_entry(events.LISTED, 1, _entry(6, valid_from="2024-01-01", valid_to="2021-01-01"))
    city.say(events.STATEMENT, "changsha", _statement(city))
    late = city.sealed(events.CHANGED, "CSLX-00001", {"entry": _entry(1, models=["SL-300"])}, 3)
    city.say_entry(events.CHANGED, 4, _entry(1, models=["SL-400"]))
    city.publish(late)
    rewritten = Source(city.address, "", city.sequence - 1, "1" * 64)
    city.publish(rewritten.sealed(events.LISTED, "CSLX-00009", {"entry": _entry(9)}, 1))
    _newer(city)
    city.sealed(events.STATEMENT, "changsha", {"entries": 0, "digest": "0" * 64})
    city.say_entry(events.LISTED, 1, _entry(7))
    line.zhuzhou.say_entry(events.LISTED, 1, entry(ZHUZHOU, "ZZLX-00002", **SHARED))
    line.zhuzhou.say_entry(events.CHANGED, 2, entry(ZHUZHOU, "ZZLX-00001", uscc=uscc(11), category="节能设备"))


def _statement(city: Source) -> dict[str, Any]:
    """What the city says of all it has sent."""
    sent: dict[str, dict[str, Any]] = {}
    for record in city.records:
        if record.value is not None and record.value.startswith(b"{"):
            event = json.loads(record.value)
            if event.get("entryversion", 0) > sent.get(event["subject"], {}).get("entry_version", 0):
                found = {"entry_hash": entry_hash(event["data"]["entry"]), "entry_version": event["entryversion"]}
                sent[event["subject"]] = {"certificate_no": event["subject"], **found}
    return {"entries": len(sent), "digest": root_of(canonical(leaf) for _, leaf in sorted(sent.items())).hex()}


def _newer(city: Source) -> None:
    """An event of a schema version that this hub doesn't know: it is parked."""
    value = city.sealed(events.LISTED, "CSLX-00008", {"entry": _entry(8)}, 1)
    newer = value.replace(b"cn.czt.entry.listed.v1", b"cn.czt.entry.listed.v2")
    city.head = sha256_hex(newer)
    city.publish(newer)


def _assess(line: Line) -> None:
    for city, number in (("changsha", "CSLX-00005"), ("zhuzhou", "ZZLX-00002")):
        listing = {"city": city, "certificate_no": number}
        found = {"listing": listing, "entry_version": 1, "criteria": CRITERIA, "assessed_on": "2021-07-20"}
        line.joint.decide(events.ASSESSMENT_RECORDED, f"{city}/{number}", {**found, "log_size": line.log_size()})


def _publish_batch(line: Line) -> None:
    size = line.log_size()
    batch = {"number": 1, "host": "zhuzhou", "day": "2021-07-22", "document": "〔2021〕12号", "products": eligible(line.store)}
    line.joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "log_size": size})
    line.joint.decide(events.DAY_BEGAN, "2021-07-23", {"day": "2021-07-23", "log_size": size})
