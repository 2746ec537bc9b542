"""Writes generated catalogues as the workbook and the CSV file that a city would send, with the row of every answer."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from tests.support.dirty_catalogues import FIRM, Catalogue, Line

COLUMNS = {
    "seq": ("序号", ""),
    "enterprise_name": ("企业信息", "企业名称"),
    "uscc": ("", "统一社会\n信用代码"),
    "district": ("", "所属区县"),
    "product_name": ("产品信息", "产品名称"),
    "models": ("", "规格型号"),
    "category": ("", "产品类别"),
    "standards": ("", "执行标准"),
    "certificate_no": ("认定信息", "认定编号"),
    "batch": ("", "批次"),
    "valid_from": ("", "发证日期"),
    "valid_to": ("", "有效期至"),
    "status": ("", "状态"),
    "person": ("联系方式", "联系人"),
    "phone": ("", "联系电话"),
    "remark": ("备注", ""),
}
"""Group and label of each column, in order; a group reaches to the next one."""

LABELS = [label or group for group, label in COLUMNS.values()]
FIRST_BODY_ROW = 5


def _repeated(cells: Mapping[str, Any]) -> list[Any]:
    return [cells.get(name) for name in COLUMNS]


def xlsx(catalogue: Catalogue) -> tuple[bytes, dict[int, Line], dict[int, str]]:
    """The workbook, its data rows by number, its layout rows by number."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([catalogue.title])
    sheet.append([f"填报单位：{catalogue.city.zh}工业和信息化局        填报日期：2021年7月16日"])
    sheet.append([group or None for group, _ in COLUMNS.values()])
    sheet.append([label or None for _, label in COLUMNS.values()])
    for reference in ("A1:P1", "A2:P2", "A3:A4", "B3:D3", "E3:H3", "I3:M3", "N3:O3", "P3:P4"):
        sheet.merge_cells(reference)
    data, layout = {}, {1: "title_row", 2: "meta_row", 3: "header_1", 4: "header_2"}
    for number, one in enumerate(catalogue.body, FIRST_BODY_ROW):
        if isinstance(one, Line):
            data[number] = one
            _write_line(sheet, number, one)
            continue
        layout[number] = one[0]
        for column, value in enumerate(LABELS if one[0] == "header_2" else _repeated(one[1]), 1):
            sheet.cell(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), data, layout


def _write_line(sheet: Any, number: int, line: Line) -> None:
    for column, (name, value) in enumerate(((name, line.cells[name]) for name in COLUMNS), 1):
        cell = sheet.cell(number, column, value)
        if isinstance(value, str):
            cell.data_type = "s"
        if isinstance(value, date):
            cell.number_format = "yyyy/m/d"
        if name == line.struck:
            cell.font = Font(strike=True)
        if line.begins_merge and name in FIRM:
            sheet.merge_cells(start_row=number, end_row=number + line.begins_merge - 1, start_column=column, end_column=column)
    sheet.row_dimensions[number].hidden = line.hidden


def csv_file(catalogue: Catalogue) -> tuple[bytes, dict[int, Line], dict[int, str]]:
    """The CSV file in GB18030, its data rows and its layout rows by the line they begin on."""
    records: list[tuple[Line | str, list[Any]]] = [
        ("title_row", [catalogue.title]),
        ("meta_row", ["填报日期：2021年7月16日"]),
        ("header_1", [group for group, _ in COLUMNS.values()]),
        ("header_2", [label for _, label in COLUMNS.values()]),
    ]
    for one in catalogue.body:
        if isinstance(one, Line):
            records.append((one, _repeated({**one.cells, **one.csv_cells})))
        else:
            records.append((one[0], list(LABELS) if one[0] == "header_2" else _repeated(one[1])))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    data: dict[int, Line] = {}
    layout: dict[int, str] = {}
    line = 1
    for kind, values in records:
        before = out.tell()
        writer.writerow([_shown(value) for value in values] + [""] * (len(COLUMNS) - len(values)))
        if isinstance(kind, Line):
            data[line] = kind
        else:
            layout[line] = kind
        line += out.getvalue()[before:].count("\n")
    return out.getvalue().encode("gb18030"), data, layout


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}"
    return "" if value is None else str(value)
