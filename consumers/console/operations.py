"""What can be asked: each address with its question, its answer's shape, and how it is found. Routes and OpenAPI come from here."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from consumers.console import answers, questions
from consumers.console.conditional import Known, log_tag
from consumers.console.cursors import cursor, place_of
from consumers.console.parts import Parts
from consumers.console.status_answer import Status
from consumers.store import queries
from consumers.store.load import Loader
from schemas.codec import sha256_hex
from schemas.errors import AnswerIsNo, Both, UsageError

PREFIX = "/api/v1"
LOOKED_AT = 5_000
"""Products looked at for one page: judging on another day takes each of them apart, and a page may be shorter than asked for."""

_KEY = re.compile("[0-9a-f]{20}")
_LINKS = {"links": {"checkpoint": f"{PREFIX}/checkpoint"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: an object or a text; neither for a reader who has it already. Without a tag it is never kept."""

    data: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None
    tag: str | None = None


Read = Callable[[Parts, Loader, Any], dict[str, Any]]
Find = Callable[[Parts, Any, Known], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address. `shape` None: the answer is a text. `find` blocks; it is called in a thread."""

    path: str
    summary: Both
    question: type[questions.Question]
    shape: type[BaseModel] | None
    find: Find


def _of_the_store(read: Read) -> Find:
    """An answer from one snapshot of the store, not read at all for a reader who has it."""

    def find(parts: Parts, question: Any, known: Known) -> Answer:
        with parts.store.snapshot() as loader:
            tag = log_tag(loader, parts.version)
            return Answer(tag=tag) if tag in known else Answer(read(parts, loader, question) | _LINKS, tag=tag)

    return find


def _products(parts: Parts, loader: Loader, question: questions.Products) -> dict[str, Any]:
    filters = question.model_dump(mode="json", exclude={"limit", "cursor"})
    listing = json.dumps(["products", filters], sort_keys=True)
    if filters["city"] is not None:
        _require_city(parts, filters["city"])
    found = queries.products(loader, **filters, limit=question.limit, cursor=place_of(question.cursor, listing), scan=LOOKED_AT)
    return found | {"next": None if found["next"] is None else cursor(found["next"], listing)}


def _require_city(parts: Parts, word: str) -> None:
    if all(city.word != word for city in parts.cities):
        names = ", ".join(city.word for city in parts.cities)
        raise UsageError(
            Both(f"没有叫“{word}”的城市。", f"No city is called '{word}'."), Both(f"城市有：{names}", f"Cities are: {names}")
        )


def _product(parts: Parts, question: questions.Product, known: Known) -> Answer:
    """Now, or folded from the log up to a moment: what was known then never changes, so its tag is the entry's."""
    day = question.valid_on.isoformat() if question.valid_on else None
    with parts.store.snapshot() as loader:
        if question.at is None:
            tag = log_tag(loader, parts.version)
            return Answer(tag=tag) if tag in known else Answer(_golden(loader, question.key, day) | {"at": None}, tag=tag)
        index, recorded_at = queries.entry_at(loader, question.at)
    tag = f'"at.{index}.{sha256_hex(recorded_at.encode())[:16]}.{parts.version}"'
    if tag in known:
        return Answer(tag=tag)
    with parts.then(index) as loader:
        return Answer(_golden(loader, question.key, day) | {"at": {"index": index, "recorded_at": recorded_at}}, tag=tag)


def _golden(loader: Loader, key: str, day: str | None) -> dict[str, Any]:
    found = queries.golden(loader, key, day) if _KEY.fullmatch(key) else None
    if found is None:
        raise _no_product(key)
    return found | _LINKS


def _no_product(key: str) -> AnswerIsNo:
    return AnswerIsNo(
        Both(f"没有标识为 {key} 的产品。", f"No product has the key {key}."),
        Both("用 /api/v1/products 查找。", "Look for it with /api/v1/products."),
    )


def _history(_: Parts, loader: Loader, question: questions.ProductHistory) -> dict[str, Any]:
    listing = f"history {question.key}"
    place = place_of(question.cursor, listing)
    found = queries.product_history(loader, question.key, question.limit, int(place or 0)) if _KEY.fullmatch(question.key) else None
    if found is None:
        raise _no_product(question.key)
    return found | {"next": None if found["next"] is None else cursor(str(found["next"]), listing)}


def _entry(parts: Parts, loader: Loader, question: questions.Entry) -> dict[str, Any]:
    city = next((one for one in parts.cities if one.word == question.city), None)
    found = None if city is None else queries.entry(loader, city, question.certificate_no)
    if found is None:
        name = f"{question.city}/{question.certificate_no}"
        raise AnswerIsNo(
            Both(f"没有 {name} 这一条目录。", f"There is no entry {name}."),
            Both("请核对城市和认定编号。", "Check the city and the certificate number."),
        )
    return found


def _lookup(parts: Parts, loader: Loader, question: questions.Lookup) -> dict[str, Any]:
    return queries.recognition(
        loader,
        parts.named,
        uscc=question.uscc,
        enterprise_name=question.enterprise,
        product_name=question.product,
        models=question.model,
    )


def _batch(_: Parts, loader: Loader, question: questions.Batch) -> dict[str, Any]:
    found = queries.batch(loader, question.n)
    if found is None:
        raise AnswerIsNo(
            Both(f"没有第 {question.n} 批。", f"There is no batch {question.n}."),
            Both("已公布的见 /api/v1/batches。", "Those that were published are at /api/v1/batches."),
        )
    return found


def _changes(_: Parts, loader: Loader, question: questions.Changes) -> dict[str, Any]:
    return queries.changes(loader, question.since, question.limit)


def _status(parts: Parts, _: questions.Nothing, __: Known) -> Answer:
    """Never kept: it speaks of this moment."""
    return Answer(parts.status())


def _checkpoint(parts: Parts, _: questions.Nothing, known: Known) -> Answer:
    note = parts.checkpoint()
    if note is None:
        raise AnswerIsNo(Both("还没有签过检查点。", "No checkpoint was signed yet."), Both("请稍后再试。", "Try again later."))
    tag = f'"{sha256_hex(note.encode())[:32]}"'
    return Answer(tag=tag) if tag in known else Answer(text=note, tag=tag)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        f"{PREFIX}/products",
        Both("互认产品及其状态", "Products and their recognition status"),
        questions.Products,
        answers.Products,
        _of_the_store(_products),
    ),
    Operation(
        f"{PREFIX}/products/{{key}}",
        Both("一个产品，每个字段的出处；也可看过去某一刻", "One product, and where each field comes from; also as it was known"),
        questions.Product,
        answers.GoldenProduct,
        _product,
    ),
    Operation(
        f"{PREFIX}/products/{{key}}/history",
        Both("改变过一个产品的全部记录", "Everything that changed a product"),
        questions.ProductHistory,
        answers.ProductHistory,
        _of_the_store(_history),
    ),
    Operation(
        f"{PREFIX}/entries/{{city}}/{{certificate_no:path}}",
        Both("一条目录的现状和全部经过", "One register entry, and all that happened to it"),
        questions.Entry,
        answers.Entry,
        _of_the_store(_entry),
    ),
    Operation(
        f"{PREFIX}/lookup",
        Both("一个产品是否互认及其依据", "Whether a product is recognised, and on what basis"),
        questions.Lookup,
        answers.Lookup,
        _of_the_store(_lookup),
    ),
    Operation(
        f"{PREFIX}/batches",
        Both("已公布的批次", "Published batches"),
        questions.Nothing,
        answers.Batches,
        _of_the_store(lambda _, loader, __: queries.batches(loader)),
    ),
    Operation(
        f"{PREFIX}/batches/{{n}}",
        Both("一批的内容及其现状", "A batch, and its products as they are now"),
        questions.Batch,
        answers.Batch,
        _of_the_store(_batch),
    ),
    Operation(
        f"{PREFIX}/changes",
        Both("自某一日志序号以来变化的产品，可等候", "Products that changed since a log index; can wait for the next"),
        questions.Changes,
        answers.Changes,
        _of_the_store(_changes),
    ),
    Operation(f"{PREFIX}/status", Both("共享端概况", "How the shared side stands"), questions.Nothing, Status, _status),
    Operation(
        f"{PREFIX}/checkpoint",
        Both("最近一次签名的日志条数和根（C2SP 检查点）", "The log's newest signed size and root (C2SP tlog-checkpoint)"),
        questions.Nothing,
        None,
        _checkpoint,
    ),
)
