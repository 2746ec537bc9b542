"""Reads an assessment sheet: one row a listing, 是 or 否 in nine columns; rows that can't be taken say why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from deploy.cities.read import Cities
from deploy.reading import read_file
from producers.catalogue.csv_file import read_csv
from producers.catalogue.dates import read_date
from producers.catalogue.sheet import Cell, Limits, Sheet, SheetRow, squeeze
from producers.catalogue.workbook import read_workbook
from schemas.city import City
from schemas.decisions import CRITERIA_ALL, CRITERIA_ANY, Criteria
from schemas.errors import Both, FileRefused

CRITERION_COLUMNS = dict(
    zip(
        ("安全", "环保", "质量", "技术", "产业政策", "产业协同", "科技创新", "绿色环保", "品牌影响"),
        (*CRITERIA_ALL, *CRITERIA_ANY),
        strict=True,
    )
)
NEEDED = ("认定编号", "城市", *CRITERION_COLUMNS, "日期")
COLUMNS = (*NEEDED[:-1], "依据", "评审人", "日期")
"""The sheet's columns; 依据 (basis) and 评审人 (assessors) may be missing."""

ANSWERS = {"是": True, "否": False, "": None}
HEADER_WITHIN = 10
"""Rows above the header: a title, a unit, a date."""


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One row. `problem` is None when it can become a decision, else a key of the texts with its values."""

    row: int
    certificate_no: str
    city: City | None
    criteria: Criteria
    basis: str
    assessors: str
    assessed_on: date | None
    problem: str | None = None
    found: str = ""


def read_assessments(file: Path, limits: Limits, cities: Cities) -> list[AssessmentRow]:
    """The rows of an .xlsx, .xlsm or .csv sheet.

    Raises `FileRefused`: `file_too_large`, `file_unreadable`, `file_encrypted`, `header_not_found`, `column_missing`;
    OSError when the file can't be opened.
    """
    data = read_file(file, limits.file_bytes)
    text = file.suffix.lower() in (".csv", ".txt")
    sheets = (read_csv(data, limits),) if text else read_workbook(data, limits)
    for sheet in sheets:
        columns = _header(sheet)
        if columns is not None:
            return _without_repeats([_row(row, columns[1], sheet, cities) for row in _below(sheet, columns[0])])
    raise FileRefused(
        "header_not_found",
        Both(f"{file.name}：没有找到评审表的表头。", f"{file.name}: there is no header of an assessment sheet."),
        Both(f"表头须有：{' '.join(COLUMNS)}", f"The header needs: {' '.join(COLUMNS)}"),
    )


def _header(sheet: Sheet) -> tuple[int, Mapping[str, int]] | None:
    """Row number of the header and the column of each name; None when the sheet has none."""
    for row in sheet.rows[:HEADER_WITHIN]:
        columns = {squeeze(cell.text): index for index, cell in enumerate(row.cells)}
        if "认定编号" not in columns:
            continue
        if missing := [name for name in NEEDED if name not in columns]:
            raise FileRefused(
                "column_missing",
                Both(f"评审表缺少这些列：{' '.join(missing)}", f"The sheet lacks these columns: {' '.join(missing)}"),
                Both(f"评审表的列：{' '.join(COLUMNS)}", f"The columns of a sheet: {' '.join(COLUMNS)}"),
            )
        return row.number, columns
    return None


def _below(sheet: Sheet, header: int) -> Sequence[SheetRow]:
    return [row for row in sheet.rows if row.number > header and not row.is_blank]


def _row(row: SheetRow, columns: Mapping[str, int], sheet: Sheet, cities: Cities) -> AssessmentRow:
    def at(name: str) -> Cell:
        return row.at(columns[name]) if name in columns else Cell(kind=row.at(0).kind)

    def plain(name: str) -> str:
        return row.at(columns[name]).text.strip() if name in columns else ""

    city = cities.meant(squeeze(plain("城市")).lower())
    answers = {name: squeeze(plain(name)) for name in CRITERION_COLUMNS}
    wrong = [f"{name} {answer}" for name, answer in answers.items() if answer not in ANSWERS]
    day = read_date(at("日期"), sheet.epoch).day if plain("日期") else None
    made = AssessmentRow(
        row=row.number,
        certificate_no=_certificate_no(plain("认定编号")),
        city=city,
        criteria=Criteria(**{CRITERION_COLUMNS[name]: ANSWERS.get(answer) for name, answer in answers.items()}),
        basis=plain("依据"),
        assessors=plain("评审人"),
        assessed_on=day,
    )
    if not made.certificate_no:
        return replace(made, problem="assess.no_number")
    if city is None:
        return replace(made, problem="assess.no_city", found=plain("城市"))
    if wrong:
        return replace(made, problem="assess.bad_answer", found="、".join(wrong))
    return made if day is not None else replace(made, problem="assess.no_day", found=plain("日期"))


_DASHES = re.compile("[‐‑‒–—―−－]")


def _certificate_no(raw: str) -> str:
    """As registers keep it: NFKC, upper case, plain dashes, no spaces."""
    return squeeze(_DASHES.sub("-", raw)).upper()


def _without_repeats(rows: list[AssessmentRow]) -> list[AssessmentRow]:
    """A listing stands on a sheet once: of two findings nobody knows which one holds."""
    seen: dict[tuple[City | None, str], int] = {}
    found = []
    for row in rows:
        first = seen.setdefault((row.city, row.certificate_no), row.row)
        repeated = row.problem is None and first != row.row
        found.append(replace(row, problem="assess.repeated", found=str(first)) if repeated else row)
    return found
