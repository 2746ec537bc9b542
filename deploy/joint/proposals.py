"""How each decision of the command line is worded: its type, its subject, its data. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from pydantic import ValidationError

from deploy.joint.office import Proposal
from deploy.joint.sheet import AssessmentRow
from deploy.keys import encoded
from schemas import decisions as d
from schemas import events
from schemas.city import City, source_name
from schemas.errors import Both, UsageError
from schemas.rules import RULE_SET_1, RuleSet
from schemas.signing import keyid_of

T = TypeVar("T")


def key_trusted(source: str, city: City | None, key: bytes, by: str, log_size: int) -> Proposal:
    """Trust a source's public key (32 bytes) from its first event on; of the `city`, None for the joint office."""
    keyid = keyid_of(key)
    role, code = ("joint", None) if city is None else ("register", city.code)
    values = {"source": source, "role": role, "keyid": keyid, "key": encoded(key), "register_city": code}
    made = checked(lambda: d.KeyTrusted.model_validate({**values, "by": by, "log_size": log_size}))
    return Proposal(events.KEY_TRUSTED, f"key/{source_name(source)}/{keyid}", made)


def key_revoked(source: str, keyid: str, after_sequence: int, by: str, log_size: int) -> Proposal:
    """Refuse a key's signatures on sequences above `after_sequence`."""
    made = checked(lambda: d.KeyRevoked(source=source, keyid=keyid, after_sequence=after_sequence, by=by, log_size=log_size))
    return Proposal(events.KEY_REVOKED, f"key/{source_name(source)}/{keyid}", made)


def rules_activated(rules: RuleSet, by: str, log_size: int) -> Proposal:
    """Bring a whole rule set into force."""
    made = checked(lambda: d.RulesActivated(rules=rules, by=by, log_size=log_size))
    return Proposal(events.RULES_ACTIVATED, "rules", made)


def first_rules(by: str, log_size: int) -> Proposal:
    """Rule set 1."""
    return rules_activated(RULE_SET_1, by, log_size)


def rules_of(text: str) -> RuleSet:
    """A rule set from its JSON. Raises `UsageError` naming what is wrong."""
    return checked(lambda: RuleSet.model_validate_json(text))


def day_began(day: date, by: str, log_size: int) -> Proposal:
    """A day begins in Shanghai."""
    return Proposal(events.DAY_BEGAN, "day", checked(lambda: d.DayBegan(day=day, by=by, log_size=log_size)))


def assessed(row: AssessmentRow, entry_version: int, by: str, log_size: int) -> Proposal:
    """The finding of one row on one version of a listing."""
    listing = checked(
        lambda: d.ListingRef.model_validate({"city": row.city.word if row.city else None, "certificate_no": row.certificate_no})
    )
    made = checked(
        lambda: d.AssessmentRecorded.model_validate(
            {
                "listing": listing,
                "entry_version": entry_version,
                "criteria": row.criteria,
                "basis": row.basis,
                "assessors": row.assessors,
                "assessed_on": row.assessed_on,
                "by": by,
                "log_size": log_size,
            }
        )
    )
    return Proposal(events.ASSESSMENT_RECORDED, f"{listing.city}/{listing.certificate_no}", made)


def batch_published(
    number: int,
    host: str,
    day: str,
    document: str,
    products: Sequence[d.BatchItem],
    people: tuple[str, str],
    log_size: int,
) -> Proposal:
    """The n-th batch. `people`: who proposes it, who agrees."""
    by, agreed_by = people
    made = checked(
        lambda: d.BatchPublished(
            number=number,
            host=host,
            day=date.fromisoformat(day),
            document=document,
            products=tuple(products),
            by=by,
            agreed_by=agreed_by,
            log_size=log_size,
        )
    )
    return Proposal(events.BATCH_PUBLISHED, f"batch/{number}", made)


def parked_released(source: str, sequence: int, people: tuple[str, str], log_size: int) -> Proposal:
    """A parked event is decided again, and those behind it. `people`: who proposes it, who agrees."""
    made = checked(lambda: d.ParkedReleased.model_validate({"source": source, "sequence": sequence} | _of_two(people, log_size)))
    return Proposal(events.PARKED_RELEASED, f"{source}/{sequence}", made)


def objection_raised(objection: str, product_key: str, text: str, deadline: date, by: str, log_size: int) -> Proposal:
    """Somebody objects to a product, to be answered by `deadline`."""
    made = checked(
        lambda: d.ObjectionRaised(
            objection=objection, product_key=product_key, text=text, deadline=deadline, by=by, log_size=log_size
        )
    )
    return Proposal(events.OBJECTION_RAISED, f"objection/{objection}", made)


def objection_settled(objection: str, product_key: str, effect: str, text: str, people: tuple[str, str], log_size: int) -> Proposal:
    """An objection is closed with an effect: none, suspend, restore, bar."""
    values = {"objection": objection, "product_key": product_key, "effect": effect, "text": text}
    made = checked(lambda: d.ObjectionSettled.model_validate(values | _of_two(people, log_size)))
    return Proposal(events.OBJECTION_SETTLED, f"objection/{objection}", made)


def identity_joined(
    listing: d.ListingRef, follows: d.ListingRef | None, undo: bool, people: tuple[str, str], log_size: int
) -> Proposal:
    """One listing follows another from now on; undone, it stands under its own identity."""
    values = {"listing": listing, "follows": follows, "undo": undo}
    made = checked(lambda: d.IdentityJoined.model_validate(values | _of_two(people, log_size)))
    return Proposal(events.IDENTITY_JOINED, f"{listing.city}/{listing.certificate_no}", made)


def identity_separated(listing: d.ListingRef, undo: bool, people: tuple[str, str], log_size: int) -> Proposal:
    """A listing stands alone from now on; undone, it belongs where its identity says."""
    made = checked(lambda: d.IdentitySeparated.model_validate({"listing": listing, "undo": undo} | _of_two(people, log_size)))
    return Proposal(events.IDENTITY_SEPARATED, f"{listing.city}/{listing.certificate_no}", made)


def source_continued(
    source: str, place: tuple[int, str], lost: Sequence[tuple[int, int]], people: tuple[str, str], log_size: int
) -> Proposal:
    """A source's chain goes on after the record `place` (sequence, hash); the gaps `lost` stay empty for good."""
    values = {"source": source, "sequence": place[0], "hash": place[1], "lost": tuple(lost)}
    made = checked(lambda: d.SourceContinued.model_validate(values | _of_two(people, log_size)))
    return Proposal(events.SOURCE_CONTINUED, source, made)


def _of_two(people: tuple[str, str], log_size: int) -> dict[str, object]:
    by, agreed_by = people
    return {"by": by, "agreed_by": agreed_by, "log_size": log_size}


def checked(make: Callable[[], T]) -> T:
    """What `make` makes. Raises `UsageError`, one line for each value the published schema doesn't take."""
    try:
        return make()
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in one['loc']) or 'value'}: {one['msg']}" for one in error.errors()]
        raise UsageError(
            Both("\n  ".join(["不能这样决定：", *lines]), "\n  ".join(["This can't be decided:", *lines])),
            Both("请改正后再运行。", "Correct it and call again."),
        ) from None
