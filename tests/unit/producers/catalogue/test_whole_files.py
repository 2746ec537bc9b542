"""Files that are refused as a whole, and files that try to do harm."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from producers.catalogue.read import read_catalogue
from producers.catalogue.report import ReportRows
from producers.catalogue.sheet import Limits
from schemas.entry import RegisterEntry
from schemas.errors import FileRefused
from tests.unit.producers.catalogue.catalogues import (
    AS_OF,
    LABELS,
    accepted,
    at,
    city_file,
    csv_bytes,
    grid,
    read,
    rewritten,
    row,
    xlsx,
)

GOOD = xlsx(grid([row(1)]))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def _refused(data: bytes, name: str = "目录.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as found:
        read_catalogue(data, name, city_file(), AS_OF, {}, limits)
    assert found.value.message
    assert found.value.next_step
    return found.value.reason


def _xls_with_password() -> bytes:
    bof = b"\x09\x08\x10\x00" + bytes(16)
    return OLE + bof + b"\x2f\x00\x36\x00" + bytes(54)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "目录.xlsx"),
        (b"PK\x03\x04", "目录.xlsx"),
        (b"<html></html>", "目录.xlsx"),
        (csv_bytes(grid([row(1)])), "目录.xlsx"),
        (GOOD, "目录.csv"),
        (GOOD[: len(GOOD) // 2], "目录.xlsx"),
        (GOOD, "目录.pdf"),
        (OLE, "目录.xls"),
        (b"\x80\x81\xff" * 40, "目录.csv"),
        (b"a,b\x00c\n", "目录.csv"),
        (csv_bytes(grid([row(1)])) + '\n"没有写完'.encode("gb18030"), "目录.csv"),
        (rewritten(GOOD, "sheet1.xml", lambda part: part[:-40]), "目录.xlsx"),
        (rewritten(GOOD, "workbook.xml", lambda part: b"\x00" * 9), "目录.xlsx"),
    ],
)
def test_unreadable(data: bytes, name: str) -> None:
    """What isn't what its name says, or is damaged, is refused with the next step."""
    assert _refused(data, name) == "file_unreadable"


def test_encrypted() -> None:
    """Files with a password say so, in the new and in the old format."""
    assert _refused(OLE + "EncryptedPackage".encode("utf-16-le")) == "file_encrypted"
    assert _refused(_xls_with_password(), "目录.xls") == "file_encrypted"


@pytest.mark.parametrize(
    "limits", [Limits(file_bytes=1000), Limits(unpacked_bytes=1000), Limits(rows=2)], ids=["bytes", "unpacked", "rows"]
)
def test_too_large(limits: Limits) -> None:
    """Each limit stops the file before it costs anything."""
    assert _refused(GOOD, limits=limits) == "file_too_large"


def test_too_many_rows_of_csv() -> None:
    """The limit of rows holds for CSV too."""
    assert _refused(csv_bytes(grid([row(1)])), "目录.csv", Limits(rows=2)) == "file_too_large"


def test_styled_blanks_are_not_rows() -> None:
    """A sheet formatted down to its last row is read by what it says."""

    def touch(sheet: Any) -> None:
        sheet.cell(1_048_576, 1, " ")
        sheet.cell(1, 16_384, "x")

    report = read(xlsx(grid([row(1)]), touch))
    assert len(report.rows) == 1


def test_a_text_far_below_is_too_large() -> None:
    """Rows are counted to the last text."""
    assert _refused(xlsx(grid([row(1)]), lambda sheet: sheet.cell(1_048_576, 1, "x"))) == "file_too_large"


def _bomb(part: bytes) -> bytes:
    return part.replace(b"<sheetData>", b"<sheetData><!-- " + b"A" * 1000 + b" -->")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda part: part.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
            "file_too_large",
        ),
        (
            lambda part: part.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A0:B2"/></mergeCells>'),
            "file_unreadable",
        ),
        (lambda part: part.replace(b"<row", b"<!-- <row", 1), "file_unreadable"),
        (lambda part: part.replace(b'r="A2"', b'r="A1"', 1), "file_unreadable"),
        (lambda part: part.replace(b'r="B2"', b'r="A2"', 1), "file_unreadable"),
        (lambda part: part.replace(b'<row r="2"', b'<row r="1"', 1), "file_unreadable"),
        (lambda part: b'<!DOCTYPE a [<!ENTITY b "c">]>' + part, "file_unreadable"),
        (lambda part: ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>').encode("utf-16"), "file_unreadable"),
    ],
)
def test_bombs(change: Callable[[bytes], bytes], reason: str) -> None:
    """What would unfold into billions of cells or entities is refused before it is parsed."""
    assert _refused(rewritten(GOOD, "sheet1.xml", change)) == reason


def test_decompression_bomb() -> None:
    """The declared size is added up before anything is unpacked."""
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/image1.xml", bytes(3_000_000))
    assert len(out.getvalue()) < 30_000
    assert _refused(out.getvalue(), limits=Limits(unpacked_bytes=1_000_000)) == "file_too_large"


def test_two_sheets_with_a_header() -> None:
    """Which of two visible catalogues is meant, a person must say."""
    assert _refused(xlsx(grid([row(1)]), sheets=("目录", "目录（旧）"))) == "sheet_ambiguous"


