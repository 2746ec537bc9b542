"""Catalogues full of marked people, and the forms in which a mark could hide in a file, a topic or a table."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.unit.producers.catalogue.catalogues import LABELS, Row, csv_bytes, grid, row

NAMES = ("瞿甲壬", "禤乙癸", "亓官丙")
PHONES = ("13912345078", "073187654321", "18800001234")
MAIL = "quji_aren@example.invalid"
MARKS = (*NAMES, *PHONES, MAIL)
FILE_NAME = f"目录（联系{NAMES[0]}{PHONES[0]}）"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

REMARKS = (
    f"联系人：{NAMES[0]}，电话{PHONES[0]}",
    f"请找{NAMES[1]}核实（{PHONES[0].translate(_WIDE)}）",
    f"{NAMES[2]} {PHONES[2][:3]}-{PHONES[2][3:7]}-{PHONES[2][7:]}",
    f"0731-{PHONES[1][4:]}转8，{MAIL}",
    f"经办人{NAMES[0][0]} {NAMES[0][1:]} 已核",
)
"""How clerks write whom to call; each stands in a row whose contact columns name the same person."""


def rows(prefix: str, **more: Any) -> list[Row]:
    """Accepted, withdrawn, held and rejected rows, each naming people."""
    people = [{"person": NAMES[number % 3], "phone": PHONES[number % 3]} for number in range(8)]
    people[4] = {"person": f"{NAMES[0]}、{NAMES[2]}", "phone": f"{PHONES[0]}/{PHONES[2]}"}
    made = [row(number, remark=remark, **people[number]) for number, remark in enumerate(REMARKS)]
    made.append(row(5, status="已撤销", remark=f"自愿退出，{NAMES[2]}来电{PHONES[2]}", **people[5]))
    made.append(row(6, product_name=f"节能风机（{PHONES[0]}）", remark=f"问{NAMES[0]}", **people[6]))
    made.append(row(7, uscc=None, remark=f"问{NAMES[1]}", **people[7]))
    return [one | {"certificate_no": one["certificate_no"].replace("CSLX", prefix)} | more for one in made]


def workbook(lines: list[Row]) -> bytes:
    """Names in the sheet's name, above and below the table, in groups of labels, hidden columns and comments."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = f"{NAMES[1]}{PHONES[1]}"
    labels = list(LABELS.values())
    place = labels.index(LABELS["person"]) + 1
    sheet.append([f"长沙市两型产品目录（{NAMES[0]}{PHONES[0]}）"])
    sheet.append([f"填报人：{NAMES[1]}  电话：{PHONES[1]}  填报日期：2021年7月16日"])
    sheet.append([*labels[: place - 1], "联系方式", None, *labels[place + 1 :], "手机", "备用"])
    sheet.append([None] * (place - 1) + ["联系人", "联系电话"])
    sheet.merge_cells(start_row=3, end_row=3, start_column=place, end_column=place + 1)
    for column in {*range(1, len(labels) + 3)} - {place, place + 1}:
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    for one in lines:
        sheet.append([*(one[field] for field in LABELS), PHONES[2], f"{NAMES[2]}{PHONES[2]}"])
    sheet.append([f"合计{len(lines)}个产品，核对人{NAMES[0]} {PHONES[0]}"])
    sheet.append([f"联系人：{NAMES[2]} {PHONES[2]} {MAIL}"])
    _hide(sheet, len(labels) + 1)
    out = io.BytesIO()
    book.properties.creator = NAMES[0]
    book.save(out)
    return out.getvalue()


def _hide(sheet: Worksheet, column: int) -> None:
    sheet.column_dimensions[get_column_letter(column)].hidden = True
    sheet.cell(5, 2).comment = Comment(f"问{NAMES[2]}{PHONES[2]}", NAMES[1])


def text_file(lines: list[Row]) -> bytes:
    """The same people in a CSV file, above, in and below the table."""
    above, labels, *cells = grid(lines, LABELS, f"株洲市两型产品目录 {NAMES[0]}{PHONES[0]}")
    below = [[f"填表人：{NAMES[1]} {PHONES[1]}"]]
    return csv_bytes([above, labels, *cells, *below])


def forms(mark: str) -> Iterator[bytes]:
    """The bytes of a mark in text, JSON, addresses and base64, which shows it in three ways by where it begins."""
    written = {
        mark,
        mark.translate(_WIDE),
        json.dumps(mark)[1:-1],
        json.dumps(mark)[1:-1].upper().replace("\\U", "\\u"),
        quote(mark),
    }
    for text in written:
        for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
            raw = text.encode(encoding)
            yield raw
            yield from (_inside_base64(raw, shift) for shift in range(3))
            yield raw.hex().encode()


def _inside_base64(raw: bytes, shift: int) -> bytes:
    """The letters that depend on nothing but these bytes, when so many others stand before them in a group of three."""
    return base64.b64encode(bytes(shift) + raw + bytes(3))[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]


def found_in(artefact: bytes) -> list[str]:
    """The marks that an artefact shows in any form."""
    return [mark for mark in MARKS if any(form in artefact for form in forms(mark))]
