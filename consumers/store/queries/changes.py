"""The feed of products by log index: whoever follows it has what the store has, without reading it whole again."""

from typing import Any

from sqlalchemy import Select, exists, select

from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.queries.products import product_json
from consumers.store.queries.stated import stated
from schemas.errors import Both, UsageError
from schemas.tables import store as t


def changes(loader: Loader, since: int = 0, limit: int = 100) -> dict[str, Any]:
    """Products that entries from index `since` on changed, by the index of their last change, each as it is now.

    `next` is the index to ask from the next time; a product that changes again comes again. `audit_index` names the entry that
    is the basis of each. All that one entry changed comes on one page. Raises `UsageError` for an index beyond the log's end.
    """
    now = stated(loader)
    if since > now["log_size"]:
        raise _beyond(since, now["log_size"])
    query = _last_changes(since)
    found = loader.connection.execute(query.limit(limit)).mappings().all()
    if len(found) == limit:  # the entry that the page ends in may have changed more products than it holds
        end = found[-1]["last"]
        found = loader.connection.execute(query.where(t.product_change.c.audit_index <= end)).mappings().all()
    return {
        "changes": [{"audit_index": row["last"], "product": product_json(rows.product_of(row))} for row in found],
        "next": found[-1]["last"] + 1 if len(found) >= limit else now["log_size"],
        **now,
    }


def _last_changes(since: int) -> Select[Any]:
    """Each product beside its last change, in the log's order: a walk along it, which ends when a page is full."""
    change = t.product_change
    later = change.alias()
    again = exists().where(later.c.product_key == change.c.product_key, later.c.audit_index > change.c.audit_index)
    query = select(t.product, change.c.audit_index.label("last")).join(change, change.c.product_key == t.product.c.product_key)
    return query.where(change.c.audit_index >= since, ~again).order_by(change.c.audit_index, change.c.product_key)


def _beyond(since: int, size: int) -> UsageError:
    return UsageError(
        Both(
            f"日志只有 {size} 条，没有第 {since} 条之后的变化。",
            f"The log has {size} entries; nothing can follow entry {since} yet.",
        ),
        Both(
            "请用上一次答复里的 next；序号确实出自本库的，请报告管理员：日志变短了。",
            "Ask with `next` of the last answer. If that was it, tell the operator: the log became shorter.",
        ),
    )
