"""Reads a buyer's list: the rows below the first header that names a product and a firm or its code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from producers.catalogue.csv_file import read_csv
from producers.catalogue.labels import label_forms
from producers.catalogue.sheet import Limits, Sheet, SheetRow
from producers.catalogue.workbook import read_workbook
from schemas.errors import Both, FileRefused

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "uscc"),
    "enterprise_name": ("企业名称", "生产企业", "生产厂家", "制造商", "供应商", "供应商名称", "单位名称", "企业", "厂家"),
    "product_name": ("产品名称", "货物名称", "商品名称", "品名", "产品", "名称"),
    "models": ("规格型号", "型号规格", "型号", "规格"),
}
"""The words under which buyers write each column."""

HEADER_WITHIN = 20
"""Rows above the header: a title, a project, a date."""

_FIELDS = {form: field for field, names in COLUMNS.items() for name in names for form in label_forms(name)}


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of the list, as written; `row` is the sheet's row or the CSV's line."""

    row: int
    uscc: str
    enterprise_name: str
    product_name: str
    models: str


@dataclass(frozen=True, slots=True)
class BuyersList:
    """The rows asked about, the sheet's name (None for CSV), its header's row, and its width in columns."""

    sheet: str | None
    header: int
    width: int
    rows: tuple[Asked, ...]


def read_list(data: bytes, file: Path, limits: Limits) -> BuyersList:
    """The rows of an .xlsx, .xlsm or .csv list; `file` for its name.

    Raises `FileRefused`: `file_too_large`, `file_unreadable`, `file_encrypted`, `header_not_found`.
    """
    text = file.suffix.lower() in (".csv", ".txt")
    for sheet in (read_csv(data, limits),) if text else read_workbook(data, limits):
        for row in sheet.rows[:HEADER_WITHIN]:
            columns = _columns(row)
            if "product_name" in columns and columns.keys() & {"uscc", "enterprise_name"}:
                width = max(len(one.cells) for one in sheet.rows)
                return BuyersList(None if text else sheet.name, row.number, width, tuple(_asked(sheet, row, columns)))
    raise FileRefused(
        "header_not_found",
        Both(f"{file.name}：没有找到表头。", f"{file.name}: no header was found."),
        Both(
            "表头须有“产品名称”，以及“统一社会信用代码”或“企业名称”。",
            "The header needs 产品名称, and 统一社会信用代码 or 企业名称.",
        ),
    )


def _columns(row: SheetRow) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        field = next((_FIELDS[form] for form in label_forms(cell.text) if form in _FIELDS), None)
        if field is not None:
            found.setdefault(field, index)
    return found


def _asked(sheet: Sheet, header: SheetRow, columns: Mapping[str, int]) -> Iterator[Asked]:
    for row in sheet.rows:
        values = {field: row.at(columns[field]).text.strip() if field in columns else "" for field in COLUMNS}
        if row.number > header.number and any(values.values()):
            yield Asked(row.number, **values)
