"""Every code of rows, layout and whole files in every format a catalogue comes in; what a format can't say is listed, with why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from openpyxl.styles import Font

from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from schemas.errors import FileRefused
from schemas.reason_texts.files import FILES
from schemas.reason_texts.layout import LAYOUT
from schemas.reason_texts.rows import ROWS
from schemas.reason_texts.warnings import WARNINGS
from tests.support.hostile.compound import encrypted_package, old_workbook
from tests.unit.producers.catalogue.catalogues import (
    AS_OF,
    FIRST_DATA_ROW,
    LABELS,
    TITLE,
    Row,
    at,
    city_file,
    code,
    csv_bytes,
    grid,
    read,
    row,
    xlsx,
)

Cells = Sequence[Sequence[Any]]
GOOD = code("91430104DEM00007")


@dataclass(frozen=True)
class Marks:
    """Formatting of the last row: hidden, its product struck through, its firm merged with that of the row above."""

    hidden: bool = False
    struck: bool = False
    merged: bool = False


PLAIN = Marks()


def _workbook(cells: Cells, marks: Marks) -> bytes:
    def touch(sheet: Any) -> None:
        sheet.row_dimensions[len(cells)].hidden = marks.hidden
        if marks.struck:
            sheet[at("product_name", len(cells) - FIRST_DATA_ROW + 1)].font = Font(strike=True)
        if marks.merged:
            for letter in "BCD":
                sheet.merge_cells(f"{letter}{len(cells) - 1}:{letter}{len(cells)}")

    return xlsx(cells, touch)


def _page(cells: Cells, marks: Marks) -> bytes:
    lines = []
    for number, line in enumerate(cells, 1):
        last = number == len(cells)
        said = [f"<s>{value}</s>" if last and marks.struck and value else str(value or "") for value in line]
        tags = [f"<td>{value}</td>" for value in said]
        if marks.merged and last:
            del tags[1:4]
        elif marks.merged and number == len(cells) - 1:
            tags[1:4] = [tag.replace("<td>", "<td rowspan=2>") for tag in tags[1:4]]
        style = " style='display:none'" if last and marks.hidden else ""
        lines.append(f"<tr{style}>{''.join(tags)}</tr>")
    return f"<html><table>{''.join(lines)}</table></html>".encode()


def _text(encoding: str, delimiter: str = ",") -> Callable[[Cells, Marks], bytes]:
    return lambda cells, marks: csv_bytes(cells, encoding, delimiter)


FORMATS: Mapping[str, tuple[str, Callable[[Cells, Marks], bytes]]] = {
    "workbook": ("目录.xlsx", _workbook),
    "web page": ("目录.xls", _page),
    "csv called xls": ("目录.xls", _text("gb18030")),
    "tab text called xls": ("目录.xls", _text("gb18030", "\t")),
    "gbk": ("目录.csv", _text("gbk")),
    "gb18030": ("目录.csv", _text("gb18030")),
    "utf-8": ("目录.csv", _text("utf-8")),
    "utf-8 with mark": ("目录.csv", _text("utf-8-sig")),
    "utf-16": ("目录.csv", _text("utf-16", "\t")),
}
TEXTS = frozenset(FORMATS) - {"workbook", "web page"}

ROW_CASES: Mapping[str, Sequence[Row]] = {
    "duplicate_row": [row(7), row(7, seq=8, phone="12300009999")],
    "certificate_missing": [row(7, certificate_no="/")],
    "dup_certificate": [row(1), row(7, certificate_no="CSLX-00001")],
    "wrong_issuer": [row(7, certificate_no="ZZLX-00007")],
    "enterprise_missing": [row(7, enterprise_name="/")],
    "product_missing": [row(7, product_name="  ")],
    "ambiguous_fill_down": [row(1), row(7, enterprise_name=None, uscc=None, district=None)],
    "uscc_missing": [row(7, uscc="/")],
    "uscc_length": [row(7, uscc=GOOD[:17])],
    "uscc_legacy_regno": [row(7, uscc="430100000012345")],
    "uscc_legacy_orgcode": [row(7, uscc="DEM00001-1")],
    "uscc_checksum": [row(7, uscc=GOOD[:9] + GOOD[10] + GOOD[9] + GOOD[11:])],
    "uscc_confusable": [row(7, uscc=GOOD.replace("0", "O"))],
    "uscc_precision_lost": [row(7, uscc="9.14E+17")],
    "uscc_conflict_same_name": [row(1), row(7, enterprise_name=row(1)["enterprise_name"])],
    "name_conflict_same_uscc": [row(1), row(7, uscc=row(1)["uscc"])],
    "former_name_in_cell": [row(7, enterprise_name="长沙例新有限公司（原长沙例旧有限公司）")],
    "possible_duplicate_product": [row(1), row(1, certificate_no="CSLX-00007")],
    "model_in_attachment": [row(7, models="详见附件")],
    "model_autoconverted_date": [row(7, models="3月12日")],
    "date_missing": [row(7, valid_from=None, valid_to="/")],
    "date_invalid": [row(7, valid_from="2021年2月30日")],
    "date_order": [row(7, valid_from="2023-12-15", valid_to="2020-12-14")],
    "date_ambiguous_dmy": [row(7, valid_from="3/4/2021")],
    "date_two_digit_year": [row(7, valid_from="21.3.4")],
    "date_month_only": [row(7, valid_from="2021年3月")],
    "validity_open_ended": [row(7, valid_to="长期")],
    "status_missing": [row(7, status=None)],
    "status_unknown": [row(7, status="复核中")],
    "district_unknown": [row(7, district="某某园区")],
    "batch_unknown": [row(7, batch="去年那批")],
    "certificate_pattern": [row(7, certificate_no="长两型2020-15")],
    "status_remark_conflict": [row(7, remark="该产品证书已撤销")],
    "struck_out": [row(7)],
    "hidden_row": [row(7)],
    "encoding_loss": [row(7, product_name="节能?机")],
    "formula_injection": [row(7, product_name="@SUM(A1)")],
}
MARKS = {"struck_out": Marks(struck=True), "hidden_row": Marks(hidden=True)}

UNSAID: Mapping[str, tuple[frozenset[str], str, tuple[str, ...]]] = {
    "struck_out": (TEXTS, "text has no strike-through", ()),
    "hidden_row": (TEXTS, "text has no hidden rows", ()),
    "ambiguous_fill_down": (
        frozenset(FORMATS) - TEXTS,
        "merged cells can be seen there, so that blank ones outside of them are missing",
        ("enterprise_missing", "uscc_missing"),
    ),
}
"""By code: the formats that can't say it, why, and what such a row gets there."""


