"""Dates and validities as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.catalogue.dates import cn_number, read_date_number, read_date_text
from producers.catalogue.sheet import EMPTY, text_cell
from producers.catalogue.validity import end_of_term, read_validity

MARCH = date(2021, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2021年3月1日",
        "2021 年 03 月 01 日",
        "2021-3-1",
        "2021/03/01",
        "2021.3.1",
        "２０２１．３．１",
        "20210301",
        "44256",
        "2021-03-01 00:00:00",
        "2021-03-01T08:00:00",
        "2021年3月1号",
        "自2021年3月1日起",
        "二〇二一年三月一日",
        "二零二一年三月一日",
        "2021—3—1",
    ],
)
def test_one_reading(text: str) -> None:
    """Forms that can be read in one way only are read."""
    assert read_date_text(text).day == MARCH


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3/4/2021", "date_ambiguous_dmy"),
        ("13-4-2021", "date_ambiguous_dmy"),
        ("21.3.4", "date_two_digit_year"),
        ("21年3月4日", "date_two_digit_year"),
        ("2021年3月", "date_month_only"),
        ("2021.3", "date_month_only"),
        ("2021-03", "date_month_only"),
        ("长期有效", "validity_open_ended"),
        ("2021年2月29日", "date_invalid"),
        ("2021", "date_invalid"),
        ("202103", "date_invalid"),
        ("0021-3-1", "date_invalid"),
        ("二〇二一年十三月一日", "date_invalid"),
        ("待定", "date_invalid"),
        ("", "date_invalid"),
    ],
)
def test_questions_and_faults(text: str, reason: str) -> None:
    """Forms with two readings are questions, impossible ones are faults."""
    assert (read_date_text(text).day, read_date_text(text).reason) == (None, reason)


@pytest.mark.parametrize(
    ("number", "epoch", "day"),
    [(44256, 1900, MARCH), (42794, 1904, MARCH), (20210301, 1900, MARCH), (9999, 1900, None), (20210230, 1900, None)],
)
def test_numbers(number: int, epoch: int, day: date | None) -> None:
    """A number is a five-digit serial of the workbook's epoch or YYYYMMDD."""
    assert read_date_number(number, epoch).day == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("三十一", 31), ("廿五", 25), ("12", 12), ("百", 0)],
)
def test_chinese_numbers(text: str, number: int) -> None:
    """Numbers up to ninety-nine."""
    assert cn_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "2021.3.1-2024.2.29",
        "2021年3月1日至2024年2月29日",
        "2021-03-01至2024-02-29",
        "2021-3-1 ~ 2024-2-29",
        "2021/3/1—2024/2/29",
        "2021-03-01-2024-02-29",
        "20210301-20240229",
        "自2021年3月1日起至2024年2月29日止",
        "2021.3.1～2024.2.29",
        "2021.3.1\n-2024.2.29",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_range_in_one_cell(text: str, place: int) -> None:
    """A range is cut into its two days in whichever date column it stands."""
    cells = [EMPTY, EMPTY, EMPTY]
    cells[place] = text_cell(text)
    read = read_validity(cells[0], cells[1], cells[2], 1900)
    assert (read.valid_from, read.valid_to, read.warnings) == (MARCH, date(2024, 2, 29), ("range_split",))


@pytest.mark.parametrize("text", ["三年", "3年", "叁年", "36个月", "有效期三年", "自发证之日起三年", "3周年"])
def test_term(text: str) -> None:
    """A term counts from the first day and ends the day before its anniversary."""
    read = read_validity(text_cell("2021-3-1"), text_cell(text), EMPTY, 1900)
    assert (read.valid_to, read.warnings) == (date(2024, 2, 29), ("validity_term_computed",))


def test_term_from_leap_day() -> None:
    """Three years from 29 February end on 28 February, with no day taken off."""
    assert end_of_term(date(2020, 2, 29), 36) == date(2023, 2, 28)
    assert end_of_term(date(2020, 2, 29), 48) == date(2024, 2, 28)


def test_term_without_start_is_missing() -> None:
    """A term alone gives no day."""
    assert read_validity(EMPTY, text_cell("三年"), EMPTY, 1900).reasons == ("date_missing",)


def test_two_ranges_that_differ_are_a_fault() -> None:
    """Which of two different ranges holds, nobody can tell."""
    read = read_validity(text_cell("2021.3.1-2024.2.29"), text_cell("2021.3.1-2025.2.28"), EMPTY, 1900)
    assert read.reasons == ("date_invalid",)


@given(st.dates(date(1950, 1, 1), date(2199, 12, 31)), st.sampled_from(["%Y年%m月%d日", "%Y-%m-%d", "%Y.%m.%d", "%Y%m%d"]))
def test_every_day_is_read_back(day: date, form: str) -> None:
    """Every day in every unambiguous form is read as that day."""
    assert read_date_text(day.strftime(form)).day == day


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_term_ends_before_the_same_day(first: date, months: int) -> None:
    """A term is never longer than its months, and never ends before it starts."""
    last = end_of_term(first, months)
    assert first < last < first + timedelta(days=31 * months + 1)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail."""
    read = read_date_text(text)
    assert (read.day is None) == (read.reason is not None)
