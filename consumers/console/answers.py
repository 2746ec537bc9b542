"""The shapes of the answers, for `/openapi.json`: those of the command line's `--json`, from which they come as they are."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.decisions import Hash, ProductKey
from schemas.entry import RegisterEntry
from schemas.fields import CityWord, Count, Day, Ordinal
from schemas.outgoing import Outcome as Answered
from schemas.outgoing import ProductListing, ProductStatus, Provenance

Outcome = Answered | Literal["refused"]
Preference = Literal["同等条件下优先"]
Key = ProductKey
Index = Annotated[Count, Field(description="审计序号 · index in the audit log")]
Time = Annotated[str, Field(description="UTC，微秒 · RFC 3339, UTC with microseconds")]


class Shape(BaseModel):
    """Readers ignore fields they don't know: there may be more."""

    model_config = ConfigDict(frozen=True)


class Links(Shape):
    """Where the proof begins: the signed size and root of the log that the answer was read from."""

    checkpoint: str


class Recognition(Shape):
    """Of which day, at which size of the log; and that recognition is a preference, never a condition of entry."""

    day: Day | None
    log_size: Count
    preference: Preference
    links: Links


class _Product(Shape):
    product_key: Key
    status: ProductStatus
    disputed: bool
    uscc: str
    enterprise_name: str
    product_name: str
    models: list[str]
    category: str | None
    listings: list[ProductListing]
    batch: int | None
    recognized_on: Day | None
    moved_to: Key | None


class Product(_Product):
    """A product; `fields` names the listing each field came from, and the values that lost."""

    fields: dict[str, Provenance]


class Products(Recognition):
    """A page of products by key. `next` is the cursor of the next page; a page may be shorter than asked for."""

    products: list[Product]
    next: str | None


class Lost(Shape):
    """What another listing says."""

    source: Annotated[str, Field(alias="from")]
    value: Any


class GoldenField(Shape):
    """A field with its listing, what decided between that and the next one, and the values that lost."""

    field: str
    value: Any
    source: Annotated[str | None, Field(alias="from")]
    rule: Literal["event_time", "city_code", "certificate_no", "only_listing", "no_listing"]
    lost: list[Lost]


class Moment(Shape):
    """The entry of the log that the answer is as of."""

    index: Index
    recorded_at: Time


class GoldenProduct(_Product, Recognition):
    """One product whole, under the key it has now; `at` null: as the store is."""

    asked_for: str
    fields: list[GoldenField]
    rule_set: Count
    field_precedence: list[str]
    at: Moment | None


class Event(Shape):
    """A decided record."""

    source: str
    sequence: int | None
    type: str
    subject: str
    outcome: Outcome
    reason: str | None
    detail: str | None
    audit_index: Index
    rule_set: Count
    recorded_at: Time


class ProductEvent(Event):
    """A decided record that changed the product, and under which keys."""

    product_keys: list[Key]


class ProductHistory(Recognition):
    """What changed a product, from its first entry on."""

    asked_for: Key
    product_key: Key
    history: list[ProductEvent]
    next: str | None


class Listing(Shape):
    """The store's picture of a register entry."""

    city: CityWord
    certificate_no: str
    entry_version: Ordinal
    sequence: Ordinal
    event_time: str
    status: str
    follows: str | None
    separate: bool
    assessment: dict[str, Any] | None
    hash: Hash


class Change(Shape):
    """One field that changed."""

    object: str
    key: str
    field: str
    before: Any
    after: Any


class Step(Shape):
    """One event of an entry, or a decision on it."""

    audit_index: Index
    sequence: Ordinal
    source: str
    type: str
    outcome: Outcome
    reason: str | None
    detail: str | None
    recorded_at: Time
    changes: list[Change]


class Entry(Recognition):
    """A register entry as its city lists it now, and all that happened to it. `entry` null: nothing of it was applied."""

    entry: RegisterEntry | None
    listing: Listing | None
    product_key: Key | None
    history: list[Step]


class Lookup(Recognition):
    """What a buyer asked. `others`: what the firm lists under this name when no single product was found."""

    match: Literal["exact", "model_differs", "ambiguous", "none"]
    product: Product | None
    others: list[Product]
    status: ProductStatus | Literal["disputed", "model_differs", "ambiguous", "none"]
    basis: str


class ProductChange(Shape):
    """A product as it is, and the entry that changed it last."""

    audit_index: Index
    product: Product


class Changes(Recognition):
    """Products by their last change. `next` is what to ask from the next time."""

    changes: list[ProductChange]
    next: Count
