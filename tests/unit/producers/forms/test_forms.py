"""The empty catalogue and the exported one: both are read by the importer like any other, and change nothing."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from producers.city_file import CityFile
from producers.diff import diff, missing
from producers.forms.columns import columns
from producers.forms.export import export
from producers.forms.workbook import HELP_SHEET, SHEET, workbook
from schemas import uscc
from schemas.city import City
from schemas.entry import Kind, RegisterEntry, SourceStatus, StatusReason
from tests.support.catalogue_files import xlsx
from tests.support.cities import CHANGSHA, CITIES, FILES
from tests.support.dirty_catalogues import make

TODAY = date(2021, 7, 22)
FILE = FILES.file_of(CHANGSHA)
Cells = dict[str, Any]


def _read(data: bytes, register: dict[str, RegisterEntry] | None = None, city_file: CityFile = FILE) -> Any:
    return read_catalogue(data, "目录.xlsx", city_file, TODAY, register or {})


@pytest.mark.parametrize("city", CITIES)
def test_an_empty_catalogue_imports_as_no_row(city: City) -> None:
    """Without complaint, although it has a sheet of instructions and one of choices; no column is unknown or missing."""
    report = _read(workbook(FILES.file_of(city), TODAY, None), city_file=FILES.file_of(city))
    assert (report.rows, report.extra_columns, report.sheet, report.filed_on) == ((), (), SHEET, None)
    assert set(report.columns) == {one.field for one in columns(FILES.file_of(city))}


@pytest.mark.parametrize("city", CITIES)
def test_its_own_examples_filled_in_are_accepted(city: City) -> None:
    """What the instructions show as an example is right, in each city."""
    city_file = FILES.file_of(city)
    book = load_workbook(BytesIO(workbook(city_file, TODAY, None)))
    for place, one in enumerate(columns(city_file), 1):
        book[SHEET].cell(4, place, date.fromisoformat(one.example) if one.is_day else one.example or None)
    out = BytesIO()
    book.save(out)
    (row,) = _read(out.getvalue(), city_file=city_file).rows
    assert (row.outcome, row.reasons) == ("accept", ())
    assert set(row.warnings) <= {"models_split"}


def test_columns_are_typed_and_choices_listed() -> None:
    """Codes and numbers are text, days are days, districts and statuses are chosen, a code has 18 characters."""
    book = load_workbook(BytesIO(workbook(FILE, TODAY, None)))
    sheet = book[SHEET]
    letters = {one.field: get_column_letter(place) for place, one in enumerate(columns(FILE), 1)}
    formats = {field: sheet.column_dimensions[letter].number_format for field, letter in letters.items()}
    assert {formats[field] for field in ("uscc", "certificate_no", "models", "batch")} == {"@"}
    assert formats["valid_from"] == formats["valid_to"] == "yyyy-mm-dd"
    checks = {str(check.sqref).split(":")[0]: check for check in sheet.data_validations.dataValidation}
    assert (checks[f"{letters['uscc']}4"].type, checks[f"{letters['uscc']}4"].formula1) == ("textLength", "18")
    assert [cell.value for cell in book["选项"]["A"]][:3] == ["有效", "暂停", "撤销"]
    assert {"岳麓区", "浏阳市"} <= {cell.value for cell in book["选项"]["B"]}
    assert book["选项"].sheet_state == "hidden"
    assert {checks[f"{letters[field]}4"].type for field in ("status", "district", "batch")} == {"list"}
    assert [row[0].value for row in book[HELP_SHEET].iter_rows(min_row=6)] == [one.label.rstrip("*") for one in columns(FILE)]


@st.composite
def _rows(draw: st.DrawFn) -> list[Cells]:
    """Rows as clerks type them, some of them odd; whatever of them the importer accepts makes a register."""
    count = draw(st.integers(1, 4))
    letters = st.text(st.sampled_from("节能风机=+-@'_x000D()（）/、；;×xⅡ³ \n\t#?1２環保"), max_size=12)
    words = ["有效", "暂停", "撤销", "已撤销", "到期注销", "自愿退出", "现行有效", "暂停使用", "合并注销"]
    districts = ["岳麓区", "宁乡县", "430104", "湖南省长沙市浏阳市", None]
    remarks = st.one_of(st.none(), letters, st.sampled_from(["到期", "企业申请暂停", "=1+1", "合并\r\n吸收", "_x0041_"]))
    return [
        {
            "enterprise_name": f"长沙例{'甲乙丙丁'[number]}{draw(letters)}有限公司",
            "uscc": uscc.complete("91430104", f"DEM0000{number}"),
            "district": draw(st.sampled_from(districts)),
            "product_name": f"风机{number}{draw(letters)}",
            "models": draw(st.one_of(st.none(), letters, st.integers(1, 10**6))),
            "category": draw(st.one_of(st.none(), letters)),
            "standards": draw(st.one_of(st.none(), letters)),
            "certificate_no": f"CSLX-{number:05d}",
            "batch": draw(st.sampled_from([None, "2020-1", "二〇二〇年第一批"])),
            "valid_from": draw(st.dates(date(1950, 1, 1), date(2020, 1, 1))),
            "valid_to": draw(st.dates(date(2020, 1, 1), date(2199, 12, 31))),
            "status": draw(st.sampled_from(words)),
            "remark": draw(remarks),
        }
        for number in range(count)
    ]


def _no_change(register: dict[str, RegisterEntry], city_file: CityFile = FILE) -> tuple[str, ...]:
    """Export and import: nothing differs, and of a complete register nothing is missing. What was left out."""
    made = export(register, city_file, TODAY, TODAY, Limits())
    report = _read(made.data, register, city_file)
    known = {number: (entry, 1) for number, entry in register.items()}
    assert made.inexact == ()
    assert diff(known, [row.entry for row in report.rows if row.entry is not None]) == []
    assert missing(known, [row.certificate_no for row in report.rows if row.certificate_no is not None]) == []
    assert report.filed_on == TODAY
    return made.left_out


@settings(max_examples=40)
@given(_rows())
def test_what_is_exported_imports_as_no_change(rows: Sequence[Cells]) -> None:
    """Whatever the importer accepted: formulas, escapes, odd blanks, reasons told by words or by remarks."""
    data = workbook(FILE, TODAY, None, rows)
    register = {row.certificate_no: row.entry for row in _read(data).rows if row.entry is not None}
    assert _no_change(register) == ()


@pytest.mark.parametrize("city", CITIES)
def test_dirty_catalogues_come_back_clean(city: City) -> None:
    """The accepted rows of a generated catalogue, exported, are accepted without a reason."""
    city_file = FILES.file_of(city)
    data, _, _ = xlsx(make(0, city))
    register = {row.certificate_no or "": row.entry for row in _read(data, city_file=city_file).rows if row.entry is not None}
    assert _no_change(register, city_file) == ()
    report = _read(export(register, city_file, TODAY, TODAY, Limits()).data, register, city_file)
    assert {row.outcome for row in report.rows} == {"accept"}


def _entry(**changes: Any) -> RegisterEntry:
    (row,) = _read(workbook(FILE, TODAY, None, [{
        "enterprise_name": "长沙例一有限公司", "uscc": uscc.complete("91430104", "DEM00001"), "product_name": "风机",
        "certificate_no": "CSLX-1", "valid_from": TODAY, "valid_to": TODAY, "status": "有效"}])).rows  # fmt: skip
    assert isinstance(row.entry, RegisterEntry)
    return row.entry.model_copy(update=changes)


def test_a_withdrawn_entry_that_no_row_can_say_is_left_out() -> None:
    """A complete catalogue withdrew it by not naming it: naming it would give it another reason."""
    reason = StatusReason(code="other", text="未列入完整目录")
    gone = _entry(source_status=SourceStatus.WITHDRAWN, status_reason=reason, certificate_no="CSLX-2", product_name="水泵")
    assert _no_change({"CSLX-1": _entry(), "CSLX-2": gone}) == ("CSLX-2",)


def test_an_entry_that_no_row_can_say_is_named() -> None:
    """It stays in the catalogue: without it a complete import would withdraw it."""
    made = export({"CSLX-1": _entry(kind=Kind.SERVICE)}, FILE, TODAY, TODAY, Limits())
    assert (made.entries, made.left_out, made.inexact) == (1, (), ("CSLX-1",))


def test_nothing_in_an_export_is_a_formula() -> None:
    """Remarks may begin with anything; in the workbook they are text."""
    made = export({"CSLX-1": _entry(remark="=HYPERLINK(1)")}, FILE, TODAY, TODAY, Limits())
    cells = [cell for row in load_workbook(BytesIO(made.data))[SHEET].iter_rows() for cell in row]
    assert "=HYPERLINK(1)" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)
