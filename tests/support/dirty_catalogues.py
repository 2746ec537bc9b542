"""Makes catalogues as cities send them, each with its own answer key: any seed, other firms, order, merges and errors.

The key comes from what was put in, never from the reader: every case says what it does to a clean row and what must
become of it, in a workbook and in a CSV file.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.city import City
from schemas.reasons import sort_reasons, worst_outcome
from tests.support.clean_rows import Firms
from tests.support.dirty_cases import AS_OF, CASES, Clean

__all__ = ["AS_OF", "FIRM", "Answer", "Catalogue", "Line", "make"]

FIRM = ("enterprise_name", "uscc", "district")


@dataclass(frozen=True)
class Answer:
    """What must become of a row."""

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    is_copy: bool = False

    @property
    def outcome(self) -> str:
        """The worst of the reasons; a copy is skipped."""
        return "skip" if self.is_copy else worst_outcome(self.reasons)


@dataclass(frozen=True)
class Line:
    """A data row: cells for both formats, what CSV has instead, and the two answers.

    `mended` is what a clerk types when the row comes back.
    """

    cells: Mapping[str, Any]
    xlsx: Answer
    csv: Answer
    csv_cells: Mapping[str, Any] = field(default_factory=dict)
    struck: str | None = None
    hidden: bool = False
    begins_merge: int = 0
    mended: Mapping[str, Any] = field(default_factory=dict)


def _conflicts(rng: random.Random, firms: Firms, city: City) -> list[list[Line]]:
    """Pairs of rows of which the second disagrees with the first, or copies it."""
    return [_doubled(firms), _copied(firms), _same_name(firms), _same_code(firms), _same_product(firms)]


def _doubled(firms: Firms) -> list[Line]:
    first, second = firms.clean(), firms.clean()
    wrong = Answer(("dup_certificate",))
    doubled = second | {"certificate_no": first["certificate_no"]}
    return [Line(first, wrong, wrong, mended=first), Line(doubled, wrong, wrong, mended=second)]


def _copied(firms: Firms) -> list[Line]:
    first = firms.clean()
    copy = first | {"seq": first["seq"] + 1, "phone": "12300009999"}
    return [_good(first, firms), Line(copy, Answer(is_copy=True), Answer(is_copy=True))]


def _same_name(firms: Firms) -> list[Line]:
    first, second = firms.clean(), firms.clean()
    wrong = second | {"enterprise_name": first["enterprise_name"]}
    return [_good(first, firms), _held(wrong, "uscc_conflict_same_name", second)]


def _same_code(firms: Firms) -> list[Line]:
    first, second = firms.clean(), firms.clean()
    return [_good(first, firms), _held(second | {"uscc": first["uscc"]}, "name_conflict_same_uscc", second)]


def _same_product(firms: Firms) -> list[Line]:
    first = firms.clean()
    again = first | {"certificate_no": firms.number()}
    mended = again | {"models": f"{first['models']}-2"}
    return [_good(first, firms), _held(again, "possible_duplicate_product", mended)]


def _held(cells: Clean, reason: str, mended: Clean) -> Line:
    return Line(cells, Answer((reason,)), Answer((reason,)), mended=mended)


def _good(cells: Clean, firms: Firms, warnings: tuple[str, ...] = (), **shown: Any) -> Line:
    answer = Answer((), warnings, firms.entry(cells))
    return Line({**cells, **shown}, answer, answer)


def _merged(rng: random.Random, firms: Firms) -> list[Line]:
    """Products of one firm whose name, code and district stand in one merged cell; CSV has blanks there."""
    count = rng.randint(2, 4)
    first = firms.clean()
    lines = [replace(_good(first, firms), begins_merge=count)]
    for _ in range(count - 1):
        cells = firms.clean() | {name: first[name] for name in FIRM}
        line = _good(cells, firms, ("merged_fill",), **dict.fromkeys(FIRM))
        lines.append(replace(line, csv=Answer(("ambiguous_fill_down",)), mended=cells))
    return lines


def _ditto(rng: random.Random, firms: Firms) -> list[Line]:
    first = firms.clean()
    cells = firms.clean() | {name: first[name] for name in FIRM}
    marks = {name: rng.choice(["同上", "〃", '"']) for name in FIRM}
    return [_good(first, firms), _good(cells, firms, ("ditto_fill",), **marks)]


def _dirty(rng: random.Random, firms: Firms, names: Sequence[str]) -> Line:
    """A clean row with one or more cases that touch different cells."""
    clean = firms.clean()
    cases = [CASES[name](rng, clean, firms.city) for name in names]
    cells = dict(clean)
    csv_cells: dict[str, Any] = {}
    values = firms.entry(clean)
    for case in cases:
        cells |= case.changes
        csv_cells |= case.csv_changes or {}
        if {"enterprise_name", "uscc"} <= set(case.changes):  # another firm altogether
            values |= {name: case.changes[name] for name in ("enterprise_name", "uscc")}
        values |= case.values
    return Line(
        cells,
        _answer(values, [case.reasons for case in cases], [case.warnings for case in cases]),
        _answer(
            values,
            [case.reasons if case.csv_reasons is None else case.csv_reasons for case in cases],
            [case.warnings if case.csv_warnings is None else case.csv_warnings for case in cases],
        ),
        csv_cells,
        struck=next((case.struck for case in cases if case.struck), None),
        hidden=any(case.hidden for case in cases),
        mended=clean,
    )


def _answer(values: Mapping[str, Any], reasons: Sequence[Sequence[str]], warnings: Sequence[Sequence[str]]) -> Answer:
    found = tuple(sort_reasons(code for codes in reasons for code in codes))
    if found:
        return Answer(found)
    return Answer((), tuple(sort_reasons(code for codes in warnings for code in codes)), values)


@dataclass(frozen=True)
class Catalogue:
    """A whole file's contents. `body` holds data rows, and layout rows as (reason, cells)."""

    city: City
    title: str
    body: tuple[Line | tuple[str, Mapping[str, Any]], ...]


