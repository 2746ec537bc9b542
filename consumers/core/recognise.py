"""Recognition of a product on a day: the first line of the design's table that holds (§6)."""

from collections.abc import Sequence

from consumers.core.model import Context, Listing
from consumers.core.validities import day_after, in_date, validities
from schemas.rules import RuleSet


def qualifies(listing: Listing, rules: RuleSet | None) -> bool:
    """Whether the listing's assessment meets the rule set: all of its criteria, and one of its grounds."""
    if rules is None or listing.assessment is None:
        return False
    criteria = listing.assessment["criteria"]
    met_all = all(criteria.get(name) is True for name in rules.all_of)
    return met_all and (not rules.any_of or any(criteria.get(name) is True for name in rules.any_of))


def valid_on(listing: Listing, day: str | None) -> bool:
    """Whether its city lists it as active on `day`."""
    return listing.entry["source_status"] == "active" and in_date(listing, day)


def status_of(suspended: bool, uscc: str, members: Sequence[Listing], context: Context, published_on: str | None) -> str:
    """The status that the listings `members` give a product in `context`.

    `suspended`: by a decision; `uscc` and the day of its publication (ISO, None without one) as it shows them now.
    """
    day, rules, barred = context.day, context.rules, context.is_barred(uscc)
    valid = [listing for listing in members if valid_on(listing, day)]
    qualifying = any(qualifies(listing, rules) for listing in valid)
    if published_on is None:
        if qualifying and not barred:
            return "eligible"
        return "candidate" if valid else "inactive"
    if barred or suspended:
        return "suspended"
    if qualifying or _under_review(valid, context):
        if _lasts(published_on, members, context):
            return "recognized"
        if qualifying:
            return "eligible"
    if any(listing.entry["source_status"] == "suspended" and in_date(listing, day) for listing in members):
        return "suspended"
    return "lapsed"


def _lasts(published_on: str, members: Sequence[Listing], context: Context) -> bool:
    """Whether the publication still counts: always, unless by the rules a renewal after a gap needs a new batch.

    Then the validities of its listings, taken together, have to reach from the publication to today. That hangs on what the
    cities say, not on when it was heard.
    """
    if context.rules is None or context.rules.renewal_restores or context.day is None:
        return True
    reached = published_on
    counting = [listing for listing in members if listing.entry["source_status"] != "withdrawn"]
    for first, last in sorted(validity for listing in counting for validity in validities(listing)):
        if first <= day_after(reached):
            reached = max(reached, last)
    return reached >= context.day


def _under_review(valid: Sequence[Listing], context: Context) -> bool:
    """A product recognised under earlier rules stays so until the new set's review date, as long as it is assessed."""
    review = context.rules.review_date if context.rules else None
    if review is None or context.day is None or context.day > review.isoformat():
        return False
    return any(listing.assessment is not None for listing in valid)
