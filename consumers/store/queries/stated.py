"""What every answer on recognition says besides: the day, the size of the log it was read from, and what recognition is."""

from typing import Any

from consumers.store import log
from consumers.store.load import Loader

PREFERENCE = "同等条件下优先"


def stated(loader: Loader, day: str | None = None) -> dict[str, Any]:
    """`{day, log_size, preference}`; `day` is the one asked for, or the store's own (None before the first)."""
    own = loader.context(exclusive=False, lock=False).day
    return {"day": day or own, "log_size": log.size(loader.connection), "preference": PREFERENCE}
