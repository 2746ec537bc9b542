"""Which listing the fields of a product come from: the order that the rule set names, never that of arrival."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from consumers.core.model import Listing
from schemas.rules import RuleSet

BEFORE_ANY_RULES = ("event_time", "city_code")
ALWAYS_LAST = ("city_code", "certificate_no")
"""What decides when all that the rule set names is equal; no two listings share both."""


def by_time(event_time: str) -> float:
    """Sorts the latest first; the same instant under another offset is the same."""
    return -datetime.fromisoformat(event_time).timestamp()


_COMPARED: dict[str, Callable[[Listing], Any]] = {
    "event_time": lambda listing: by_time(listing.event_time),
    "city_code": lambda listing: listing.entry["register_city"],
    "certificate_no": lambda listing: listing.certificate_no,
}


def precedence(rules: RuleSet | None) -> tuple[str, ...]:
    """What is compared, one after the other: `event_time` (latest first), `city_code` and `certificate_no` (lowest first)."""
    named = rules.field_precedence if rules is not None else BEFORE_ANY_RULES
    return tuple(dict.fromkeys((*named, *ALWAYS_LAST)))


def ranked(members: Sequence[Listing], rules: RuleSet | None) -> list[Listing]:
    """The listings of a product, the one that it shows first. Nearly every product has one, which needs no sorting."""
    if len(members) == 1:
        return list(members)
    order = precedence(rules)
    return sorted(members, key=lambda listing: tuple(_COMPARED[name](listing) for name in order))


def decisive(first: Listing, other: Listing, rules: RuleSet | None) -> str:
    """What put `first` before `other`: the first of the precedence in which they differ."""
    return next(name for name in precedence(rules) if _COMPARED[name](first) != _COMPARED[name](other))
