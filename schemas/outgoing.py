"""What the shared store sends out as events: the data of a receipt and of a published product.

They are unsigned and unchained: the audit index or log size that they name, under a checkpoint, is their proof.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.city import City
from schemas.decisions import Hash, ProductKey
from schemas.entry import SourceStatus
from schemas.events import PRODUCT_PUBLISHED, RECEIPT_ISSUED, EventType
from schemas.fields import Count, Day, Ordinal

Outcome = Literal["applied", "superseded", "rejected", "parked", "duplicate"]
"""A refused record gets no receipt: nobody knows whose it is. It goes to the dead letters."""


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Action(_Sent):
    """What the source should do, in Chinese and English."""

    zh: str
    en: str


class ReceiptData(_Sent):
    """What became of one event. `first`: for a duplicate, the outcome that its event got first."""

    event_id: str
    sequence: Ordinal
    outcome: Outcome
    first: Outcome | None
    reason: str | None
    detail: str | None
    action: Action
    audit_index: Count
    rule_set: Count
    decided_at: str


class ProductListing(_Sent):
    """One city's listing of the product."""

    city: City
    certificate_no: str
    status: SourceStatus
    valid_from: Day
    valid_to: Day


class LostValue(_Sent):
    """What another listing says of the same field."""

    source: Annotated[str, Field(alias="from")]
    value: Any


class Provenance(_Sent):
    """The listing a field comes from, as `city/certificate number`, and the values that lost against it."""

    source: Annotated[str, Field(alias="from")]
    lost: tuple[LostValue, ...]


class ProductData(_Sent):
    """A product as it was at `log_size`. Readers keep the highest of each key; `moved_to` redirects them."""

    product_key: ProductKey
    status: Literal["inactive", "candidate", "eligible", "recognized", "suspended", "lapsed"]
    disputed: bool
    uscc: str
    enterprise_name: str
    product_name: str
    models: tuple[str, ...]
    category: str | None
    listings: tuple[ProductListing, ...]
    batch: Annotated[Ordinal, Field(le=9999)] | None
    recognized_on: Day | None
    moved_to: ProductKey | None
    fields: dict[str, Provenance]
    log_size: Ordinal
    state_hash: Hash
    preference: Literal["同等条件下优先"]


OUTGOING_TYPES: dict[str, EventType] = {
    RECEIPT_ISSUED: EventType(RECEIPT_ISSUED, ReceiptData, "urn:czt:receipt:1"),
    PRODUCT_PUBLISHED: EventType(PRODUCT_PUBLISHED, ProductData, "urn:czt:product:1"),
}
"""What the shared store publishes as CloudEvents. Dead letters keep their own bytes."""
