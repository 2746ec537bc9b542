"""The shapes of `/batches` and `/batches/{n}`."""

from typing import Annotated

from pydantic import Field

from consumers.console.answers import Index, Key, Links, Preference, Recognition, Shape, Time
from schemas.decisions import Hash
from schemas.fields import CityWord, Count, Day, Ordinal
from schemas.outgoing import ProductStatus


class _Batch(Shape):
    number: Ordinal
    host: CityWord
    day: Day
    document: str
    by: str
    agreed_by: str
    log_size: Annotated[Count, Field(description="抽取时的日志条数 · the log's size when it was drawn")]
    hash: Hash


class BatchHead(_Batch):
    """A published batch, and how many products it holds."""

    products: Count


class Batches(Recognition):
    """Every published batch by number."""

    batches: list[BatchHead]


class Since(Shape):
    """An entry that changed a product of a batch after it was published."""

    audit_index: Index
    type: str
    subject: str
    recorded_at: Time


class BatchProduct(Shape):
    """A product as the batch froze it (`state_hash`), and what it is now."""

    product_key: Key
    state_hash: Hash
    status: ProductStatus
    disputed: bool
    enterprise_name: str
    product_name: str
    moved_to: Key | None
    changed: list[Since]


class AsOf(Shape):
    """Day and log size of the answer."""

    day: Day | None
    log_size: Count


class Batch(_Batch):
    """One batch. `day` and `log_size` are those it was drawn on, `as_of` those of this answer."""

    audit_index: Index
    products: list[BatchProduct]
    as_of: AsOf
    preference: Preference
    links: Links
