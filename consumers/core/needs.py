"""What has to be loaded before a batch can be decided: found from the events alone, so that loading is a few set queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from consumers.core.applicants import is_fraud
from consumers.core.model import Context, EntryKey
from schemas import decisions as d
from schemas.envelope import Envelope
from schemas.events import ObjectionAnswered, StatementData
from schemas.identity import product_key, separate_key


@dataclass
class Needs:
    """Listings and products by key; `edge_day`: products whose listings begin or ended that day; or everything.

    `chains`: sources whose chain a decision names; `parked`: (source, sequence) of events that one releases.
    `objections`: numbers that are spoken of, wherever they are open; `named`: keys that may be old ones of a product.
    `applicants`: codes all of whose products may change; `applicants_of`: the same by the key of one of the products.
    """

    listings: set[EntryKey] = field(default_factory=set)
    products: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    applicants: set[str] = field(default_factory=set)
    applicants_of: set[str] = field(default_factory=set)
    edge_day: date | None = None
    everything: bool = False
    all_heads: bool = False
    chains: set[str] = field(default_factory=set)
    parked: set[tuple[str, int]] = field(default_factory=set)
    objections: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


def needs_of(source_city: str | None, context: Context, envelopes: Iterable[Envelope]) -> Needs:
    """The needs of a batch of one source; `source_city` is the city's word, None for the joint office."""
    needs = Needs()
    for envelope in envelopes:
        if envelope.subject:
            needs.subjects.add(envelope.subject)
        data, entry = envelope.data, envelope.entry
        if entry is not None:
            if source_city is not None:
                needs.listings.add((source_city, entry.certificate_no))
            needs.products.add(product_key(entry.uscc, entry.product_name, entry.models))
            if is_fraud(entry):
                needs.applicants.add(entry.uscc)
        elif isinstance(data, StatementData):
            needs.all_heads = True
        elif isinstance(data, ObjectionAnswered):
            needs.named.add(data.product_key)
            needs.objections.add(data.objection)
        elif isinstance(data, d.Decision) and source_city is None:  # on a city's topic it decides nothing
            _add_decision(needs, context, data)
    return needs


def _add_decision(needs: Needs, context: Context, data: d.Decision) -> None:
    if isinstance(data, d.RulesActivated):
        needs.everything = True
    elif isinstance(data, d.DayBegan):
        review = context.rules.review_date if context.rules else None
        first_or_review = context.day is None or (review is not None and data.day.toordinal() == review.toordinal() + 1)
        needs.everything = needs.everything or first_or_review
        needs.edge_day = data.day
    elif isinstance(data, d.AssessmentRecorded):
        needs.listings.add(_key(data.listing))
    elif isinstance(data, d.IdentityJoined):
        needs.listings |= {_key(found) for found in (data.listing, data.follows) if found is not None}
    elif isinstance(data, d.IdentitySeparated):
        needs.listings.add(_key(data.listing))
        needs.products.add(separate_key(*_key(data.listing)))  # it may have stood alone before
    elif isinstance(data, d.ParkedReleased):
        needs.parked.add((data.source, data.sequence))
    elif isinstance(data, d.SourceContinued):
        needs.chains.add(data.source)
    else:
        _add_products(needs, data)


def _add_products(needs: Needs, data: d.Decision) -> None:
    """Of decisions that name products by their key."""
    if isinstance(data, d.BatchPublished):
        needs.products |= {item.product_key for item in data.products}
    elif isinstance(data, d.ObjectionRaised | d.ObjectionSettled):
        needs.named.add(data.product_key)
        needs.objections.add(data.objection)
        if isinstance(data, d.ObjectionSettled) and data.effect in ("bar", "restore"):
            needs.applicants_of.add(data.product_key)


def _key(reference: d.ListingRef) -> EntryKey:
    return reference.city, reference.certificate_no
