"""Recognition of a product on a day: the first line of the design's table that holds (§6)."""

from collections.abc import Sequence

from consumers.core.model import Context, Listing, Product
from schemas.rules import RuleSet


def qualifies(listing: Listing, rules: RuleSet | None) -> bool:
    """Whether the listing's assessment meets the rule set: all of its criteria, and one of its grounds."""
    if rules is None or listing.assessment is None:
        return False
    criteria = listing.assessment["criteria"]
    met_all = all(criteria.get(name) is True for name in rules.all_of)
    return met_all and (not rules.any_of or any(criteria.get(name) is True for name in rules.any_of))


def in_date(listing: Listing, day: str | None) -> bool:
    """Whether `day` lies in the listing's validity; both ends count."""
    return day is not None and listing.entry["valid_from"] <= day <= listing.entry["valid_to"]


def valid_on(listing: Listing, day: str | None) -> bool:
    """Whether its city lists it as active on `day`."""
    return listing.entry["source_status"] == "active" and in_date(listing, day)


def status_of(product: Product, uscc: str, members: Sequence[Listing], context: Context, *, published: bool) -> str:
    """The status that the listings `members` give a product in `context`.

    `product` as it was, for its standing and its last status; `uscc` and `published` as it shows them now.
    """
    day, rules, barred = context.day, context.rules, context.is_barred(uscc)
    valid = [listing for listing in members if valid_on(listing, day)]
    qualifying = any(qualifies(listing, rules) for listing in valid)
    if published and (barred or "suspended_by" in product.standing):
        return "suspended"
    if published:
        return _published_status(product, members, context, qualifying or _under_review(valid, context))
    if qualifying and not barred:
        return "eligible"
    return "candidate" if valid else "inactive"


def _published_status(product: Product, members: Sequence[Listing], context: Context, qualifying: bool) -> str:
    ended = product.status == "lapsed" and context.rules is not None and not context.rules.renewal_restores
    if qualifying and not ended:
        return "recognized"
    if any(listing.entry["source_status"] == "suspended" and in_date(listing, context.day) for listing in members):
        return "suspended"
    return "lapsed"


def _under_review(valid: Sequence[Listing], context: Context) -> bool:
    """A product recognised under earlier rules stays so until the new set's review date, as long as it is assessed."""
    review = context.rules.review_date if context.rules else None
    if review is None or context.day is None or context.day > review.isoformat():
        return False
    return any(listing.assessment is not None for listing in valid)
