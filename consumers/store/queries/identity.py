"""Questions of identity: pairs of products that may be one, and listings that people joined or set apart."""

from typing import Any

from sqlalchemy import or_, select

from consumers.core.model import Product
from consumers.core.near import Question, questions
from consumers.store import rows
from consumers.store.load import Loader
from schemas.tables import store as t


def identity_questions(loader: Loader, limit: int = 100, cursor: int = 0) -> dict[str, Any]:
    """`joint identity list`: near matches by falling score, and every pointer in force. What was set apart isn't asked again."""
    apart = select(t.listing.c.product_key).where(t.listing.c.separate == 1)
    query = select(t.product).where(t.product.c.listings != "[]", t.product.c.product_key.not_in(apart))
    found = questions(rows.product_of(row) for row in loader.connection.execute(query).mappings())
    page = [_question(one) for one in found[cursor : cursor + limit]]
    return {"questions": page, "pointers": _pointers(loader), "next": cursor + limit if len(found) > cursor + limit else None}


def _question(one: Question) -> dict[str, Any]:
    return {"score": one.score, "differs": list(one.differs), "left": _side(one.left), "right": _side(one.right)}


def _side(product: Product) -> dict[str, Any]:
    return {
        "product_key": product.product_key,
        "uscc": product.uscc,
        "enterprise_name": product.enterprise_name,
        "product_name": product.product_name,
        "models": list(product.models),
        "category": product.category,
        "listings": [f"{listing['city']}/{listing['certificate_no']}" for listing in product.listings],
    }


def _pointers(loader: Loader) -> list[dict[str, Any]]:
    table = t.listing
    query = select(table).where(or_(table.c.follows.is_not(None), table.c.separate == 1))
    found = loader.connection.execute(query.order_by(table.c.city, table.c.certificate_no)).mappings()
    return [
        {"listing": f"{row['city']}/{row['certificate_no']}", "follows": row["follows"], "separate": bool(row["separate"])}
        for row in found
    ]
