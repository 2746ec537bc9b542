"""Near matches: pairs of products that people should look at, because they may be one. Questions, never merges."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from consumers.core.model import Product
from schemas.identity import model_key, name_key

ASKED_FROM = 80
"""Scores below this are not asked: of two products of one firm, most are just two products."""
SAME_FIRM = 85
"""Firms under two codes whose names are at least so alike may be one whose code was mistyped."""
FIRM_BEGINS = 4
"""Characters of a firm's name that keep blocks small: a city or province and the first of its own."""
SHOWN = ("uscc", "enterprise_name", "product_name", "models", "category")

_PUNCTUATION = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """Two products, how alike they are (0 to 100), and the fields that differ."""

    left: Product
    right: Product
    score: int
    differs: tuple[str, ...]


def questions(products: Iterable[Product]) -> list[Question]:
    """Every pair worth asking, the most alike first: within one code by name and models, across codes by name and firm."""
    listed = [product for product in products if product.listings]
    found = {}
    for left, right in (*_pairs(listed, _by_code), *_pairs(listed, _by_name_and_firm)):
        if left.product_key > right.product_key:
            left, right = right, left
        score = _score(left, right)
        if score >= ASKED_FROM:
            differs = tuple(name for name in SHOWN if getattr(left, name) != getattr(right, name))
            found[left.product_key, right.product_key] = Question(left, right, score, differs)
    return sorted(found.values(), key=lambda one: (-one.score, one.left.product_key, one.right.product_key))


def _by_code(product: Product) -> str:
    return product.uscc


def _by_name_and_firm(product: Product) -> str:
    """One product name may be many firms'; a firm under a mistyped code still begins with the same characters."""
    return f"{name_key(product.product_name)}/{product.enterprise_name[:FIRM_BEGINS]}"


def _pairs(products: Sequence[Product], block: Callable[[Product], str]) -> Iterator[tuple[Product, Product]]:
    blocks: dict[str, list[Product]] = {}
    for product in products:
        blocks.setdefault(block(product), []).append(product)
    for together in blocks.values():
        yield from combinations(together, 2)


def _score(left: Product, right: Product) -> int:
    names = fuzz.ratio(name_key(left.product_name), name_key(right.product_name))
    parts = [names, _alike_models(left.models, right.models)]
    if left.uscc != right.uscc:
        firms = fuzz.ratio(left.enterprise_name, right.enterprise_name)
        if firms < SAME_FIRM:
            return 0
        parts.append(firms)
    return round(sum(parts) / len(parts)) if min(parts) >= ASKED_FROM // 2 else 0


def _alike_models(left: Sequence[str], right: Sequence[str]) -> float:
    """100 for the same models; a model with other digits is another model, so it counts against, however alike it looks."""
    ours, theirs = set(map(_bare, model_key(left))), set(map(_bare, model_key(right)))
    if ours == theirs:
        return 100.0
    if not ours or not theirs:
        return 60.0
    if ours < theirs or theirs < ours:
        return 80.0
    if {_numbers(model) for model in ours} != {_numbers(model) for model in theirs}:
        return 0.0
    return fuzz.ratio(" ".join(sorted(ours)), " ".join(sorted(theirs)))


def _bare(model: str) -> str:
    return _PUNCTUATION.sub("", model).upper()


def _numbers(model: str) -> tuple[str, ...]:
    return tuple(_DIGITS.findall(model))
