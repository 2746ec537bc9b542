"""Reads a whole catalogue: bytes in, a report with every row judged out, or the refusal of the file."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from producers.catalogue.answer_columns import without_answers
from producers.catalogue.concerned import concerned
from producers.catalogue.conflicts import conflicts, copies
from producers.catalogue.fill import DataRow, data_rows
from producers.catalogue.formats import read_sheets
from producers.catalogue.header import Header, find_header, may_have_header
from producers.catalogue.kept_row import again
from producers.catalogue.labels import Labels
from producers.catalogue.layout import LayoutRow, lay_out
from producers.catalogue.preamble import declared_products, filed_by, filed_on, numbered_by
from producers.catalogue.privacy import masked, people_in, without
from producers.catalogue.remembered import Reads
from producers.catalogue.report import CatalogueReport, ControlTotal, RowResult
from producers.catalogue.rows import Judged, judge
from producers.catalogue.sheet import Limits, Sheet
from producers.city_file import CityFile
from schemas.city import City
from schemas.entry import RegisterEntry
from schemas.errors import Both, FileRefused
from schemas.reasons import sort_reasons, worst_outcome

SHOWN_EVERY = 1_000
"""Rows between two words about the progress."""

_ZH = {
    "enterprise_name": "企业名称",
    "uscc": "统一社会信用代码",
    "product_name": "产品名称",
    "models": "规格型号",
    "certificate_no": "认定编号",
    "valid_from": "发证日期",
    "valid_to": "有效期至",
    "validity": "有效期",
    "status": "状态",
    "district": "所属区县",
    "category": "产品类别",
    "standards": "执行标准",
    "batch": "批次",
}
_MAY_REPEAT = ("seq", "remark")
"""Columns of which the first is taken when a label stands twice; no value of the register hangs on it."""


def read_catalogue(
    data: bytes,
    file_name: str,
    city_file: CityFile,
    as_of: date,
    register: Mapping[str, RegisterEntry],
    limits: Limits | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> CatalogueReport:
    """A catalogue of one city, judged row by row.

    `register` holds the city's entries by certificate number; `as_of` changes warnings only; `progress` is told now and
    then how many rows of how many are done.
    Raises `FileRefused`: `file_unreadable`, `file_encrypted`, `file_too_large`, `sheet_ambiguous`, `header_not_found`,
    `column_missing`, `other_citys_file`. Whether a file was seen before or is too old, the register knows.
    """
    labels = Labels(city_file)
    table = _table(read_sheets(data, file_name, limits or Limits(), lambda rows: may_have_header(rows, labels)), city_file)
    reads = Reads(city_file, table.epoch)
    judged = []
    for number, row in enumerate(table.rows, 1):
        judged.append(judge(row, city_file, reads))
        if number % SHOWN_EVERY == 0:
            progress(number, table.counted)
    _refuse_other_city(table.filed_by, judged, city_file)
    return CatalogueReport(
        city_file.city,
        file_name,
        hashlib.sha256(data).hexdigest(),
        table.name,
        _results(judged, register, as_of),
        table.layout,
        None if table.declared is None else ControlTotal(table.declared, table.counted),
        tuple(masked(label) for label in table.extra_columns),
        table.filed_on,
        table.header,
        table.columns,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """What is needed of a sheet once it is laid out; `rows` can be walked once."""

    name: str | None
    epoch: int
    rows: Iterator[DataRow]
    counted: int
    layout: tuple[LayoutRow, ...]
    extra_columns: tuple[str, ...]
    header: int
    columns: Mapping[str, int]
    filed_by: City | None
    filed_on: date | None
    declared: int | None


def _table(sheets: tuple[Sheet, ...], city_file: CityFile) -> _Table:
    sheet, header = _catalogue_sheet(tuple(map(without_answers, sheets)), city_file)
    layout = lay_out(sheet, header, city_file.certificate_pattern)
    return _Table(
        _name_without_people(sheet, header),
        sheet.epoch,
        data_rows(sheet, header, layout),
        len(layout.data),
        layout.layout,
        header.extra_columns,
        sheet.rows[header.first + header.height - 1].number,
        {field: column + 1 for field, column in header.columns.items()},
        filed_by(sheet, header, city_file),
        filed_on(sheet, header, layout, sheet.epoch),
        declared_products(sheet, header, layout),
    )


def _name_without_people(sheet: Sheet, header: Header) -> str | None:
    """The sheet's name, which goes out with every entry."""
    if sheet.name is None:
        return None
    letters = set(sheet.name)
    cells = {row.at(column) for row in sheet.rows for column in header.contacts}
    return masked(without(sheet.name, people_in(cell for cell in cells if not letters.isdisjoint(cell.text))))


