"""A catalogue as a workbook: typed columns, drop-downs, a sheet of instructions; rows where there are some."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from producers.answers.hints import status_words
from producers.city_file import CityFile
from producers.forms.cells import Value
from producers.forms.columns import Column, columns
from producers.sheet_text import BOLD, FORMULA_STARTS, put_text, sheet_text, text_cell

SHEET, HELP_SHEET, CHOICES_SHEET = "目录", "填写说明", "选项"
HEADER_ROW = 3
TYPED_ROWS = 5_000
"""Rows below the header with drop-downs and checks; whoever needs more copies a row down."""

RECENT_YEARS = 3
DAY_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "@"
FIRST_DAY = "1949-10-01"
_RULES = (
    "一行一个产品，填在“目录”工作表表头下面；带 * 的列必填。",
    "改动列的顺序不要紧，列名请保留。示例只在本页，不会被导入。",
)
_HEAD = PatternFill("solid", fgColor="DDEBF7")
_WIDTHS: Mapping[str, int] = {"seq": 6, "enterprise_name": 34, "uscc": 24, "product_name": 28, "models": 26, "remark": 30}
_WIDTH = 16


def workbook(city_file: CityFile, today: date, filed_on: date | None, rows: Iterable[Mapping[str, Value]] = ()) -> bytes:
    """The catalogue of a city. `rows` hold values by field; `filed_on` is None in a form that is still to be filled in."""
    book = Workbook(write_only=True)
    told = columns(city_file)
    sheet, choices = book.create_sheet(SHEET), _choices(city_file, today)
    _lay_out(sheet, told, choices)
    sheet.append([text_cell(sheet, f"{city_file.city.zh}两型产品目录", BOLD)])
    sheet.append([text_cell(sheet, "填报日期：" + (f"{filed_on.year}年{filed_on.month}月{filed_on.day}日" if filed_on else ""))])
    sheet.append([_head(sheet, one.label) for one in told])
    for number, row in enumerate(rows, 1):
        sheet.append([_value(sheet, number if one.field == "seq" else row.get(one.field)) for one in told])
    _write_help(book.create_sheet(HELP_SHEET), told)
    _write_choices(book.create_sheet(CHOICES_SHEET), choices)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _choices(city_file: CityFile, today: date) -> dict[str, list[str]]:
    """What may be chosen, by field."""
    years = range(today.year, today.year - RECENT_YEARS, -1)
    return {
        "status": status_words(city_file),
        "district": list(city_file.divisions.today().values()),
        "batch": [f"{year}-{number}" for year in years for number in (1, 2)],
    }


def _lay_out(sheet: Any, told: Sequence[Column], choices: Mapping[str, Sequence[str]]) -> None:
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    for place, one in enumerate(told, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTHS.get(one.field, _WIDTH)
        if one.field != "seq":
            sheet.column_dimensions[letter].number_format = DAY_FORMAT if one.is_day else TEXT_FORMAT
        check = _check(one, choices)
        if check is not None:
            check.promptTitle, check.prompt, check.showInputMessage = one.label[:32], one.how[:255], True
            check.add(f"{letter}{HEADER_ROW + 1}:{letter}{HEADER_ROW + TYPED_ROWS}")
            sheet.data_validations.append(check)


def _check(one: Column, choices: Mapping[str, Sequence[str]]) -> DataValidation | None:
    """What Excel says of a value as it is typed. Only what is surely wrong is stopped; an unusual word is a question."""
    if choices.get(one.field):
        letter = get_column_letter(list(choices).index(one.field) + 1)
        listed = f"{CHOICES_SHEET}!${letter}$1:${letter}${len(choices[one.field])}"
        return _asked("list", "warning" if one.field != "status" else "stop", formula1=listed)
    if one.field == "uscc":
        return _asked("textLength", "stop", operator="equal", formula1="18")
    if one.field == "certificate_no":
        return _asked("textLength", "stop", operator="between", formula1="1", formula2="64")
    if one.is_day:
        # As a number of days: a text would be read by the language of each Excel.
        return _asked("date", "stop", operator="greaterThanOrEqual", formula1=str(_serial(date.fromisoformat(FIRST_DAY))))
    return None


def _asked(kind: Any, style: Any, **more: Any) -> DataValidation:
    said: dict[str, Any] = {"error": "请按“填写说明”改正。", "errorTitle": "请核对", "showErrorMessage": True}
    return DataValidation(type=kind, errorStyle=style, allow_blank=True, **said, **more)


def _serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days


def _write_help(sheet: Any, told: Sequence[Column]) -> None:
    """Labels from top to bottom: side by side they would be the header of a second catalogue."""
    for letter, width in zip("ABCD", (24, 8, 70, 34), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([text_cell(sheet, "怎么填", BOLD)])
    for line in _RULES:
        sheet.append([text_cell(sheet, line)])
    sheet.append([])
    sheet.append([_head(sheet, words) for words in ("列", "必填", "怎么填", "示例")])
    for one in told:
        texts = (one.label.rstrip("*"), "是" if one.is_needed else "", one.how, one.example)
        sheet.append([text_cell(sheet, words) for words in texts])


def _write_choices(sheet: Any, choices: Mapping[str, Sequence[str]]) -> None:
    sheet.sheet_state = "hidden"
    for number in range(max(map(len, choices.values()))):
        sheet.append([text_cell(sheet, words[number]) if number < len(words) else None for words in choices.values()])


def _head(sheet: Any, words: str) -> Any:
    cell = text_cell(sheet, words, BOLD)
    cell.fill = _HEAD
    return cell


def _value(sheet: Any, value: Value | int) -> Any:
    """A plain value where that is enough: a cell object costs ten times as much."""
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.number_format = DAY_FORMAT
        return cell
    if isinstance(value, str):
        if not value.startswith((*FORMULA_STARTS, "#")):
            return sheet_text(value)
        cell = WriteOnlyCell(sheet)
        put_text(cell, value)
        return cell
    return value
