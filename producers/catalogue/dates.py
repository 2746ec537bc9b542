"""Reads one date as people write it: 2021年3月1日, 20210301, 44256, 二〇二一年三月一日; or says why it can't."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from producers.catalogue.sheet import Cell, CellKind, squeeze

YEARS = range(1949, 2200)
"""Years taken for dates of a register; outside it a typing error is likelier."""

MAX_DATE_TEXT = 100
"""Characters of a cell that may be a date, a range or a term; a longer one is a story, and slow to search."""

_EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
_CN_DIGITS = {digit: str(value) for value, row in enumerate(("〇零○Oo0", *"一二三四五六七八九")) for digit in row}
_CN_DATE = re.compile(
    r"(?:[〇零○Oo0一二三四五六七八九]{4}|\d{4})年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十廿卅]{1,3}[日号]"
)
_EDGES = re.compile(
    r"^'(?=\d{4})|^(?:有效期?限?|证书)*(?:自|从|由|至|到|为|截至|截止|截止至|:)+|(?:起|止|前|为止|截止|前?有效|[。.,;、])+$"
)
_TIME = re.compile(r"(?<=\d)[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_YMD = re.compile(r"(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})[日号]?")
_OPEN_ENDED = re.compile(
    r"(?:有效期?)?(?:为)?(?:长期|永久|永续|无限期|无固定期限|无期限?|不限期?|长久)(?:有效|使用)?|9999[-年./]?12[-月./]?31日?"
)
_MONTH_ONLY = re.compile(r"\d{4}[-年./]\d{1,2}月?份?|\d{4}年\d{1,2}月(?:[上中下]旬|底|初|末)?")
_TWO_DIGIT = re.compile(r"['’]?\d{2}[-年./]\d{1,2}[-月./]\d{1,2}[日号]?|\d{1,2}-[A-Za-z]{3}-\d{2}")
_DMY = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{4}")


@dataclass(frozen=True, slots=True)
class DateRead:
    """A day, or the reason code why there is none; with warnings."""

    day: date | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()


INVALID = DateRead(reason="date_invalid")


def read_date(cell: Cell, epoch: int) -> DateRead:
    """The day in a cell that isn't blank. `epoch` is the workbook's, 1900 for CSV."""
    if cell.kind is CellKind.DATE:
        return _checked(cell.day)
    if cell.kind is CellKind.NUMBER:
        return read_date_number(cell.number, epoch)
    return INVALID if cell.kind is CellKind.ERROR else read_date_text(cell.text, epoch)


def read_date_number(number: int | float | None, epoch: int) -> DateRead:
    """A number is YYYYMMDD or a five-digit serial of the epoch, nothing else."""
    if not isinstance(number, int):
        return INVALID
    if 10_000 <= number <= 99_999:
        read = _checked(_EPOCHS[epoch] + timedelta(days=number))
        return DateRead(read.day, read.reason, ("date_serial_parsed",) if read.day else ())
    if 10_000_000 <= number <= 99_999_999:
        return _day(number // 10_000, number // 100 % 100, number % 100)
    return INVALID


def read_date_text(raw: str, epoch: int = 1900) -> DateRead:
    """The day a text says. Order decides nothing: every form here can be read in one way only, or is a question."""
    if len(raw) > MAX_DATE_TEXT:
        return INVALID
    # A time of day needs its blank to be told from the day; it goes first, then all blanks do.
    text = squeeze(_TIME.sub("", unicodedata.normalize("NFKC", raw).strip()))
    text = text.replace("—", "-").replace("–", "-").replace("−", "-")
    if _OPEN_ENDED.fullmatch(text):
        return DateRead(reason="validity_open_ended")
    text = text if _CN_DATE.fullmatch(text) else _EDGES.sub("", text)
    if text.isascii() and text.isdigit():
        return read_date_number(int(text), epoch) if len(text) in (5, 8) else INVALID
    if found := _YMD.fullmatch(text):
        return _day(*(int(part) for part in found.groups()))
    if _CN_DATE.fullmatch(text):
        return _chinese(text)
    return _unsure(text)


def _unsure(text: str) -> DateRead:
    for form, reason in (
        (_MONTH_ONLY, "date_month_only"),
        (_TWO_DIGIT, "date_two_digit_year"),
        (_DMY, "date_ambiguous_dmy"),
    ):
        if form.fullmatch(text):
            return DateRead(reason=reason)
    return INVALID


def _chinese(text: str) -> DateRead:
    year, rest = text.split("年")
    month, day = rest[:-1].split("月")
    read = _day(int("".join(_CN_DIGITS.get(digit, digit) for digit in year)), cn_number(month), cn_number(day))
    return DateRead(read.day, read.reason, ("date_cn_numeral_parsed",) if read.day else ())


def cn_number(text: str) -> int:
    """一 to 九十九, 廿 and 卅 too, and Arabic digits; 0 for anything else."""
    if text.isascii() and text.isdigit() and len(text) < 5:
        return int(text)
    tens, units = text.replace("廿", "二十").replace("卅", "三十"), ""
    if "十" in tens:
        tens, _, units = tens.partition("十")
        high = 1 if not tens else _digit(tens)
        low = 0 if not units else _digit(units)
        return high * 10 + low if high and (low or not units) else 0
    return _digit(tens)


def _digit(text: str) -> int:
    extra = {"两": 2, "叁": 3, "壹": 1, "贰": 2, "肆": 4, "伍": 5}
    return extra.get(text, int(_CN_DIGITS[text]) if text in _CN_DIGITS else 0)


def _day(year: int, month: int, day: int) -> DateRead:
    try:
        return _checked(date(year, month, day))
    except ValueError:
        return INVALID


def _checked(day: date | None) -> DateRead:
    return DateRead(day) if day is not None and day.year in YEARS else INVALID
