"""Rows of a worksheet written like those above them: what such a row says does not hang on how it is read."""

import io
import zipfile
from collections.abc import Sequence

import pytest

from producers.catalogue.cell_values import CellValues
from producers.catalogue.plain_rows import read_rows
from producers.catalogue.row_forms import ROWS_OF_A_FORM, Form
from producers.catalogue.sheet import Limits
from producers.catalogue.workbook import read_workbook
from producers.catalogue.worksheet import SheetReader
from schemas.errors import FileRefused
from tests.unit.producers.catalogue.catalogues import rewritten, xlsx

_FORM = (
    '<row r="{n}" spans="1:3"><c r="A{n}" s="0" t="inlineStr"><is><t>甲{n}</t></is></c>'
    '<c r="B{n}"><v>{n}</v></c><c r="C{n}"/></row>'
)
_OTHER_FORM = '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>乙</t></is></c></row>'
_ENOUGH = ROWS_OF_A_FORM + 2
_EMPTY = xlsx([["甲"]])

ROWS = {
    "the same": _FORM,
    "another form": _OTHER_FORM,
    "blank texts": _FORM.replace("甲{n}", "").replace("<v>{n}</v>", "<v></v>"),
    "white space before it": "\n  " + _FORM,
    "a hidden row": _FORM.replace("<row", '<row hidden="1"'),
    "a number of another row": _FORM.replace('"B{n}"', '"B1"'),
    "a number with a nought before it": _FORM.replace("{n}", "0{n}"),
    "the number of a row that was": _FORM.replace("{n}", "1"),
    "a number that is none": _FORM.replace('r="{n}"', 'r="x"'),
    "no number": _FORM.replace(' r="{n}"', ""),
    "two numbers": _FORM.replace("<row", '<row r="{n}"'),
    "a cell twice": _FORM.replace('"B{n}"', '"A{n}"'),
    "a column far to the right": _FORM.replace('"B{n}"', '"XFD{n}"'),
    "an entity": _FORM.replace("甲{n}", "甲&amp;乙"),
    "an unknown entity": _FORM.replace("甲{n}", "&a;"),
    "a text in pieces": _FORM.replace("<t>甲{n}</t>", "<r><t>甲</t></r><r><rPr><strike/></rPr><t>乙</t></r>"),
    "a formula": _FORM.replace("<v>{n}</v>", "<f>1+1</f><v>2</v>"),
    "a cell that never ends": _FORM.replace("</c>", "", 1),
    "a value where a text should be": _FORM.replace("<is><t>甲{n}</t></is>", "<v>1</v>"),
    "a text where a value should be": _FORM.replace("<v>{n}</v>", "<is><t>丙</t></is>"),
    "a control character": _FORM.replace("甲{n}", "甲\x01"),
}


def _workbook(rows: Sequence[str], encoding: str) -> bytes:
    """A workbook with these rows, numbered; `encoding` of the sheet's part."""
    body = "".join(row.replace("{n}", str(number)) for number, row in enumerate(rows, 1))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'
    return rewritten(_EMPTY, "sheet1.xml", lambda _: part.encode(encoding))


def _read(rows: Sequence[str], encoding: str) -> object:
    try:
        (sheet,) = read_workbook(_workbook(rows, encoding), Limits())
    except FileRefused as refused:
        return refused.reason
    return [(row.number, row.hidden, [(c.kind, c.text, c.number, c.struck) for c in row.cells]) for row in sheet.rows]


@pytest.mark.parametrize("name", ROWS)
def test_a_row_among_rows_of_one_form(name: str) -> None:
    """Below rows of one form any row says, or is refused for, what it is when a parser reads all, as it does in UTF-16."""
    for rows in ([_FORM] * _ENOUGH + [ROWS[name]] + [_FORM], [ROWS[name]] * _ENOUGH, [_FORM, ROWS[name]] * _ENOUGH):
        assert _read(rows, "utf-8") == _read(rows, "utf-16")


@pytest.mark.parametrize("hidden", ["<!-- </row> -->", "<![CDATA[</row>]]>"])
def test_the_end_of_a_row_that_is_none(hidden: str) -> None:
    """A sheet in which the end of a row stands in a comment or the like is refused, wherever its row comes."""
    row = _FORM.replace("</row>", f"{hidden}</row>")
    assert [_read(rows, "utf-8") for rows in ([row], [_FORM] * _ENOUGH + [row])] == ["file_unreadable"] * 2


class _Counting(SheetReader):
    """Counts the rows that were matched by a form."""

    by_form = 0

    def row_of(self, form: Form, number: str, texts: Sequence[str]) -> None:
        """Counted, and taken."""
        self.by_form += 1
        super().row_of(form, number, texts)


def test_forms_are_recognised() -> None:
    """After the first few rows of each of two forms that take turns, every row is matched whole."""
    reader = _Counting(CellValues([], [], 1900), Limits())
    data = _workbook([_FORM, _OTHER_FORM] * 20, "utf-8")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        read_rows(package, "xl/worksheets/sheet1.xml", reader)
    assert reader.by_form == 2 * (20 - ROWS_OF_A_FORM)
    assert [cell.text for cell in reader.rows[39].values()] == ["甲39", "39"]