WIDE = {ord(narrow): ord(narrow) + 0xFEE0 for narrow in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
WARNING_CASES: Mapping[str, Sequence[Row]] = {
    "fullwidth_normalised": [row(7, uscc=GOOD.translate(WIDE))],
    "case_normalised": [row(7, uscc=GOOD.lower())],
    "whitespace_stripped": [row(7, enterprise_name="长沙例 甲有限公司")],
    "separators_stripped": [row(7, uscc=f"{GOOD[:8]}-{GOOD[8:]}")],
    "text_prefix_stripped": [row(7, uscc="'" + GOOD)],
    "brackets_normalised": [row(7, product_name="节能风机(户外型)")],
    "traditional_to_simplified": [row(7, product_name="環保節能風機")],
    "symbols_normalised": [row(7, models="FJ-Ⅱ")],
    "merged_fill": [row(1), row(7, enterprise_name=None, uscc=None, district=None)],
    "ditto_fill": [row(1), row(7, enterprise_name="同上", uscc="〃", district="同上")],
    "range_split": [row(7, valid_from=None, valid_to="2021.3.1-2024.2.29")],
    "models_split": [row(7, models="A-1、B-2")],
    "model_number_to_text": [row(7, models=315)],
    "model_placeholder_null": [row(7, models="/")],
    "date_serial_parsed": [row(7, valid_from="44256")],
    "date_cn_numeral_parsed": [row(7, valid_from="二〇二一年三月一日")],
    "validity_term_computed": [row(7, valid_to="三年")],
    "status_synonym": [row(7, status="现行有效。")],
    "historic_region_code": [row(7, district="宁乡县")],
    "registered_outside_city": [row(7, uscc=code("91440104DEM00007"))],
    "non_enterprise_body": [row(7, uscc=code("12430104DEM00007"))],
    "not_yet_valid": [row(7, valid_from="2021-07-23")],
    "expired_on_as_of": [row(7, valid_to="2021-07-21")],
}
UNWARNED: Mapping[str, tuple[frozenset[str], str]] = {
    "merged_fill": (TEXTS, "text has no merged cells: what stood in them is a question (`ambiguous_fill_down`)"),
    "model_number_to_text": (TEXTS | {"web page"}, "everything is text there, so that nothing was made of a number"),
}
"""By warning: the formats that can't say it, and why. Formulas with a cached value and serials of 1904 are workbooks' own."""


@pytest.mark.parametrize("kind", FORMATS)
def test_every_warning(kind: str) -> None:
    """The last row is accepted with this warning alone, in each format that can say it."""
    name, write = FORMATS[kind]
    unsaid = {warning for warning, (formats, _) in UNWARNED.items() if kind in formats}
    sayable = {warning: rows for warning, rows in WARNING_CASES.items() if warning not in unsaid}
    found = {}
    for warning, rows in sayable.items():
        one = read(write(grid(rows), Marks(merged=warning == "merged_fill")), name).rows[-1]
        found[warning] = (one.outcome, one.warnings)
    assert found == {warning: ("accept", (warning,)) for warning in sayable}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_row_code(kind: str) -> None:
    """The last row has the code, and no other, in each format that can say it."""
    name, write = FORMATS[kind]
    found = {}
    for reason, rows in ROW_CASES.items():
        report = read(write(grid(rows), MARKS.get(reason, PLAIN)), name)
        found[reason] = report.rows[-1].reasons
    expected: dict[str, tuple[str, ...]] = {reason: (reason,) for reason in ROW_CASES}
    expected |= {reason: instead for reason, (formats, _, instead) in UNSAID.items() if kind in formats}
    assert found == expected


def test_no_row_code_is_left_out() -> None:
    """The tables above have every code of rows and every warning."""
    assert set(ROW_CASES) == {reason.code for reason in ROWS}
    assert set(WARNING_CASES) == {reason.code for reason in WARNINGS}


def _line(**values: Any) -> list[Any]:
    return [values.get(field) for field in LABELS]


SHEET: Cells = [
    [TITLE],
    ["填报日期：2021年7月16日"],
    list(LABELS.values()),
    _line(uscc="（18位）", valid_to="（年/月/日）"),
    _line(seq="一、通用设备"),
    [row(1).get(field) for field in LABELS],
    _line(seq="小计", product_name="1个产品"),
    _line(),
    list(LABELS.values()),
    [row(2).get(field) for field in LABELS],
    _line(seq="合计", product_name="2个产品"),
    _line(seq="注：有效期届满前可申请复核。"),
]
LAYOUT_CODES = (
    *("title_row", "meta_row", "header_1", "header_2", "section_heading", "subtotal_row", "blank_row", "header_1"),
    *("footer_total", "footer_note"),
)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_layout_code(kind: str) -> None:
    """The rows for the eye are known in each format."""
    name, write = FORMATS[kind]
    report = read(write(SHEET, PLAIN), name)
    assert tuple(one.reason for one in report.layout) == LAYOUT_CODES
    assert [(one.row, one.outcome) for one in report.rows] == [(6, "accept"), (10, "accept")]
    assert report.control_total is not None
    assert (report.control_total.declared, report.control_total.counted) == (2, 2)
    assert set(LAYOUT_CODES) == {reason.code for reason in LAYOUT}


def _without(field: str) -> Cells:
    return grid([row(1)], {name: label for name, label in LABELS.items() if name != field})


SOUND = grid([row(1), row(2), row(3)])
FILE_CASES: Mapping[str, Callable[[Callable[[Cells, Marks], bytes]], bytes]] = {
    "header_not_found": lambda write: write([["通知", "各单位"], ["请", "查收"]], PLAIN),
    "column_missing": lambda write: write(_without("certificate_no"), PLAIN),
    "other_citys_file": lambda write: write([["株洲市两型产品目录"], *SOUND[1:]], PLAIN),
    "file_too_large": lambda write: write(SOUND, PLAIN),
    "file_unreadable": lambda write: write(SOUND, PLAIN)[:-9] + b"\xff\x81\xff\x00\x00\xff\xff\x80\xff",
}
BY_THE_REGISTER = ("file_older_than_register", "file_seen_before", "mass_change_held")
"""Codes that the register alone can give, whatever the format (see the tests of snapshots)."""

OF_PACKAGES = ("file_encrypted", "sheet_ambiguous")
"""Text and web pages have no password, and text no second sheet."""


def _refused(data: bytes, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as found:
        read_catalogue(data, name, city_file(), AS_OF, {}, limits)
    assert all(found.value.said("zh") or ())
    assert all(found.value.said("en") or ())
    return found.value.reason


@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_code(kind: str) -> None:
    """Each refusal of a whole file, in both languages, in each format."""
    name, write = FORMATS[kind]
    limits = {"file_too_large": Limits(rows=3)}
    found = {reason: _refused(make(write), name, limits.get(reason)) for reason, make in FILE_CASES.items()}
    assert found == {reason: reason for reason in FILE_CASES}


def test_file_codes_of_few_formats() -> None:
    """A password, and two sheets of which either could be the catalogue: two tables of a web page too."""
    assert _refused(encrypted_package(xlsx(SOUND), "机密"), "目录.xlsx") == "file_encrypted"
    assert _refused(old_workbook([[TITLE]], password=True), "目录.xls") == "file_encrypted"
    assert _refused(xlsx(SOUND, sheets=("甲", "乙")), "目录.xlsx") == "sheet_ambiguous"
    assert _refused(_page(SOUND, PLAIN) * 2, "目录.xls") == "sheet_ambiguous"
    assert {*FILE_CASES, *OF_PACKAGES, *BY_THE_REGISTER} == {reason.code for reason in FILES}
