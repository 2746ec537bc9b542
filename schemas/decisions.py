"""What the joint office decides: the data of each decision event.

Every decision names the people (`by`, and `agreed_by` where two are needed) and the size of the audit log it was made
on; the hub leaves a decision unread until its own log is that long.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.fields import CityCode, CityWord, Count, Day, Ordinal, SourceUri, Truth
from schemas.rules import RuleSet

Person = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(max_length=2000)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
ProductKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{20}$")]
ObjectionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9〔〕号._-]{1,64}$")]


class Decision(BaseModel):
    """What all decisions carry. Raises pydantic's ValidationError when two names are equal."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    by: Person
    agreed_by: Person | None = None
    log_size: Count = 0

    @model_validator(mode="after")
    def _two_people_differ(self) -> "Decision":
        if self.agreed_by is not None and self.agreed_by == self.by:
            raise ValueError("by and agreed_by must be two people")
        return self


class ListingRef(BaseModel):
    """One city's listing: the city's word and its certificate number."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    city: CityWord
    certificate_no: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class KeyTrusted(Decision):
    """From `from_sequence` on, signatures of this key (Ed25519, base64 of 32 bytes) vouch for the source's chain.

    `register_city` says which city's entries the source keeps; the same for all its keys, and no other source's.
    """

    source: SourceUri
    role: Literal["register", "joint"] = "register"
    keyid: KeyId
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    from_sequence: Ordinal = 1
    register_city: CityCode | None = None


class KeyRevoked(Decision):
    """Signatures of this key on sequences above `after_sequence` are refused; lower ones stay good."""

    source: SourceUri
    keyid: KeyId
    after_sequence: Count


class RulesActivated(Decision):
    """A whole rule set comes into force."""

    rules: RuleSet


class DayBegan(Decision):
    """A day begins in Asia/Shanghai. After the first one, days rise by exactly one."""

    day: Day


CRITERIA_ALL = ("safety", "environment", "quality", "technology", "industrial_policy")
CRITERIA_ANY = ("synergy", "innovation", "green", "brand")


class Criteria(BaseModel):
    """Five criteria and four grounds; null means not assessed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    safety: Truth = None
    environment: Truth = None
    quality: Truth = None
    technology: Truth = None
    industrial_policy: Truth = None
    synergy: Truth = None
    innovation: Truth = None
    green: Truth = None
    brand: Truth = None


class AssessmentRecorded(Decision):
    """The joint office's finding on one version of one listing."""

    listing: ListingRef
    entry_version: Ordinal
    criteria: Criteria
    basis: Words = ""
    assessors: Words = ""
    assessed_on: Day


class BatchItem(BaseModel):
    """A product of a batch, with the hash of its row at the batch's log size."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    product_key: ProductKey
    state_hash: Hash


class BatchPublished(Decision):
    """The n-th publication: all of its products, or none. Needs two people."""

    number: Annotated[Ordinal, Field(le=9999)]
    host: CityWord
    day: Day
    document: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    products: Annotated[tuple[BatchItem, ...], Field(min_length=1, max_length=500)]


class ObjectionRaised(Decision):
    """Somebody objects to a product; it is shown as disputed until settled."""

    objection: ObjectionId
    product_key: ProductKey
    text: Words
    deadline: Day


class ObjectionSettled(Decision):
    """An objection is settled, with an effect on the product. Needs two people."""

    objection: ObjectionId
    product_key: ProductKey
    effect: Literal["none", "suspend", "restore", "bar"]
    text: Words = ""


class IdentityJoined(Decision):
    """One listing follows another: both are the same product. `undo` removes the pointer. Needs two people."""

    listing: ListingRef
    follows: ListingRef | None = None
    undo: bool = False


class IdentitySeparated(Decision):
    """A listing stands alone, whatever its identity says. `undo` removes that. Needs two people."""

    listing: ListingRef
    undo: bool = False


class ParkedReleased(Decision):
    """A parked event is to be decided again, and those behind it. Needs two people."""

    source: SourceUri
    sequence: Ordinal


class SourceContinued(Decision):
    """Where a source's chain goes on after a fork or a loss nobody can fill. Needs two people.

    `hash` is the record hash of event `sequence`; each [a, b] of `lost` is a gap that stays empty for good.
    """

    source: SourceUri
    sequence: Ordinal
    hash: Hash
    lost: Annotated[tuple[tuple[Ordinal, Ordinal], ...], Field(max_length=1000)] = ()


NEED_TWO: frozenset[type[Decision]] = frozenset(
    {BatchPublished, ObjectionSettled, IdentityJoined, IdentitySeparated, ParkedReleased, SourceContinued}
)
"""Decisions that one person can't make alone; without `agreed_by` they are `decision_not_allowed`."""
