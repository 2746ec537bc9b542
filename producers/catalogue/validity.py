"""Reads the validity of a row from its date cells: two days, a range in one cell, or a start and a term."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from producers.catalogue.dates import INVALID, MAX_DATE_TEXT, DateRead, cn_number, read_date, read_date_text
from producers.catalogue.sheet import Cell, CellKind, squeeze
from schemas.text import is_placeholder

_NUMBER = r"(\d{1,3}|[一二两三四五六七八九十壹贰叁肆伍]{1,3})"
_FROM_THERE = r"(?:自|从)?(?:发证|颁证|认定|批准|公布|公告|生效|发布|签发|获证|列入)?(?:之)?日?(?:期)?(?:起)?(?:算)?"
_TERM = re.compile(
    rf"{_FROM_THERE}(?:有效期?限?)?[:为]?(?:{_NUMBER}(?:周?年|个?整年)|{_NUMBER}个月|(半)年)(?:有效|内有效|整|期|内|止)*"
)
_SPLIT = re.compile(r"至|到|起|~|∼|〜|⁓|--+|[—–―]+|-")
MAX_MONTHS = 600
"""Fifty years; a longer term is a typing error."""


@dataclass(frozen=True, slots=True)
class ValidityRead:
    """First and last day, both inclusive, or the reasons why they are not known."""

    valid_from: date | None = None
    valid_to: date | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """What one cell says: a single date, a range, a term in months, or nothing."""

    single: DateRead | None = None
    span: tuple[DateRead, DateRead] | None = None
    months: int | None = None


def read_validity(valid_from: Cell, valid_to: Cell, validity: Cell, epoch: int) -> ValidityRead:
    """The validity of a row. A range says more than a lone issue date, so it wins over one."""
    begin, end, whole = (_part(cell, epoch) for cell in (valid_from, valid_to, validity))
    spans = [part.span for part in (begin, end, whole) if part.span is not None]
    if spans:
        if any((a.day, b.day) != (spans[0][0].day, spans[0][1].day) for a, b in spans[1:]):
            return ValidityRead(reasons=("date_invalid",))
        if end.single is not None and end.single.day != spans[0][1].day:
            return ValidityRead(reasons=("date_invalid",))
        return _judged(*spans[0], extra=("range_split",))
    last = end if end != _Part() else whole
    if last.months is not None and begin.single is not None:
        return _from_term(begin.single, last.months)
    singles = [part.single for part in (begin, last) if part.single is not None]
    if len(singles) < 2:
        reasons = [read.reason for read in singles if read.reason]
        return ValidityRead(reasons=tuple(reasons) or ("date_missing",))
    return _judged(singles[0], singles[1])


def date_reasons(cell: Cell, epoch: int) -> tuple[str, ...]:
    """What one date cell is at fault for when the validity can't be read; a blank one for being blank."""
    part = _part(cell, epoch)
    if part == _Part():
        return ("date_missing",)
    reads = part.span or ((part.single,) if part.single is not None else ())
    return tuple(dict.fromkeys(read.reason for read in reads if read.reason))


def _judged(first: DateRead, last: DateRead, extra: tuple[str, ...] = ()) -> ValidityRead:
    reasons = tuple(dict.fromkeys(read.reason for read in (first, last) if read.reason))
    if first.day is None or last.day is None:
        return ValidityRead(reasons=reasons)
    if last.day < first.day:
        return ValidityRead(reasons=("date_order",))
    return ValidityRead(first.day, last.day, (), (*extra, *first.warnings, *last.warnings))


def _from_term(first: DateRead, months: int) -> ValidityRead:
    if first.day is None:
        return ValidityRead(reasons=(first.reason,) if first.reason else ())
    last = end_of_term(first.day, months)
    return ValidityRead(first.day, last, (), (*first.warnings, "validity_term_computed"))


def end_of_term(first: date, months: int) -> date:
    """The last day of a term: the same day so many months on, less one day.

    Where that day doesn't exist (29 February, 31 April) the month's last day is the end, with no day taken off.
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    if first.day > longest:
        return date(year, month + 1, longest)
    return date(year, month + 1, first.day) - timedelta(days=1)


def _part(cell: Cell, epoch: int) -> _Part:
    if cell.is_blank or (cell.kind is CellKind.TEXT and is_placeholder(cell.text)):
        return _Part()
    if cell.kind is not CellKind.TEXT:
        return _Part(single=read_date(cell, epoch))
    if len(cell.text) > MAX_DATE_TEXT:
        return _Part(single=INVALID)
    months = _months(squeeze(cell.text))
    if months is not None:
        return _Part(months=months)
    single = read_date_text(cell.text, epoch)
    if single != INVALID:
        return _Part(single=single)
    return _range(squeeze(cell.text), epoch) or _Part(single=INVALID)


def _months(text: str) -> int | None:
    found = _TERM.fullmatch(text)
    if found is None:
        return None
    years, months, half = found.groups()
    count = 6 if half else cn_number(years) * 12 if years else cn_number(months)
    return count if 0 < count <= MAX_MONTHS else None


def _range(text: str, epoch: int) -> _Part | None:
    """A text cut at one of its separators into two dates, or a date and a term (which makes a range too)."""
    partly: _Part | None = None
    for left, right in _halves(text):
        first = read_date_text(left, epoch)
        if first == INVALID:
            continue
        months = _months(right)
        last = _term_end(first.day, months) if months and first.day else read_date_text(right, epoch)
        if first.day and last.day:
            return _Part(span=(first, last))
        if last != INVALID and partly is None:
            partly = _Part(span=(first, last))
    return partly


def _term_end(first: date, months: int) -> DateRead:
    return DateRead(end_of_term(first, months), None, ("validity_term_computed",))


def _halves(text: str) -> Iterator[tuple[str, str]]:
    for cut in _SPLIT.finditer(text):
        yield text[: cut.start()], text[cut.end() :]
