"""What programs write under the name `.xls`, and text files in every encoding and with every delimiter."""

import pytest

from producers.catalogue.formats import read_sheets
from producers.catalogue.sheet import Limits
from schemas.errors import FileRefused
from tests.unit.producers.catalogue.catalogues import LABELS, TITLE, Row, accepted, csv_bytes, grid, read, row

FIRM = ("enterprise_name", "uscc", "district")


def _page(*lines: str) -> str:
    head = "".join(f"<th>{label}</th>" for label in LABELS.values())
    body = f"<tr><td colspan=16>{TITLE}<!-- <tr><td>x --></td></tr><tr>{head}</tr>" + "".join(lines)
    return f"<html><head><style>td {{mso-number-format:General}}</style></head><body><table border=1>{body}</table></body></html>"


def _line(values: Row, style: str = "", *, cell: str = "{}") -> str:
    return f"<tr{style}>" + "".join(f"<td>{cell.format(value or '&nbsp;')}</td>" for value in values.values()) + "</tr>"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_web_page_under_the_name_of_a_workbook(encoding: str) -> None:
    """Cells that span rows fill the rows below; strike-through, hidden rows and line breaks are seen."""
    first = "".join(
        f"<td rowspan='2'>{value}</td>" if field in FIRM else f"<td>{value or ''}</td>" for field, value in row(1).items()
    )
    second = "".join("" if field in FIRM else f"<td>{value or ''}</td>" for field, value in row(2).items())
    page = _page(
        f"<tr>{first}</tr><tr>{second}</tr>",
        _line(row(3), " style='display: none'"),
        _line(row(4), cell="<font color=red><s>{}</s></font>"),
        _line(row(5, models="A-1<br>B&amp;2")),
    )
    results = read(page.encode(encoding), "目录.xls").rows
    assert accepted(results[1]).uscc == accepted(results[0]).uscc
    assert results[1].warnings == ("merged_fill",)
    assert [one.reasons for one in results[2:4]] == [("hidden_row",), ("struck_out",)]
    assert accepted(results[4]).models == ("A-1", "B&2")


def test_number_of_a_web_page() -> None:
    """What Excel wrote as a number is one: a code has lost its digits."""
    page = _page(_line(row(1, uscc="914301819990250000")).replace("<td>9143", '<td x:num="914301819990250000">9143'))
    (result,) = read(page.encode(), "目录.xls").rows
    assert result.reasons == ("uscc_precision_lost",)


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", "\t"), ("utf-16", "\t"), ("utf-8", ",")])
def test_text_under_the_name_of_a_workbook(encoding: str, delimiter: str) -> None:
    """Tab text and CSV are read under `.xls` too."""
    report = read(csv_bytes(grid([row(1), row(2)]), encoding, delimiter), "目录.xls")
    assert report.totals["accept"] == 2
    assert report.sheet is None


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-8", "utf-8-sig", "utf-16", "utf-16-le-sig", "utf-16-be-sig"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    """Every way in which Excel and WPS write a text file; a quoted line break moves the line numbers."""
    mark = {"utf-16-le-sig": b"\xff\xfe", "utf-16-be-sig": b"\xfe\xff"}.get(encoding, b"")
    codec = encoding.removesuffix("-sig") if mark else encoding
    data = mark + csv_bytes(grid([row(1, models="A-1\nB-2"), row(2)]), codec, delimiter)
    report = read(data, "目录.csv")
    assert [(one.row, one.outcome) for one in report.rows] == [(3, "accept"), (5, "accept")]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "目录.xls"),
        (b"<html><body>404</body></html>", "目录.xls"),
        (b"a,b\n" + b"x" * 2_000_000, "目录.csv"),
        (b"," * 2_000_000, "目录.csv"),
        (b'"' + b'","\n' * 5_000, "目录.csv"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "目录.ods"),
    ],
    ids=["spreadsheetml", "no table", "one field", "one line", "one record", "ods"],
)
def test_refused(data: bytes, name: str) -> None:
    """What is no table is refused with a next step."""
    with pytest.raises(FileRefused) as found:
        read(data, name)
    assert found.value.reason == "file_unreadable"
    assert found.value.next_step


@pytest.mark.parametrize(
    "page", ["<table>" + "<td rowspan=65534 colspan=1000>x</td>" * 40 + "</table>", "<table>" + "<tr>" * 300 + "</table>"]
)
def test_pages_too_large(page: str) -> None:
    """A few spans can claim a whole universe of cells."""
    with pytest.raises(FileRefused) as found:
        read_sheets(page.encode(), "目录.xls", Limits(rows=200))
    assert found.value.reason == "file_too_large"
