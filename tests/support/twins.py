"""A decision on identity that was undone, and the same history without it: the stores then hold the same."""

from dataclasses import dataclass, replace
from typing import Any

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.store import Store
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.ports import Record
from schemas.tables import store as t
from tests.support.interleaving import state
from tests.support.registries import Act
from tests.support.rulings import RULE, Office, Ruling
from tests.support.scenes import Scene
from tests.support.stores import copy_in_memory

UNDONE_BY = {"join": "unjoin", "separate": "unite"}


@dataclass(frozen=True)
class Passing:
    """A decision on a listing, what is said until it is undone, and how many days begin.

    No answers to objections: whether a city may give one depends on what it lists when it is heard, and then it stays given.
    """

    kind: str
    ruling: Ruling
    acts: tuple[tuple[int, Act], ...]
    days: int


def passes(scene: Scene, passing: Passing) -> list[str]:
    """Let it happen and be undone; and beside it, on a copy of the store, all but the decision. What differs afterwards."""
    scene.settle()
    with scene.store.snapshot() as loader:
        decided = RULE[passing.kind][1](Office(), loader, passing.ruling)
    if decided is None:
        return []
    twin = scene.hub.on(copy_in_memory(scene.store, "twin"))
    office = replace(scene.joint, records=list(scene.joint.records))

    def topics() -> dict[str, list[Record]]:
        return scene.topics() | {JOINT_OFFICE: office.records}

    scene.rule(lambda *_: decided)
    if not _applied(scene.store):
        return []
    for city, act in passing.acts:
        scene.say(city, act)
    for _ in range(passing.days):
        scene.begin_day()
        office.decide(events.DAY_BEGAN, "day", {"day": scene.day.isoformat()})
    scene.settle()
    twin.read(topics(), {source: len(records) for source, records in topics().items()})
    undo = {"listing": decided[2]["listing"], "undo": True}
    scene.rule(lambda *_: (RULE[UNDONE_BY[passing.kind]][0], "identity", undo))
    return _differences(scene.store, twin.store)


def _applied(store: Store) -> bool:
    with store.snapshot() as loader:
        leaf = loader.connection.execute(t.audit_entry.select().order_by(t.audit_entry.c.idx.desc())).mappings().first()
    return leaf is not None and b'"outcome":"applied"' in bytes(leaf["leaf"])


def _differences(store: Store, twin: Store) -> list[str]:
    """Rows of the cities, of listings and products; a product without listings shows what it showed last, so that is left out."""
    ours, theirs = _told(store), _told(twin)
    return [f"{name}: {ours.get(name)!r} after the undoing, {theirs.get(name)!r} without" for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)]  # fmt: skip


def _told(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table, entries in state(store).items():
        if table == "product":
            for row in entries:
                found |= _product(rows.product_of(row))
        else:
            of_cities = [row for row in entries if row.get("source") != JOINT_OFFICE]
            found |= {f"{table} {number}": row for number, row in enumerate(of_cities)}
    return found


def _product(product: Product) -> dict[str, Any]:
    if product.listings:
        return {f"product {product.product_key}": product}
    lasting = ("status", "disputed", "batch", "standing", "publication", "moved_to", "former")
    told = {name: getattr(product, name) for name in lasting}
    unheard = {name: getattr(Product(product.product_key), name) for name in lasting}
    return {} if told == unheard else {f"product {product.product_key} without listings": told}