def test_large_sheet_of_something_else_is_left_early() -> None:
    """A large sheet without any label of a catalogue is not read to its end; one with them is, beside it."""
    book = load_workbook(io.BytesIO(xlsx(grid([row(1), *(row(number % 90 + 2) for number in range(1_100))]))))
    other = book.create_sheet("流水", 0)
    for number in range(1_200):
        other.append([number, f"第{number}笔"])
    out = io.BytesIO()
    book.save(out)
    report = read(out.getvalue())
    assert report.totals == {"accept": 91, "review": 0, "reject": 0, "skip": 1_010}
    assert _refused(xlsx([[number, f"第{number}笔"] for number in range(1_200)])) == "header_not_found"


def test_no_header() -> None:
    """A sheet without labels is no catalogue."""
    assert _refused(xlsx([["通知"], ["各单位：", "请查收"]])) == "header_not_found"
    assert _refused(xlsx([])) == "header_not_found"
    assert _refused(b"", "目录.csv") == "header_not_found"


@pytest.mark.parametrize("field", ["enterprise_name", "uscc", "product_name", "models", "certificate_no", "valid_to", "status"])
def test_missing_column(field: str) -> None:
    """A needed column that isn't there is named."""
    labels = {name: label for name, label in LABELS.items() if name != field}
    assert _refused(xlsx(grid([row(1)], labels))) == "column_missing"


def test_column_twice() -> None:
    """Two columns of one name are not guessed between."""
    assert _refused(xlsx(grid([row(1)], {**LABELS, "again": "产品名称"}))) == "column_missing"


@pytest.mark.parametrize("title", ["株洲市两型产品目录", "填报单位：湘潭市工业和信息化局"])
def test_another_citys_file(title: str) -> None:
    """The title tells whose catalogue it is."""
    assert _refused(xlsx(grid([row(1)], title=title))) == "other_citys_file"


def test_another_citys_numbers() -> None:
    """Where no title tells, most certificate numbers do; a few are slips of single rows."""
    rows = [row(number, certificate_no=f"ZZLX-{number:05d}") for number in range(1, 5)]
    assert _refused(xlsx(grid(rows, title="两型产品目录"))) == "other_citys_file"
    report = read(xlsx(grid(rows[:1], title="两型产品目录")))
    assert report.rows[0].reasons == ("wrong_issuer",)


def _with_formula(formula: str, cached: str) -> Callable[[bytes], bytes]:
    inside = f'<c r="{at("product_name")}" t="str"><f>{formula}</f>{cached}</c>'.encode()

    def change(part: bytes) -> bytes:
        start = part.index(f'<c r="{at("product_name")}"'.encode())
        end = part.index(b"</c>", start) + 4
        return part[:start] + inside + part[end:]

    return change


def test_formula_with_a_cached_value_is_that_value() -> None:
    """What the clerk sees is what counts."""
    data = rewritten(GOOD, "sheet1.xml", _with_formula('"节能"&amp;"风机"', "<v>节能风机</v>"))
    assert accepted(read(data).rows[0]).product_name == "节能风机"


def test_formula_without_a_value_is_no_blank() -> None:
    """A formula that nobody calculated is sent back as a formula."""
    data = rewritten(GOOD, "sheet1.xml", _with_formula("SUM(A1)", ""))
    assert read(data).rows[0].reasons == ("formula_injection",)


def test_escaped_characters_of_a_workbook() -> None:
    """`_x000D_` is how Excel writes a carriage return."""
    data = xlsx(grid([row(1, models="A-1_x000D_\nB-2", enterprise_name="长沙例\ufffd公司", remark="_xD800_")]))
    result = read(data).rows[0]
    assert result.reasons == ("encoding_loss",)
    assert result.candidate is not None
    assert result.candidate.models == ("A-1", "B-2")


def test_chinese_date_format_of_excel() -> None:
    """Built-in formats that are dates only in Chinese Excel are dates here too."""

    def touch(sheet: Any) -> None:
        sheet[at("valid_from")].value = 44256
        sheet[at("models")].value = 44267

    data = xlsx(grid([row(1)]), touch)
    styled = rewritten(
        data,
        "styles.xml",
        lambda part: part.replace(
            b'<cellXfs count="1">', b'<cellXfs count="2"><xf numFmtId="31" fontId="0" fillId="0" borderId="0"/>'
        ),
    )

    def use(part: bytes) -> bytes:
        for field in ("valid_from", "models"):
            part = part.replace(f'<c r="{at(field)}"'.encode(), f'<c r="{at(field)}" s="0"'.encode())
        return part

    result = read(rewritten(styled, "sheet1.xml", use)).rows[0]
    assert result.reasons == ("model_autoconverted_date",)


def test_report_as_json() -> None:
    """The shape others parse."""
    report = read(GOOD)
    shown = report.summary()
    assert {"city", "file", "file_sha256", "sheet", "rows", "totals", "layout", "control_total"} <= set(shown)
    assert shown["totals"] == {"accept": 1, "review": 0, "reject": 0, "skip": 0}
    (result,) = ReportRows(report)
    assert list(result) == ["row", "outcome", "reasons", "warnings", "certificate_no", "entry", "fields"]
    assert RegisterEntry.model_validate(result["entry"]).register_city == "430100"


def test_empty_workbook_object() -> None:
    """A new workbook that nobody filled has no header."""
    out = io.BytesIO()
    Workbook().save(out)
    assert _refused(out.getvalue()) == "header_not_found"
