"""What the joint office decides on what it sees in the store: objects picked by small numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from consumers.core.chain import Chain
from consumers.core.model import Product
from consumers.store import rows
from consumers.store.load import Loader
from schemas import events
from schemas.events import EventType
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import Source

FIRST_DAY = date(2021, 7, 22)
GOOD = ("safety", "environment", "quality", "technology", "industrial_policy")


@dataclass
class Office:
    """What it numbers itself: rule sets and objections so far."""

    rules: int = 1
    objections: int = 0


@dataclass(frozen=True)
class Ruling:
    """The numbers that pick objects among those there are."""

    pick: int
    other: int


Made = tuple[EventType, str, dict[str, Any]] | None


def _listings(loader: Loader) -> list[tuple[dict[str, str], int]]:
    query = select(t.listing).order_by(t.listing.c.city, t.listing.c.certificate_no)
    found = loader.connection.execute(query).mappings()
    return [({"city": row["city"], "certificate_no": row["certificate_no"]}, row["entry_version"]) for row in found]


def _products(loader: Loader) -> list[Product]:
    found = loader.connection.execute(select(t.product).order_by(t.product.c.product_key)).mappings()
    return [rows.product_of(row) for row in found]


def _assess(_: Office, loader: Loader, ruling: Ruling) -> Made:
    listings = _listings(loader)
    if not listings:
        return None
    listing, version = listings[ruling.pick % len(listings)]
    met = (*GOOD, "green") if ruling.other < 6 else GOOD
    found = {"listing": listing, "criteria": dict.fromkeys(met, True), "assessed_on": "2021-07-20"}
    return events.ASSESSMENT_RECORDED, "assessment", {**found, "entry_version": version + ruling.other // 7}


def _batch(_: Office, loader: Loader, ruling: Ruling) -> Made:
    products = _products(loader)
    named = [one for one in products if one.status == "eligible"] or products[: ruling.pick]
    if not named:
        return None
    number = loader.context(exclusive=False).last_batch + 1
    items = [{"product_key": one.product_key, "state_hash": one.hash} for one in named]
    host = RULE_SET_1.host_of(number + ruling.other // 7)
    return events.BATCH_PUBLISHED, "batch", {
        "number": number, "host": host, "day": "2021-07-22", "document": f"〔2021〕{number}号", "products": items
    }  # fmt: skip


def _raise(office: Office, loader: Loader, ruling: Ruling) -> Made:
    products = _products(loader)
    if not products:
        return None
    office.objections += ruling.other != 7
    key = products[ruling.pick % len(products)].product_key
    data = {"objection": f"YY-{office.objections}", "product_key": key, "text": "异议", "deadline": "2021-08-06"}
    return events.OBJECTION_RAISED, key, data


def objected(products: Sequence[Product]) -> list[tuple[str, str]]:
    """Keys, old ones too, each with the number of an objection that is open to what they lead to."""
    by_key, found = {one.product_key: one for one in products}, set[tuple[str, str]]()
    for one in products:
        at = one
        for _ in products:
            found |= {(one.product_key, said["id"]) for said in (*at.standing.get("objections", ()), *at.open_objections)}
            at = by_key[at.moved_to] if at.moved_to is not None else at
    return sorted(found)


def _settle(_: Office, loader: Loader, ruling: Ruling) -> Made:
    found = objected(_products(loader))
    if not found:
        return None
    key, objection = found[ruling.pick % len(found)]
    effect = ("none", "suspend", "restore", "bar")[ruling.other % 4]
    return events.OBJECTION_SETTLED, key, {"objection": objection, "product_key": key, "effect": effect}


def _pointer(kind: EventType, *, undo: bool) -> Callable[[Office, Loader, Ruling], Made]:
    def decided(_: Office, loader: Loader, ruling: Ruling) -> Made:
        listings = _listings(loader)
        if not listings:
            return None
        data: dict[str, Any] = {"listing": listings[ruling.pick % len(listings)][0], "undo": undo}
        if kind is events.IDENTITY_JOINED and not undo:
            data["follows"] = listings[ruling.other % len(listings)][0]
        return kind, "identity", data

    return decided


def _activate(office: Office, _: Loader, ruling: Ruling) -> Made:
    office.rules += 1
    rules = RULE_SET_1.model_copy(
        update={
            "version": office.rules,
            "any_of": RULE_SET_1.any_of[: 4 * (ruling.pick % 2)],
            "all_of": (*RULE_SET_1.all_of, "brand")[: 5 + ruling.other % 2],
            "review_date": (None, FIRST_DAY, FIRST_DAY + timedelta(days=2))[ruling.other % 3],
            "waits": ((), ("withdrawn",))[ruling.pick % 2],
            "renewal_restores": ruling.pick < 5,
        }
    )
    return events.RULES_ACTIVATED, "rules", {"rules": rules.model_dump(mode="json")}


def _release(_: Office, loader: Loader, ruling: Ruling) -> Made:
    query = select(t.parked.c.source, t.parked.c.sequence).order_by(t.parked.c.source, t.parked.c.sequence)
    found = loader.connection.execute(query).all()
    if not found:
        return None
    source, sequence = found[ruling.pick % len(found)]
    return events.PARKED_RELEASED, "parked", {"source": source, "sequence": sequence}


def _revoke_nothing(_: Office, __: Loader, ___: Ruling) -> Made:
    return events.KEY_REVOKED, "key", {"source": CHANGSHA.source, "keyid": "0" * 16, "after_sequence": 1}


def _trust_wrongly(_: Office, __: Loader, ruling: Ruling) -> Made:
    """A key under another name, or one of a city for the entries of another."""
    wrong = ({"keyid": "0" * 16}, {"register_city": ZHUZHOU.code})[ruling.pick % 2]
    return events.KEY_TRUSTED, "key", {**Source(CHANGSHA.source, "spare").key_data(), **wrong}


def continued(source: str, chain: Chain, fork: tuple[int, str] | None, pick: int) -> dict[str, Any]:
    """Where a chain goes on: at `fork`, or where it is; with one of its gaps given up, or all, or none; or what can't be."""
    if pick == 0 and chain.head_sequence > 1:
        return {"source": source, "sequence": chain.head_sequence - 1, "hash": chain.head_hash, "lost": []}
    gaps = [[gap.first, gap.last] for gap in chain.gaps]
    lost = [gaps[pick % len(gaps)]] if gaps and pick % 2 else gaps
    sequence, head = fork or (max(chain.head_sequence, 1), chain.head_hash)
    return {"source": source, "sequence": sequence, "hash": head, "lost": lost if pick != 2 else [[1, 99]]}


RULE: dict[str, tuple[EventType, Callable[[Office, Loader, Ruling], Made]]] = {
    "assess": (events.ASSESSMENT_RECORDED, _assess),
    "batch": (events.BATCH_PUBLISHED, _batch),
    "raise": (events.OBJECTION_RAISED, _raise),
    "settle": (events.OBJECTION_SETTLED, _settle),
    "join": (events.IDENTITY_JOINED, _pointer(events.IDENTITY_JOINED, undo=False)),
    "unjoin": (events.IDENTITY_JOINED, _pointer(events.IDENTITY_JOINED, undo=True)),
    "separate": (events.IDENTITY_SEPARATED, _pointer(events.IDENTITY_SEPARATED, undo=False)),
    "unite": (events.IDENTITY_SEPARATED, _pointer(events.IDENTITY_SEPARATED, undo=True)),
    "rules": (events.RULES_ACTIVATED, _activate),
    "release": (events.PARKED_RELEASED, _release),
    "revoke_nothing": (events.KEY_REVOKED, _revoke_nothing),
    "trust_wrongly": (events.KEY_TRUSTED, _trust_wrongly),
}
"""What the joint office decides on what it sees, and how; None where there is nothing to decide on."""
