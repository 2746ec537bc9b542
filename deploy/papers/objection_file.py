"""The whole file of an objection: each step as the log has it, the product as it stood, deadline, rules and effect."""

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from consumers.outgoing import receipt_data
from consumers.store import log, queries
from deploy.as_of import stores_at
from deploy.wiring import Wiring
from schemas.events import OBJECTION_RAISED, OBJECTION_SETTLED
from schemas.tables import store as t

if TYPE_CHECKING:
    from consumers.core.model import Listing
    from consumers.store.load import Loader

Step = dict[str, Any]


def objection_file(wiring: Wiring, number: str) -> dict[str, Any] | None:
    """Everything about the objection `number`, in the log's order; None when nobody ever spoke of it.

    The log is folded once, so that each step shows its products before and after. Raises `LogRolledBack`, `StoreUnavailable`.
    """
    with wiring.store.snapshot() as loader:
        steps = queries.objection_steps(loader, number)
        if not steps:
            return None
        for step in steps:
            step["receipt"] = receipt_data(loader, step["audit_index"], step["leaf"])
        size, day = log.size(loader.connection), loader.context(exclusive=False, lock=False).day
        rules = _rule_sets(loader, steps)
        key = next(iter((_raising(steps) or steps[0])["products"]), "")
        now = _now(loader, key)
    _add_standings(wiring, steps)
    settled = _settling(steps)
    last = wiring.archive.latest()
    return {
        "objection": number,
        "state": "settled" if settled is not None else "open" if _raising(steps) is not None else "never_open",
        "product_key": key,
        "day": day,
        "log_size": size,
        "log_origin": wiring.settings.log_origin,
        "checkpoint": {"size": last.size, "note": last.note} if last is not None else None,
        "preference": queries.PREFERENCE,
        "deadline": _deadline(_raising(steps), settled, rules, day),
        "effect": _effect(settled),
        "product_now": now,
        "steps": steps,
        "rule_sets": rules,
    }


def _last_applied(steps: Sequence[Step], kind: str) -> Step | None:
    found = [step for step in steps if step["type"] == kind and step["outcome"] == "applied"]
    return found[-1] if found else None


def _raising(steps: Sequence[Step]) -> Step | None:
    """The step that last opened it."""
    return _last_applied(steps, OBJECTION_RAISED.name)


def _settling(steps: Sequence[Step]) -> Step | None:
    """The step that closed it; None while it is open, also when it was raised again."""
    raised, settled = _raising(steps), _last_applied(steps, OBJECTION_SETTLED.name)
    if raised is None or settled is None or settled["audit_index"] < raised["audit_index"]:
        return None
    return settled


def _rule_sets(loader: "Loader", steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The rule sets under which the steps were decided, whole."""
    versions = sorted({step["leaf"]["rule_set"] for step in steps} - {0})
    query = select(t.rule_set.c.body).where(t.rule_set.c.version.in_(versions)).order_by(t.rule_set.c.version)
    return [json.loads(body) for body in loader.connection.execute(query).scalars()]


def _now(loader: "Loader", key: str) -> dict[str, Any] | None:
    """The product today, under whatever key it went on."""
    found = queries.current_product(loader, key)
    return None if found is None else queries.product_json(found)


def _add_standings(wiring: Wiring, steps: Sequence[Step]) -> None:
    """Each step gets `before` and `after`: the store's day and rule set, and its products with their listings."""
    wanted = {index for step in steps for index in (step["audit_index"] - 1, step["audit_index"]) if index >= 0}
    keys = sorted({key for step in steps for key in step["products"]})
    stood = {index: _standing(loader, keys) for index, loader in stores_at(wiring, wanted)}
    for step in steps:
        step["before"] = _of(stood.get(step["audit_index"] - 1), step["products"])
        step["after"] = _of(stood[step["audit_index"]], step["products"])


def _of(standing: dict[str, Any] | None, keys: Sequence[str]) -> dict[str, Any] | None:
    if standing is None:
        return None
    return standing | {"products": [standing["products"][key] for key in keys if key in standing["products"]]}


def _standing(loader: "Loader", keys: Sequence[str]) -> dict[str, Any]:
    context = loader.context(exclusive=False, lock=False)
    found = [product for product in (queries.product(loader, key) for key in keys) if product is not None]
    members = sorted(loader.members([product.product_key for product in found]).values(), key=lambda one: one.key)
    return {
        "log_size": log.size(loader.connection),
        "day": context.day,
        "rule_set": context.rule_set,
        "products": {
            product.product_key: queries.product_json(product)
            | {
                "standing": product.standing,
                "hash": product.hash,
                "listings": [_listing(one) for one in members if one.product_key == product.product_key],
            }
            for product in found
        },
    }


def _listing(listing: "Listing") -> dict[str, Any]:
    return {
        "city": listing.city,
        "certificate_no": listing.certificate_no,
        "entry_version": listing.entry_version,
        "sequence": listing.sequence,
        "entry": listing.entry,
        "assessment": listing.assessment,
        "hash": listing.hash,
    }


def _deadline(raised: Step | None, settled: Step | None, rules: Sequence[dict[str, Any]], day: str | None) -> dict[str, Any] | None:
    """When it had to be answered, and what the rule set in force on raising says; `overdue` on settling, or today."""
    if raised is None:
        return None
    began, until = raised["after"]["day"], raised["data"]["deadline"]
    ended = settled["after"]["day"] if settled is not None else day
    rule = next((one for one in rules if one["version"] == raised["leaf"]["rule_set"]), None)
    return {
        "day": until,
        "raised_on": began,
        "days_given": (date.fromisoformat(until) - date.fromisoformat(began)).days if began else None,
        "rule_set": raised["leaf"]["rule_set"],
        "rule_set_days": rule["objection_days"] if rule is not None else None,
        "settled_on": settled["after"]["day"] if settled is not None else None,
        "overdue": ended is not None and until < ended,
    }


def _effect(settled: Step | None) -> dict[str, Any] | None:
    """What settling changed: the status of each product it touched, before and after."""
    if settled is None:
        return None
    before = {one["product_key"]: one for one in (settled["before"] or {"products": []})["products"]}
    changed = [
        {
            "product_key": one["product_key"],
            "product_name": one["product_name"],
            "enterprise_name": one["enterprise_name"],
            "status_before": before[one["product_key"]]["status"] if one["product_key"] in before else None,
            "status_after": one["status"],
            "disputed_after": one["disputed"],
        }
        for one in settled["after"]["products"]
    ]
    return {"effect": settled["data"].get("effect"), "audit_index": settled["audit_index"], "products": changed}
