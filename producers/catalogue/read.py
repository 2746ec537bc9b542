"""Reads a whole catalogue: bytes in, a report with every row judged out, or the refusal of the file."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import PurePath

from producers.catalogue.conflicts import conflicts, copies
from producers.catalogue.csv_file import read_csv
from producers.catalogue.fill import data_rows
from producers.catalogue.header import Header, find_header
from producers.catalogue.labels import Labels
from producers.catalogue.layout import Layout, lay_out
from producers.catalogue.package_guard import OLE_MAGIC, too_many_bytes, unreadable
from producers.catalogue.preamble import declared_products, filed_by, filed_on, numbered_by
from producers.catalogue.privacy import masked
from producers.catalogue.report import CatalogueReport, ControlTotal, RowResult
from producers.catalogue.rows import Judged, judge
from producers.catalogue.sheet import Limits, Sheet
from producers.catalogue.workbook import read_workbook
from producers.city_file import CityFile
from schemas.city import City
from schemas.entry import RegisterEntry
from schemas.errors import Both, FileRefused
from schemas.reasons import sort_reasons, worst_outcome

_WORKBOOKS = (".xlsx", ".xlsm")
_OLD_WORKBOOKS = (".xls", ".et")
"""Formats whose strike-through and hidden rows can't be read, so that a deleted row would pass. Always refused."""
_TEXTS = (".csv", ".txt", ".tsv")
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
) -> CatalogueReport:
    """A catalogue of one city, judged row by row.

    `register` holds the city's entries by certificate number; `as_of` changes warnings only.
    Raises `FileRefused`: `file_unreadable`, `file_encrypted`, `file_too_large`, `sheet_ambiguous`, `header_not_found`,
    `column_missing`, `other_citys_file`. Whether a file was seen before or is too old, the register knows.
    """
    sheet, header = _catalogue_sheet(_sheets(data, file_name, limits or Limits()), city_file)
    layout = lay_out(sheet, header)
    judged = [judge(row, city_file, sheet.epoch) for row in data_rows(sheet, header, layout)]
    _refuse_other_city(sheet, header, judged, city_file)
    return CatalogueReport(
        city_file.city,
        file_name,
        hashlib.sha256(data).hexdigest(),
        sheet.name,
        _results(judged, register, as_of),
        layout.layout,
        _control_total(sheet, header, layout),
        tuple(masked(label) for label in header.extra_columns),
        filed_on(sheet, header, layout, sheet.epoch),
    )


def _sheets(data: bytes, file_name: str, limits: Limits) -> tuple[Sheet, ...]:
    if len(data) > limits.file_bytes:
        raise too_many_bytes(file_name, limits.file_bytes)
    suffix = PurePath(file_name).suffix.lower()
    if suffix in _TEXTS:
        return (read_csv(data, limits),)
    if suffix in _WORKBOOKS or (suffix in _OLD_WORKBOOKS and data.startswith(OLE_MAGIC)):
        return read_workbook(data, limits)
    raise unreadable(
        f"不认识的文件类型“{suffix}”，只收 .xlsx、.xlsm 和 .csv。",
        f"“{suffix}” is no known type; .xlsx, .xlsm and .csv are.",
    )


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


def _refuse_other_city(sheet: Sheet, header: Header, judged: list[Judged], city_file: CityFile) -> None:
    """A title names the city; only where it names none do the certificate numbers tell."""
    owner = filed_by(sheet, header)
    if owner is None:
        owner = numbered_by([one.certificate_no for one in judged if one.certificate_no], city_file)
    if owner is not None and owner is not city_file.city:
        raise FileRefused(
            "other_citys_file",
            Both(f"这是{owner.zh}的目录，不是{city_file.city.zh}的。", f"This is a catalogue of {owner}, not of {city_file.city}."),
            _other_city(owner),
        )


def _other_city(owner: City) -> Both:
    return Both(
        f"请核对文件；若确是{owner.zh}的，请用 --city {owner.value} 导入。",
        f"Check the file; if it is {owner}'s, import it with --city {owner.value}.",
    )


def _control_total(sheet: Sheet, header: Header, layout: Layout) -> ControlTotal | None:
    declared = declared_products(sheet, header, layout)
    return None if declared is None else ControlTotal(declared, len(layout.data))


def _results(judged: list[Judged], register: Mapping[str, RegisterEntry], as_of: date) -> tuple[RowResult, ...]:
    repeated = copies(judged)
    found = conflicts([one for one in judged if one.row.number not in repeated], register)
    return tuple(
        _skipped(one) if one.row.number in repeated else _result(one, found.get(one.row.number, frozenset()), as_of)
        for one in judged
    )


def _skipped(one: Judged) -> RowResult:
    reasons = ("duplicate_row",)
    return RowResult(one.row.number, "skip", reasons, (), one.certificate_no, None, None, one.origin, one.status_words)


def _result(one: Judged, found: frozenset[str], as_of: date) -> RowResult:
    reasons = tuple(sort_reasons(one.reasons | found))
    outcome = worst_outcome(reasons)
    accepted = one.entry if outcome == "accept" else None
    return RowResult(
        one.row.number,
        outcome,
        reasons,
        tuple(sort_reasons((*one.warnings, *_on_day(accepted, as_of)))) if accepted is not None else (),
        one.certificate_no,
        accepted,
        one.entry if outcome in ("accept", "review") else None,
        one.origin,
        one.status_words,
    )


def _on_day(entry: RegisterEntry, as_of: date) -> tuple[str, ...]:
    if entry.valid_from > as_of:
        return ("not_yet_valid",)
    return ("expired_on_as_of",) if entry.valid_to < as_of else ()