def make(seed: int, city: City) -> Catalogue:
    """The catalogue of a seed: every case once, alone or with a second one, in any order among merges and headings."""
    rng = random.Random(seed)
    firms = Firms(rng, city)
    units: list[list[Line]] = [[_good(firms.clean(), firms)] for _ in range(rng.randint(3, 8))]
    units += [[_dirty(rng, firms, (name,))] for name in CASES]
    units += [[_dirty(rng, firms, _two_cases(rng, firms))] for _ in range(rng.randint(5, 15))]
    units += [_merged(rng, firms) for _ in range(rng.randint(1, 4))] + [_ditto(rng, firms) for _ in range(rng.randint(1, 3))]
    units += _conflicts(rng, firms, city)
    rng.shuffle(units)
    return Catalogue(city, f"{city.zh}现行有效两型产品目录", tuple(_with_layout(rng, units)))


def _two_cases(rng: random.Random, firms: Firms) -> tuple[str, ...]:
    """Two cases that touch different cells."""
    clean = firms.clean()
    while True:
        first, second = rng.sample(sorted(CASES), 2)
        touched = [_touched(name, clean, firms.city) for name in (first, second)]
        dates = {"valid_from", "valid_to"}
        if (
            not touched[0] & touched[1]
            and not (touched[0] & dates and touched[1] & dates)
            and "remark" not in touched[0] | touched[1]
        ):
            return first, second


def _touched(name: str, clean: Clean, city: City) -> set[str]:
    """Cells that a case may change or strike out."""
    several = {"formula": {"product_name", "models"}, "struck": {"product_name", "enterprise_name"}}
    return several.get(name) or {*CASES[name](random.Random(0), clean, city).changes}


def _with_layout(rng: random.Random, units: Sequence[Sequence[Line]]) -> list[Line | tuple[str, Mapping[str, Any]]]:
    body: list[Line | tuple[str, Mapping[str, Any]]] = [("section_heading", {"seq": "一、通用设备"})]
    for number, unit in enumerate(units, 2):
        body += unit
        chance = rng.random()
        if chance < 0.05:
            body += [
                ("subtotal_row", {"seq": "小计", "product_name": f"{rng.randint(1, 9)}个产品"}),
                ("blank_row", {}),
                ("section_heading", {"seq": f"{'一二三四五六七八九十'[number % 10]}、其他装备"}),
            ]
        elif chance < 0.08:
            body.append(("header_2", {}))
    count = sum(isinstance(one, Line) for one in body)
    return [
        *body,
        ("footer_total", {"seq": "合计", "enterprise_name": "共21家企业", "product_name": f"{count}个产品"}),
        ("footer_note", {"seq": "注：1.有效期届满前三个月内可申请复核；2.联系方式仅供工作使用。"}),
    ]
