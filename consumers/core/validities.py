"""The days for which a listing is registered: the validity of its entry, and before its first day those that were said earlier.

A renewal is registered before the old certificate ends. It takes nothing from what runs until then, with or without a gap.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from consumers.core.model import Listing
from schemas.entry import RegisterEntry

Validity = tuple[str, str]
"""First and last day, ISO; both count."""


def earlier(before: Listing | None, entry: RegisterEntry, *, corrected: bool) -> tuple[Validity, ...]:
    """The validities that began before that of `entry`, which follows on `before`; `corrected`: what was said was wrong.

    An event that corrects code or district may renew too (design §6: the type that says most wins); one that corrects neither
    says that the validity was wrong.
    """
    if before is None:
        return ()
    known = before.earlier
    if not corrected or any(before.entry[name] != getattr(entry, name) for name in ("uscc", "district_code")):
        known = (*known, (before.entry["valid_from"], before.entry["valid_to"]))
    first = entry.valid_from.isoformat()
    return tuple(validity for validity in known if validity[0] < first)


def in_date(listing: Listing, day: str | None) -> bool:
    """Whether the listing is registered for `day`: what was said last of it counts."""
    if day is None:
        return False
    first, last = listing.entry["valid_from"], listing.entry["valid_to"]
    if first <= day or not listing.earlier:
        return bool(first <= day <= last)
    return next((day <= last for first, last in reversed(listing.earlier) if first <= day), False)


def validities(listing: Listing) -> Iterable[Validity]:
    """All of them, oldest first; each ends before the next begins."""
    known = [*listing.earlier, (listing.entry["valid_from"], listing.entry["valid_to"])]
    for (first, last), following in zip(known, (*known[1:], None), strict=True):
        yield first, last if following is None else min(last, _day_before(following[0]))


def day_after(day: str) -> str:
    """The next day; of the last day there is, that day."""
    return day if day == date.max.isoformat() else (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
