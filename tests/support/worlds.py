"""Worlds for tests of the pure core: listings, products and contexts made by hand, and events read as the hub reads them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from consumers.core.chain import Chain
from consumers.core.decide import decide_batch
from consumers.core.model import Context, Listing
from consumers.core.verdicts import Verdict
from consumers.core.vouch import Read, Standing, Vouched
from consumers.core.world import World
from schemas.city import JOINT_OFFICE, City
from schemas.entry import RegisterEntry, entry_hash
from schemas.envelope import read_envelope
from schemas.events import EventType
from schemas.identity import product_key
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from tests.support.sources import TIME, Source, entry

TODAY = Context(day="2021-07-22", rules=RULE_SET_1)
PUBLISHED = {"batch": 1, "recognized_on": "2021-07-22"}
MET = dict.fromkeys(("safety", "environment", "quality", "technology", "industrial_policy", "green"), True)
"""Criteria that rule set 1 asks for, and one ground."""


def assessment(**criteria: bool | None) -> dict[str, Any]:
    """An assessment that qualifies, unless `criteria` say otherwise."""
    return {"criteria": {**MET, **criteria}, "assessed_on": "2021-07-20", "entry_version": 1, "sequence": 1}


def listing(city: City, number: str, *, version: int = 1, time: str = TIME, **changes: Any) -> Listing:
    """A listing of an invented product; `changes` are of its entry."""
    said = entry(city, number, **changes)
    key = product_key(said["uscc"], said["product_name"], said["models"])
    whole = RegisterEntry.model_validate(said).as_json()
    return Listing(city.word, number, version, 1, time, whole, entry_hash(said), key, key)


def world(source: str, listings: Iterable[Listing] = (), context: Context = TODAY, chain: Chain | None = None) -> World:
    """A world in which these listings and their products are stored, its source's key is trusted, and nothing has changed yet."""
    key = Source(source).trusted()
    keys = {(source, key.keyid): key}
    made = World(source, context, chain or Chain(), listings={found.key: found for found in listings}, keys=keys)
    made.refresh(made.members)
    made.changed_products.clear()
    return made


def published(made: World, key: str, **changes: Any) -> None:
    """Let a product be of the first batch."""
    made.products[key] = replace(made.product(key), publication=PUBLISHED, **changes)
    made.refresh([key])
    made.changed_products.clear()


def read(record: Record) -> Read:
    """A record as the handler hands it on."""
    return Read(record, read_envelope(record.value))


def decided(made: World, source: Source, *records: Record) -> list[Verdict]:
    """The verdicts on vouched records of one batch; the world is then as they say."""
    reads = [read(record) for record in records or source.records]
    numbered: list[tuple[Read, Standing]] = [(found, Vouched(found.envelope.sequence or 0)) for found in reads]
    return [found.verdict for found in decide_batch(made, numbered, {}, set()).decided]


def said(made: World, city: City, kind: EventType, version: int, **changes: Any) -> Verdict:
    """The verdict on one entry event of a city, by default about its certificate 1."""
    number = changes.pop("certificate_no", "1")
    source = Source(city.source, sequence=made.chain.head_sequence, head=made.chain.head_hash)
    source.say_entry(kind, version, entry(city, number, **changes))
    return decided(made, source)[0]


def ruled(made: World, kind: EventType, **data: Any) -> Verdict:
    """The verdict on one decision of two people."""
    source = Source(JOINT_OFFICE, sequence=made.chain.head_sequence, head=made.chain.head_hash)
    source.decide(kind, "object", data)
    return decided(made, source)[0]