def _catalogue_sheet(sheets: tuple[Sheet, ...], city_file: CityFile) -> tuple[Sheet, Header]:
    """The one sheet with a header. A sheet with a part of the columns counts only when none has all of them."""
    labels = Labels(city_file)
    found = [(sheet, header) for sheet in sheets if (header := find_header(sheet, labels, city_file.needed)) is not None]
    if not found:
        raise FileRefused(
            "header_not_found",
            Both("没有找到表头行。", "No catalogue header was found."),
            Both(
                "请确认工作表里有“企业名称、认定编号”等列名，且工作表没有隐藏。",
                "Check that a visible sheet has the columns 企业名称, 认定编号 and so on.",
            ),
        )
    complete = [(sheet, header) for sheet, header in found if not header.missing(city_file.needed)]
    if len(complete) > 1:
        names = "、".join(f"“{sheet.name}”" for sheet, _ in complete)
        raise FileRefused(
            "sheet_ambiguous",
            Both(f"有 {len(complete)} 个工作表都像目录：{names}。", f"{len(complete)} sheets look like a catalogue: {names}."),
            Both("请只留一个，其余隐藏或删去。", "Keep one; hide or delete the others."),
        )
    if not complete:
        raise _column_missing(max(found, key=lambda one: len(one[1].columns))[1], city_file)
    sheet, header = complete[0]
    if doubled := [field for field in header.doubled if field not in _MAY_REPEAT]:
        columns = "、".join(_ZH.get(field, field) for field in doubled)
        raise FileRefused(
            "column_missing",
            Both(f"有两列都叫“{columns}”，分不清用哪一列。", f"Two columns are called “{columns}”: which one counts?"),
            Both("请改掉其中一列的列名。", "Give one of them another name."),
        )
    return sheet, header


def _column_missing(header: Header, city_file: CityFile) -> FileRefused:
    names = "、".join("或".join(_ZH.get(field, field) for field in choice) for choice in header.missing(city_file.needed))
    return FileRefused(
        "column_missing",
        Both(f"缺少必需的列：{names}。", f"Needed columns are missing: {names}."),
        Both(
            "请补上这些列；如果只是叫法不同，请把叫法加进本市的配置文件。",
            "Add them; if they only have other names, add those names to the city's file.",
        ),
    )


def _refuse_other_city(owner: City | None, judged: list[Judged], city_file: CityFile) -> None:
    """A title names the city; only where it names none do the certificate numbers tell."""
    if owner is None:
        owner = numbered_by([one.certificate_no for one in judged if one.certificate_no], city_file)
    if owner is not None and owner != city_file.city:
        raise FileRefused(
            "other_citys_file",
            Both(f"这是{owner.zh}的目录，不是{city_file.city.zh}的。", f"This is a catalogue of {owner}, not of {city_file.city}."),
            _other_city(owner),
        )


def _other_city(owner: City) -> Both:
    return Both(
        f"请核对文件；若确是{owner.zh}的，请用 --city {owner.word} 导入。",
        f"Check the file; if it is {owner}'s, import it with --city {owner.word}.",
    )


def _results(judged: list[Judged], register: Mapping[str, RegisterEntry], as_of: date) -> tuple[RowResult, ...]:
    repeated = copies(judged)
    found = conflicts([one for one in judged if one.number not in repeated], register)
    return tuple(
        _skipped(one) if one.number in repeated else result_of(one, found.get(one.number, _NO_CONFLICT), as_of) for one in judged
    )


_NO_CONFLICT: frozenset[str] = frozenset()


def _skipped(one: Judged) -> RowResult:
    reasons = ("duplicate_row",)
    return RowResult(one.number, "skip", reasons, (), one.certificate_no, None, None, one.origin, one.status_words)


def result_of(one: Judged, found: frozenset[str], as_of: date) -> RowResult:
    """What a judged row comes to with the conflicts that were `found`; `as_of` changes warnings only."""
    reasons = tuple(sort_reasons(one.reasons | found)) if one.reasons or found else ()
    outcome = worst_outcome(reasons)
    accepted = one.entry if outcome == "accept" else None
    return RowResult(
        one.number,
        outcome,
        reasons,
        tuple(sort_reasons((*one.warnings, *_on_day(accepted, as_of)))) if accepted is not None else (),
        one.certificate_no,
        accepted,
        one.entry if outcome in ("accept", "review") else None,
        one.origin,
        one.status_words,
        concerned(reasons, one.own, one.columns),
        again=again(one) if outcome == "review" else None,
    )


def _on_day(entry: RegisterEntry, as_of: date) -> tuple[str, ...]:
    if entry.valid_from > as_of:
        return ("not_yet_valid",)
    return ("expired_on_as_of",) if entry.valid_to < as_of else ()
