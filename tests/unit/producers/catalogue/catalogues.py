"""Invented catalogues for the tests of the catalogue reader, in memory: rows by field, out as .xlsx or CSV bytes."""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from producers.catalogue.read import read_catalogue
from producers.catalogue.report import CatalogueReport, RowResult
from producers.city_file import CityFile
from schemas import uscc
from schemas.city import City
from schemas.entry import RegisterEntry
from tests.support.cities import CHANGSHA, FILES

AS_OF = date(2021, 7, 22)
TITLE = "长沙市两型产品目录"
FIRST_DATA_ROW = 3
STEMS = "甲乙丙丁戊己庚辛壬癸"
LABELS = {
    "seq": "序号",
    "enterprise_name": "企业名称",
    "uscc": "统一社会信用代码",
    "district": "所属区县",
    "product_name": "产品名称",
    "models": "规格型号",
    "category": "产品类别",
    "standards": "执行标准",
    "certificate_no": "认定编号",
    "batch": "批次",
    "valid_from": "发证日期",
    "valid_to": "有效期至",
    "status": "状态",
    "person": "联系人",
    "phone": "联系电话",
    "remark": "备注",
}
OTHER_LABELS = {
    "seq": "No.",
    "enterprise_name": "申报企业名称（盖章）",
    "uscc": "企业统一社会信用代码*",
    "district": "所属县（市、区）",
    "product_name": "两型产品名称",
    "models": "型号/规格",
    "category": "产品 分类",
    "standards": "产品执行标准",
    "certificate_no": "证书\n编号",
    "batch": "认定批次",
    "valid_from": "有效期起始日期",
    "valid_to": "有效期截止日期",
    "status": "证书状态",
    "person": "企业联系人",
    "phone": "手机",
    "remark": "备 注",
}
Row = dict[str, Any]
Touch = Callable[[Worksheet], object]


@cache
def city_file(city: City = CHANGSHA) -> CityFile:
    """The city's own file."""
    return FILES.file_of(city)


def code(body: str) -> str:
    """A valid code for sixteen invented characters."""
    return uscc.complete(body[:8], body[8:])


def row(number: int, **changes: Any) -> Row:
    """A row that is fine; each number is another firm, product and certificate."""
    body = f"91430104DEM0{number:04d}"
    values: Row = {
        "seq": number,
        "enterprise_name": f"长沙例{STEMS[number % 10]}{STEMS[number // 10 % 10]}有限公司",
        "uscc": code(body),
        "district": "岳麓区",
        "product_name": f"节能风机{STEMS[number % 10]}型",
        "models": f"FJ-{number}",
        "category": "通用设备",
        "standards": "GB 18613-2020",
        "certificate_no": f"CSLX-{number:05d}",
        "batch": "2020年第一批",
        "valid_from": "2020-12-15",
        "valid_to": "2023-12-14",
        "status": "有效",
        "person": "测试联系人",
        "phone": "12300000001",
        "remark": None,
    }
    return values | changes


def grid(rows: Sequence[Row], labels: Mapping[str, str] = LABELS, title: str = TITLE) -> list[list[Any]]:
    """Title, header and rows as cells; `labels` gives columns, their order and their names."""
    return [[title], list(labels.values()), *([values.get(field) for field in labels] for values in rows)]


def xlsx(cells: Sequence[Sequence[Any]], touch: Touch | None = None, sheets: Sequence[str] = ("目录",)) -> bytes:
    """A workbook whose sheets all hold these cells; text that begins like a formula stays text."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in sheets:
        sheet = book.create_sheet(name)
        for number, line in enumerate(cells, 1):
            for column, value in enumerate(line, 1):
                cell = sheet.cell(number, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
        if touch is not None:
            touch(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_bytes(cells: Sequence[Sequence[Any]], encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """A CSV file as Excel writes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    width = max(len(line) for line in cells)
    for line in cells:
        writer.writerow([_shown(value) for value in line] + [""] * (width - len(line)))
    return out.getvalue().encode(encoding)


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}"
    return "" if value is None else str(value)


def read(data: bytes, name: str = "目录.xlsx", register: Mapping[str, RegisterEntry] | None = None) -> CatalogueReport:
    """Read as the catalogue of Changsha on the day of the first batch."""
    return read_catalogue(data, name, city_file(), AS_OF, register or {})


def read_rows(*rows: Row, touch: Touch | None = None, register: Mapping[str, RegisterEntry] | None = None) -> list[RowResult]:
    """The results of rows in a workbook."""
    return list(read(xlsx(grid(rows), touch), register=register).rows)


def read_csv_rows(*rows: Row) -> list[RowResult]:
    """The results of rows in a CSV file."""
    return list(read(csv_bytes(grid(rows)), "目录.csv").rows)


def accepted(result: RowResult) -> RegisterEntry:
    """The entry of an accepted row; fails with the reasons otherwise."""
    assert result.outcome == "accept", result.reasons
    assert result.entry is not None
    return result.entry


def at(field: str, number: int = 1) -> str:
    """The address of a field's cell in the n-th data row."""
    return f"{chr(ord('A') + list(LABELS).index(field))}{FIRST_DATA_ROW + number - 1}"


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with the parts that end in this name changed: for what openpyxl itself would never write."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith(part) else content)
    return out.getvalue()
