"""The answer to one file: its bytes and what the import said of them in, a marked workbook out. No disk, no register."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from producers.answers.copied import NotCopied, left_out, marked_copy
from producers.answers.remarks import RowRemark, row_remarks
from producers.answers.report import Imported, summary, text_report
from producers.answers.rewritten import rewritten
from producers.catalogue.formats import read_sheets
from producers.catalogue.package_guard import ZIP_MAGIC
from producers.catalogue.sheet import Limits, Sheet
from producers.city_file import CityFile

MAX_COPIED_BYTES = 8 * 1024 * 1024
"""Of an unpacked workbook, pictures aside, that is copied with its formats: some ten thousand rows. openpyxl takes
fifty times as much memory, and a minute; bigger ones are written anew."""

ANSWER_MARK = ".答复"
"""Stands at the end of an answer's name, before its type, `.xlsx`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`workbook` (an .xlsx) is None when no row needs a person; `report` is the text for the clerk."""

    workbook: bytes | None
    report: str
    told: Imported


def needs_answer(answer: Mapping[str, Any]) -> bool:
    """Whether a row was rejected or waits for a person."""
    return bool(answer["totals"]["reject"] or answer["totals"]["review"])


def answer_to(data: bytes, told: Imported, city_file: CityFile, limits: Limits) -> Answer:
    """The answer. Raises `FileRefused` only for bytes that the import refused as well."""
    sheet = _sheet_of(data, told, limits)
    texts = {row.number: row for row in sheet.rows}

    def text_at(row: int, column: int) -> str:
        return texts[row].at(column - 1).text if row in texts else ""

    remarks = list(row_remarks(told.answer, text_at, city_file))
    if not needs_answer(told.answer):
        told = replace(told, answer_file=None)
        return Answer(None, text_report(told, remarks), told)
    workbook, told = _workbook(data, sheet, told, remarks)
    return Answer(workbook, text_report(told, remarks), told)


def _sheet_of(data: bytes, told: Imported, limits: Limits) -> Sheet:
    sheets = read_sheets(data, told.file, limits)
    return next((sheet for sheet in sheets if sheet.name == told.answer["sheet"]), sheets[0])


def _workbook(data: bytes, sheet: Sheet, told: Imported, remarks: list[RowRemark]) -> tuple[bytes, Imported]:
    header = told.answer["header"]
    if data.startswith(ZIP_MAGIC) and _unpacked(data) <= MAX_COPIED_BYTES:
        told = replace(told, lost=left_out(data))
        try:
            return marked_copy(data, sheet, header, remarks, summary(told)), told
        except NotCopied:
            pass  # written anew below, and the report says so
    if data.startswith(ZIP_MAGIC):
        told = replace(told, lost=("格式", "其他工作表", *left_out(data)))
    return rewritten(sheet, header, remarks, summary(told)), told


def _unpacked(data: bytes) -> int:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return sum(part.file_size for part in package.infolist() if not part.filename.startswith("xl/media/"))
