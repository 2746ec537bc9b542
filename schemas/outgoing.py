"""What the shared store sends out as events: the data of a receipt, of a published product, and of what it asks a source for.

They are unsigned and unchained: the audit index or log size that they name, under a checkpoint, is their proof.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.city import SHARED_STORE
from schemas.codec import canonical
from schemas.decisions import Hash, ProductKey
from schemas.entry import SourceStatus
from schemas.events import PRODUCT_PUBLISHED, RECEIPT_ISSUED, RESEND_REQUESTED, STATEMENT_REQUESTED, EventType
from schemas.fields import CityWord, Count, Day, Ordinal, SourceUri

Outcome = Literal["applied", "superseded", "rejected", "parked", "duplicate"]
"""A refused record gets no receipt: nobody knows whose it is. It goes to the dead letters."""


ProductStatus = Literal["inactive", "candidate", "eligible", "recognized", "suspended", "lapsed"]
"""Recognition of a product on a day (design §6)."""


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

    city: CityWord
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
    status: ProductStatus
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


class ResendRequest(_Sent):
    """Events `first` to `last` of the source are missing: it is asked to send the same bytes again. `asked`: how often so far."""

    source: SourceUri
    first: Ordinal
    last: Ordinal
    asked: Ordinal


class StatementRequest(_Sent):
    """Statement `sequence` could not be checked, and now a new one could: the source is asked for it. `asked`: how often so far."""

    source: SourceUri
    sequence: Ordinal
    asked: Ordinal


OUTGOING_TYPES: dict[str, EventType] = {
    RECEIPT_ISSUED: EventType(RECEIPT_ISSUED, ReceiptData, "urn:czt:receipt:1"),
    PRODUCT_PUBLISHED: EventType(PRODUCT_PUBLISHED, ProductData, "urn:czt:product:1"),
    RESEND_REQUESTED: EventType(RESEND_REQUESTED, ResendRequest, "urn:czt:resend-requested:1"),
    STATEMENT_REQUESTED: EventType(STATEMENT_REQUESTED, StatementRequest, "urn:czt:statement-requested:1"),
}
"""What the shared store publishes as CloudEvents. Dead letters keep their own bytes."""


def outgoing_value(name: str, event_id: str, subject: str, time: str, data: dict[str, Any]) -> bytes:
    """The record value of an event of the shared store. `time` is RFC 3339."""
    return canonical(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SHARED_STORE,
            "type": name,
            "subject": subject,
            "time": time,
            "datacontenttype": "application/json",
            "dataschema": OUTGOING_TYPES[name].dataschema,
            "data": data,
        }
    )
