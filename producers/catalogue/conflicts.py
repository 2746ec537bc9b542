"""Conflicts between rows: copies, doubled numbers, names and codes that disagree, in a file and with the register."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from producers.catalogue.rows import Judged
from schemas.entry import RegisterEntry
from schemas.identity import model_key, name_key
from schemas.reasons import worst_outcome

_Product = tuple[str, str, tuple[str, ...]]


def copies(rows: Sequence[Judged]) -> frozenset[int]:
    """Numbers of the rows that repeat an earlier one, in every catalogue column."""
    seen: set[tuple[object, ...]] = set()
    found: set[int] = set()
    for one in rows:
        if one.copy_key in seen:
            found.add(one.number)
        seen.add(one.copy_key)
    return frozenset(found)


def conflicts(rows: Sequence[Judged], register: Mapping[str, RegisterEntry]) -> dict[int, frozenset[str]]:
    """Conflict codes by the numbers of rows that have any; `rows` without copies. Rejected rows take no part.

    Every row of a doubled number waits, and one whose number the register has for another product (`_reused`). Otherwise
    rows are compared with accepted ones above them and with the register, except for register rows that the file
    replaces: so a firm whose every row carries a new name is renamed, and one with a row left behind is a question.
    """
    taking_part = [one for one in rows if not _is_rejected(one)]
    counts = Counter(one.certificate_no for one in taking_part if one.certificate_no)
    reused = _reused(taking_part, register)
    replaced = set(counts)
    known = _Known()
    for number, entry in register.items():
        if number not in replaced:
            known.add(entry.uscc, entry.enterprise_name, _product(entry.uscc, entry.product_name, entry.models))
    found: dict[int, frozenset[str]] = {}
    for one in taking_part:
        product = _product_of(one)
        codes = set(known.disagreements(one, product))
        if one.number in reused or (one.certificate_no and counts[one.certificate_no] > 1):
            codes.add("dup_certificate")
        if not codes and not one.reasons and one.uscc and one.enterprise_name and product:
            known.add(one.uscc, one.enterprise_name, product)
        if codes:
            found[one.number] = frozenset(codes)
    return found


def _reused(rows: Sequence[Judged], register: Mapping[str, RegisterEntry]) -> frozenset[int]:
    """Rows under a number that the register has for another product, where nothing says that it became this one.

    Either firm, code and product are all others, or the product is one that the register has under another number whose
    row is another product too: numbers were exchanged.
    """
    changed: list[tuple[Judged, RegisterEntry, _Product]] = []
    moved: set[_Product] = set()
    for one in rows:
        known = register.get(one.certificate_no or "")
        if known is None or (known.uscc, known.product_name, known.models) == (one.uscc, one.product_name, one.models):
            continue
        product, before = _product_of(one), _product(known.uscc, known.product_name, known.models)
        if product is not None and product != before:
            changed.append((one, known, product))
            moved.add(before)
    return frozenset(one.number for one, known, product in changed if product in moved or _is_other(one, known))


def _is_other(one: Judged, known: RegisterEntry) -> bool:
    """Neither firm nor product in common."""
    is_other_firm = known.uscc != one.uscc and known.enterprise_name != one.enterprise_name
    return is_other_firm and name_key(known.product_name) != name_key(one.product_name or "")


def _product_of(one: Judged) -> _Product | None:
    """As `_product`: what a row was read as are normal forms, each of which is its own."""
    return None if one.uscc is None or one.product_name is None else (one.uscc, one.product_name, tuple(sorted(one.models)))


def _is_rejected(one: Judged) -> bool:
    return bool(one.reasons) and worst_outcome(tuple(one.reasons)) == "reject"


@dataclass(slots=True)
class _Known:
    """What the accepted rows so far say: names by code, codes by name, products."""

    names_of: dict[str, set[str]] = field(default_factory=dict)
    codes_of: dict[str, set[str]] = field(default_factory=dict)
    products: set[_Product] = field(default_factory=set)

    def add(self, uscc: str, name: str, product: _Product) -> None:
        """Take note of an accepted row."""
        self.names_of.setdefault(uscc, set()).add(name)
        self.codes_of.setdefault(name, set()).add(uscc)
        self.products.add(product)

    def disagreements(self, one: Judged, product: _Product | None) -> Iterable[str]:
        """The conflict codes of a row."""
        if one.uscc is None or one.enterprise_name is None:
            return
        codes = self.codes_of.get(one.enterprise_name)
        if codes and codes != {one.uscc}:
            yield "uscc_conflict_same_name"
        names = self.names_of.get(one.uscc)
        if names and names != {one.enterprise_name}:
            yield "name_conflict_same_uscc"
        if product in self.products:
            yield "possible_duplicate_product"


def _product(uscc: str, product_name: str, models: Sequence[str]) -> _Product:
    return uscc, name_key(product_name), tuple(model_key(models))
