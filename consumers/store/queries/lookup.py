"""Whether a product is recognised: found by its identity, or told what stands instead. A name alone never decides."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.queries.products import product_json
from schemas import text
from schemas.identity import model_key, name_key
from schemas.tables import store as t


def lookup(loader: Loader, *, uscc: str = "", enterprise_name: str = "", product_name: str, models: str = "") -> dict[str, Any]:
    """What the store knows under a code (or, without one, a firm's name), a product name and models, all as written.

    `match`: `exact`, `model_differs` (the firm's product is listed with other models), `ambiguous` (no model was given
    and several products have the name) or `none`; `product` is the one found, `others` the products that share the name.
    """
    found = [one for one in _of_firm(loader, uscc, enterprise_name) if name_key(one.product_name) == name_key(product_name)]
    asked = set(model_key(text.models(models)[0]))
    exact = _exact(found, asked)
    if exact is not None:
        return {"match": "exact", "product": product_json(exact), "others": []}
    match = "none" if not found else "model_differs" if asked else "ambiguous"
    return {"match": match, "product": None, "others": [product_json(one) for one in found]}


def _of_firm(loader: Loader, uscc: str, enterprise_name: str) -> Iterable[Product]:
    """The listed products of a firm; its code counts when there is one, because names are shared and change."""
    code = text.uscc_text(uscc).value
    if code:
        query = select(t.product).where(t.product.c.uscc == code)
    elif enterprise_name:
        query = select(t.product).where(t.product.c.enterprise_name == text.enterprise_name(enterprise_name).value)
    else:
        return
    query = query.where(t.product.c.moved_to.is_(None)).order_by(t.product.c.product_key)
    yield from (rows.product_of(row) for row in loader.connection.execute(query).mappings())


def _exact(found: Sequence[Product], asked: set[str]) -> Product | None:
    """The product with just these models, else the only one whose models hold them; without models the only one."""
    same = [one for one in found if set(model_key(one.models)) == asked]
    if same:
        return same[0]
    holding = [one for one in found if asked <= set(model_key(one.models))]
    return holding[0] if len(holding) == 1 else None
