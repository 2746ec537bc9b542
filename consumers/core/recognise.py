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


def status_of(product: Product, members: Sequence[Listing], context: Context) -> str:
    """The status of `product`, made of the listings `members`, in `context`."""
    day, rules = context.day, context.rules
    valid = [listing for listing in members if valid_on(listing, day)]
    qualifying = any(qualifies(listing, rules) for listing in valid)
    if product.published:
        return _published_status(product, members, context, qualifying or _under_review(valid, context))
    if qualifying and not context.is_barred(product.uscc):
        return "eligible"
    return "candidate" if valid else "inactive"


def _published_status(product: Product, members: Sequence[Listing], context: Context, qualifying: bool) -> str:
    if "suspended_by" in product.standing or context.is_barred(product.uscc):
        return "suspended"
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
