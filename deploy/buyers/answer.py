"""The list back to its buyer: a copy of the file with two more columns."""

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook

from deploy.buyers.check import Checked
from deploy.buyers.sheet import BuyersList
from producers.answers.copied import UNREADABLE
from producers.catalogue.csv_file import decoded, delimiter_of
from schemas.errors import Both, FileRefused

if TYPE_CHECKING:
    from openpyxl import Workbook

HEADS = ("互认状态", "依据")


def write_answer(data: bytes, file: Path, out: Path, asked: BuyersList, checked: Checked, words: Mapping[str, str]) -> None:
    """Write `out`: the rows of `file`, read as `data`, with status (in `words`) and basis behind. Raises FileRefused, OSError."""
    answers = {one.asked.row: (words[one.status], one.basis) for one in checked.rows}
    answers[asked.header] = HEADS
    if asked.sheet is None:
        _write_csv(data, out, asked.width, answers)
    else:
        _write_workbook(_opened(data, file), out, asked, answers)


def _write_workbook(book: "Workbook", out: Path, asked: BuyersList, answers: Mapping[int, tuple[str, str]]) -> None:
    sheet = book[asked.sheet or book.sheetnames[0]]
    for row, values in answers.items():
        for place, value in enumerate(values, start=asked.width + 1):
            sheet.cell(row, place, value)
    book.save(out)


def _opened(data: bytes, file: Path) -> "Workbook":
    """The workbook as openpyxl has it, which wants more of it in order than the list's reader does."""
    try:
        return load_workbook(BytesIO(data), keep_vba=file.suffix.lower() == ".xlsm")
    except UNREADABLE as error:
        raise FileRefused(
            "file_unreadable",
            Both(
                f"{file.name}：逐行查过了，但工作簿有的部分不合规范，写不出带结果的副本。",
                f"{file.name}: its rows were checked, but no copy can be written: parts of the workbook are not in order.",
            ),
            Both(
                "请用 Excel 或 WPS 打开，另存为 xlsx 后再查；或不带 --out，直接看结果。",
                "Open it in Excel or WPS, save it as xlsx and check again; or leave out --out and read the answers.",
            ),
        ) from error


def _write_csv(data: bytes, out: Path, width: int, answers: Mapping[int, tuple[str, str]]) -> None:
    """In UTF-8 with a mark, which every Excel opens."""
    text = decoded(data)
    delimiter, made, begins = delimiter_of(text), StringIO(newline=""), 1
    writer = csv.writer(made, delimiter=delimiter)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        padded = [*cells, *[""] * (width - len(cells))] if begins in answers else cells
        writer.writerow([*padded, *answers.get(begins, ())])
        begins = reader.line_num + 1
    out.write_bytes(made.getvalue().encode("utf-8-sig"))
