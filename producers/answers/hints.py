"""What may stand in a cell instead, where what was typed lets one guess: an offer to a person, never a correction."""

import re
from collections.abc import Callable, Mapping

from producers.city_file import CityFile
from schemas import text, uscc

_TWO_DIGIT = re.compile(r"\D*(\d{2})\D(\d{1,2})\D(\d{1,2})\D*")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})\D(\d{1,2})\D(\d{4})\s*")
_BRACKETED = re.compile(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]")
_MONTH_AND_DAY = re.compile(r"(?:\d{4}[-/年])?(\d{1,2})[-/月](\d{1,2})日?(?: 0?0:00(?::00)?)?")

MAX_TYPED = 200
"""Characters of a cell that are looked at."""


def hint(reason: str, typed: str, city_file: CityFile, example_number: str | None) -> str | None:
    """A sentence with what to type, or None. `example_number` is a certificate number of the same file that is right."""
    if reason == "certificate_pattern":
        return f"本表中正确的编号形如 {example_number}" if example_number else None
    if reason in ("status_unknown", "status_missing"):
        return "可填：" + "、".join(status_words(city_file))
    if reason == "district_unknown":
        return "可填：" + "、".join(city_file.divisions.today().values())
    if reason == "batch_unknown":
        return "写作“年份-批号”，例如 2020-1"
    guess = _GUESSES.get(reason)
    return guess(typed[:MAX_TYPED]) if guess is not None else None


def status_words(city_file: CityFile) -> list[str]:
    """The city's own word for each status."""
    return [main_word(known.words) for known in city_file.statuses.values()]


def main_word(words: frozenset[str]) -> str:
    """One of several words for the same, the shortest."""
    return min(words, key=lambda word: (len(word), word))


def _confusable(typed: str) -> str | None:
    reading = uscc.confusable_reading(text.uscc_text(typed).value)
    return f"疑为 {reading}，请核对" if reading else None


def _four_digits(typed: str) -> str | None:
    found = _TWO_DIGIT.fullmatch(typed)
    return f"疑为 {_day('20' + found[1], found[2], found[3])}，请核对" if found else None


def _either_order(typed: str) -> str | None:
    found = _DAY_FIRST.fullmatch(typed)
    if found is None:
        return None
    first, second, year = found.groups()
    both = dict.fromkeys((_day(year, second, first), _day(year, first, second)))
    return "请写 " + " 或 ".join(day for day in both if int(day[5:7]) <= 12)


def _current_name(typed: str) -> str | None:
    name = _BRACKETED.sub("", typed).strip()
    return f"名称栏只写：{name}" if name and name != typed else None


def _model_before(typed: str) -> str | None:
    found = _MONTH_AND_DAY.fullmatch(typed.strip())
    return f"疑为 {int(found[1])}-{int(found[2])}，请核对" if found else None


def _day(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02d}-{int(day):02d}"


_GUESSES: Mapping[str, Callable[[str], str | None]] = {
    "uscc_confusable": _confusable,
    "date_two_digit_year": _four_digits,
    "date_ambiguous_dmy": _either_order,
    "former_name_in_cell": _current_name,
    "model_autoconverted_date": _model_before,
}
