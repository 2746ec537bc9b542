"""One product whole: each field with the listing it came from, the rule that chose it, and the values that lost."""

from typing import Any

from consumers.core.merge import SHOWN
from consumers.core.precedence import decisive, precedence, ranked
from consumers.store.load import Loader
from consumers.store.queries.products import current_product, on_day, product_json
from consumers.store.queries.stated import stated


def golden(loader: Loader, key: str, day: str | None = None) -> dict[str, Any] | None:
    """`hub product`: the product that a key, old or new, leads to; None when it leads to none. `day`: another than the store's.

    `rule` of a field is what decided between the listing shown and the next one: a word of the precedence, `only_listing` or
    `no_listing`; `lost` are the other values with their listings.
    """
    product = current_product(loader, key)
    if product is None:
        return None
    context = loader.context(exclusive=False, lock=False)
    members = [one for one in loader.members([product.product_key]).values() if one.product_key == product.product_key]
    order = ranked(members, context.rules)
    rule = "no_listing" if not order else "only_listing" if len(order) == 1 else decisive(order[0], order[1], context.rules)
    shown = product_json(product if day is None else on_day(loader, [product], day)[0])
    return shown | {
        "asked_for": key,
        "fields": [
            {
                "field": name,
                "value": shown[name],
                "from": product.fields[name]["from"] if name in product.fields else None,
                "rule": rule,
                "lost": product.fields[name]["lost"] if name in product.fields else [],
            }
            for name in SHOWN
        ],
        "rule_set": context.rule_set,
        "field_precedence": list(precedence(context.rules)),
        **stated(loader, day),
    }
