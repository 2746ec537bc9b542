"""How each question is answered: from one snapshot of the store, by the queries that the command line asks as well."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consumers.audit.tiles import tile_path
from consumers.console import questions
from consumers.console.conditional import Known, log_tag
from consumers.console.cursors import cursor, place_of
from consumers.console.parts import Parts
from consumers.store import log, queries
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
    """What was found: an object, or bytes as they are; neither for a reader who has it already. Without a tag it is never kept.

    `for_ever`: nothing else will ever be found there.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    octets: bytes | None = None
    tag: str | None = None
    for_ever: bool = False


Read = Callable[[Parts, Loader, Any], dict[str, Any]]
Find = Callable[[Parts, Any, Known], Answer]


def of_the_store(read: Read) -> Find:
    """An answer from one snapshot of the store, not read at all for a reader who has it."""

    def find(parts: Parts, question: Any, known: Known) -> Answer:
        with parts.store.snapshot() as loader:
            tag = log_tag(loader, parts.version)
            return Answer(tag=tag) if tag in known else Answer(read(parts, loader, question) | _LINKS, tag=tag)

    return find


def products(parts: Parts, loader: Loader, question: questions.Products) -> dict[str, Any]:
    """`/products`."""
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


def product(parts: Parts, question: questions.Product, known: Known) -> Answer:
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


def history(_: Parts, loader: Loader, question: questions.ProductHistory) -> dict[str, Any]:
    """`/products/{key}/history`."""
    listing = f"history {question.key}"
    place = place_of(question.cursor, listing)
    found = queries.product_history(loader, question.key, question.limit, int(place or 0)) if _KEY.fullmatch(question.key) else None
    if found is None:
        raise _no_product(question.key)
    return found | {"next": None if found["next"] is None else cursor(str(found["next"]), listing)}


def entry(parts: Parts, loader: Loader, question: questions.Entry) -> dict[str, Any]:
    """`/entries/{city}/{certificate_no}`."""
    city = next((one for one in parts.cities if one.word == question.city), None)
    found = None if city is None else queries.entry(loader, city, question.certificate_no)
    if found is None:
        name = f"{question.city}/{question.certificate_no}"
        raise AnswerIsNo(
            Both(f"没有 {name} 这一条目录。", f"There is no entry {name}."),
            Both("请核对城市和认定编号。", "Check the city and the certificate number."),
        )
    return found


def lookup(parts: Parts, loader: Loader, question: questions.Lookup) -> dict[str, Any]:
    """`/lookup`."""
    return queries.recognition(
        loader,
        parts.named,
        uscc=question.uscc,
        enterprise_name=question.enterprise,
        product_name=question.product,
        models=question.model,
    )


def batch(_: Parts, loader: Loader, question: questions.Batch) -> dict[str, Any]:
    """`/batches/{n}`."""
    found = queries.batch(loader, question.n)
    if found is None:
        raise AnswerIsNo(
            Both(f"没有第 {question.n} 批。", f"There is no batch {question.n}."),
            Both("已公布的见 /api/v1/batches。", "Those that were published are at /api/v1/batches."),
        )
    return found


def batches(_: Parts, loader: Loader, __: questions.Nothing) -> dict[str, Any]:
    """`/batches`."""
    return queries.batches(loader)


def changes(_: Parts, loader: Loader, question: questions.Changes) -> dict[str, Any]:
    """`/changes`, once."""
    return queries.changes(loader, question.since, question.limit)


def status(parts: Parts, _: questions.Nothing, __: Known) -> Answer:
    """Never kept: it speaks of this moment."""
    return Answer(parts.status())


def checkpoint(parts: Parts, _: questions.Nothing, known: Known) -> Answer:
    """`/checkpoint`: the newest signed note."""
    last = parts.checkpoint()
    if last is None:
        raise AnswerIsNo(Both("还没有签过检查点。", "No checkpoint was signed yet."), Both("请稍后再试。", "Try again later."))
    note = last.note.encode()
    tag = f'"{sha256_hex(note)[:32]}"'
    return Answer(tag=tag) if tag in known else Answer(octets=note, tag=tag)


def tile(parts: Parts, question: questions.Tile, known: Known) -> Answer:
    """What lies under a checkpoint never changes, so a reader keeps it for ever; its address says all there is to a tag."""
    path, tag = tile_path(question.tile), f'"{question.tile}"'
    last = parts.checkpoint()
    with parts.store.snapshot() as loader:
        size = min(last.size if last is not None else 0, log.size(loader.connection))
        found = None if path is None else parts.tiles.read(loader.connection, size, path)
    if found is None:
        raise AnswerIsNo(
            Both(
                f"没有 {question.tile} 这一块：已签名 {size} 条。", f"There is no tile {question.tile}: {size} entries are signed."
            ),
            Both("形式见 C2SP tlog-tiles。", "The form is that of C2SP tlog-tiles."),
        )
    return Answer(tag=tag) if tag in known else Answer(octets=found, tag=tag, for_ever=True)
