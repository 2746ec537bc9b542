"""Which products an objection concerns: by its number, by old keys, and by the listings that brought it to another product."""

from collections.abc import Collection, Set
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, or_, select

from consumers.core.needs import Needs
from consumers.store.bulk import Bulk
from schemas.tables import store as t


class Asked(Protocol):
    """Where it is looked up. Nobody else may write meanwhile: whatever speaks of objections has the context for itself."""

    connection: Connection
    bulk: Bulk


def concerned(asked: Asked, needs: Needs) -> set[str]:
    """The keys under which the objections spoken of stand, those that are named, and all that these lead to."""
    if not needs.objections:
        return set()
    found = _led_to(asked, needs.named) | _holding(asked, needs.objections)
    found |= _by_decision(asked, found)
    if needs.applicants_of:  # what suspends them may be lifted, and it stands elsewhere too
        found |= _holding(asked, _suspending(asked, found))
        found |= _by_decision(asked, found)
    return found


def _led_to(asked: Asked, keys: Set[str]) -> set[str]:
    """These keys and those that readers are led to from them."""
    found, frontier = set(keys), set(keys)
    while frontier:
        query = select(t.product.c.moved_to).where(asked.bulk.among(t.product.c.product_key, sorted(frontier)))
        frontier = {key for key in asked.connection.execute(query).scalars() if key is not None} - found
        found |= frontier
    return found


def _holding(asked: Asked, numbers: Collection[str]) -> set[str]:
    """The keys under which something stands that has one of these numbers."""
    found = set[str]()
    for number in sorted(numbers):
        holds = t.product.c.standing.contains(f'"{number}"', autoescape=True)
        found |= set(asked.connection.execute(select(t.product.c.product_key).where(holds)).scalars())
    return found


def _by_decision(asked: Asked, keys: Set[str]) -> set[str]:
    """The products and identities of listings that belong elsewhere by decision, where one of the two is among `keys`."""
    table = t.listing.c
    pointed = or_(table.follows.is_not(None), table.separate == 1)
    either = or_(asked.bulk.among(table.own_key, sorted(keys)), asked.bulk.among(table.product_key, sorted(keys)))
    query = select(table.own_key, table.product_key).where(pointed, either)
    return {key for pair in asked.connection.execute(query) for key in pair}


def _suspending(asked: Asked, keys: Set[str]) -> set[str]:
    """The numbers of what suspends these products."""
    query = select(t.product.c.standing).where(asked.bulk.among(t.product.c.product_key, sorted(keys)))
    standings: list[dict[str, Any]] = [orjson.loads(text) for text in asked.connection.execute(query).scalars()]
    return {number for one in standings for number in one.get("suspended_by", {})}
