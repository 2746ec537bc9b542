"""What may be asked: one model for each address, path and query together. Anything else is refused before the store is read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.fields import CityWord, Day
from schemas.outgoing import ProductStatus

MAX_LIMIT = 1_000
"""A page is held in memory, and many may be asked for at the same time."""
MAX_WAIT_SECONDS = 60
"""Longer than this, proxies between here and the reader may cut the connection."""
MAX_INDEX = 2**53
"""What JSON readers hold exactly."""

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
Words = Annotated[str, StringConstraints(max_length=300, pattern=_PLAIN)]
Moment = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_PLAIN)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="最多几条 · how many at most")]
Cursor = Annotated[
    str,
    StringConstraints(max_length=200, pattern=_PLAIN),
    Field(description="上一页的 next · `next` of the last page"),
]
Key = Annotated[Words, Field(description="产品标识，新旧皆可 · a product's key, also an old one")]


class Question(BaseModel):
    """What is asked at one address. A parameter that is not known is a mistake: it would be left out in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Question):
    """No parameters."""


class Products(Question):
    """Filters, all of which must hold, and the page."""

    q: Annotated[Words | None, Field(description="名称、型号或信用代码 · in name or model, or the credit code")] = None
    city: Annotated[CityWord | None, Field(description="列入城市 · listed by this city")] = None
    district: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None,
        Field(description="企业所在区县代码 · district of the firm, as its entry has it (GB/T 2260)"),
    ] = None
    status: Annotated[ProductStatus | None, Field(description="状态 · recognition status")] = None
    category: Annotated[Words | None, Field(description="产品类别 · category")] = None
    day: Annotated[Day | None, Field(description="按哪一天看 · as of this day, by what is known now")] = None
    limit: Limit = 100
    cursor: Cursor = ""


class Product(Question):
    """One product, now or as it was known."""

    key: Key
    at: Annotated[
        Moment | None, Field(description="审计序号或时间（+ 写作 %2B）· as known right after this audit index, or at this time")
    ] = None
    valid_on: Annotated[Day | None, Field(description="按哪一天的有效期看 · judge validity on this day")] = None


class ProductHistory(Question):
    """What changed one product, page by page."""

    key: Key
    limit: Limit = 100
    cursor: Cursor = ""


class Entry(Question):
    """One entry of a city's register."""

    city: Annotated[CityWord, Field(description="城市 · the city")]
    certificate_no: Annotated[Words, Field(description="认定编号 · certificate number")]


class Lookup(Question):
    """A product as a buyer writes it. A name alone never decides: the firm's code does, or its name where there is none."""

    product: Annotated[Words, StringConstraints(min_length=1), Field(description="产品名称 · product name")]
    uscc: Annotated[Words, Field(description="统一社会信用代码 · credit code")] = ""
    enterprise: Annotated[Words, Field(description="没有代码时的企业名称 · the firm's name, without a code")] = ""
    model: Annotated[Words, Field(description="型号 · model")] = ""


class Batch(Question):
    """One published batch."""

    n: Annotated[int, Field(ge=1, le=9999, description="第几批 · which batch")]


class Tile(Question):
    """A tile of the log, or a bundle of its entries (C2SP tlog-tiles, height 8)."""

    tile: Annotated[
        str,
        StringConstraints(max_length=60, pattern=_PLAIN),
        Field(description="层/序号，不满的加 .p/宽度；条目为 entries/序号 · `0/x001/067`, `0/000.p/17`, `entries/000`"),
    ]


class Changes(Question):
    """Where to follow the feed from, and how long to wait when there is nothing new."""

    since: Annotated[
        int, Field(ge=0, le=MAX_INDEX, description="自此日志序号起 · from this log index on: `next` of the last answer")
    ] = 0
    limit: Annotated[
        int, Field(ge=1, le=MAX_LIMIT, description="最多几条，同一条日志的变化不拆开 · at most, but for changes of one entry")
    ] = 100
    wait: Annotated[
        int, Field(ge=0, le=MAX_WAIT_SECONDS, description="没有变化时最多等多少秒 · seconds to wait while there are none")
    ] = 0
