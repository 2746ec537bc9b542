"""The answer to a catalogue: it reads as the catalogue did, a clerk mends it by the answer key, and everything is accepted."""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from producers.answers.copied import NotCopied, marked_copy
from producers.answers.marking import AUTHOR, COLOURS, SUMMARY_SHEET
from producers.answers.report import Imported
from producers.answers.write import Answer, answer_to
from producers.catalogue.answer_columns import LABELS
from producers.catalogue.read import read_catalogue
from producers.catalogue.report import CatalogueReport, ReportRows
from producers.catalogue.sheet import Limits
from producers.catalogue.typed import Typed
from producers.catalogue.workbook import read_workbook
from schemas.city import City
from tests.support.catalogue_files import COLUMNS, csv_file, xlsx
from tests.support.cities import CHANGSHA, CITIES, FILES, XIANGTAN, ZHUZHOU
from tests.support.dirty_catalogues import AS_OF, Catalogue, Line, make
from tests.support.mending import COMES_BACK, mended, outcomes
from tests.support.samples import CSV, FOLDER, XLSX
from tests.unit.producers.catalogue import catalogues as c

Written = tuple[bytes, dict[int, Line], dict[int, str]]
FORMATS = pytest.mark.parametrize(("name", "write"), [("目录.xlsx", xlsx), ("目录.csv", csv_file)])
WIDTH = len(COLUMNS)


def _read(data: bytes, name: str, city: City) -> CatalogueReport:
    return read_catalogue(data, name, FILES.file_of(city), AS_OF, {})


def _answered(data: bytes, name: str, city: City) -> Answer:
    report = _read(data, name, city)
    answer = report.summary() | {"rows": ReportRows(report), "events": 1, "held": None}
    told = Imported(name, city.zh, "2021-07-22T10:00:00+08:00", answer, answer_file="目录.答复.xlsx")
    return answer_to(data, told, FILES.file_of(city), Limits())


def _workbook(answer: Answer) -> bytes:
    assert answer.workbook is not None
    return answer.workbook


def _results(report: CatalogueReport) -> list[Any]:
    return [replace(row, origin=Typed()) for row in report.rows]


def test_an_answer_that_nobody_touched_reads_as_the_catalogue_did() -> None:
    """Formats, merges, hidden and struck rows, numbers and dates survive; the added columns are neither read nor named."""
    city = ZHUZHOU
    data, _, _ = xlsx(make(1, city))
    before = _read(data, "目录.xlsx", city)
    after = _read(_workbook(_answered(data, "目录.xlsx", city)), "目录.答复.xlsx", city)
    assert _results(after) == _results(before)
    assert (after.layout, after.extra_columns, after.control_total) == (before.layout, before.extra_columns, before.control_total)


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("file", [XLSX, CSV])
def test_samples_answers_read_as_they_did(city: City, file: str) -> None:
    """The same for the three samples; from CSV nothing that was wrong is right by itself."""
    data = (FOLDER / city.word / file).read_bytes()
    before, after = _read(data, file, city), _read(_workbook(_answered(data, file, city)), "答复.xlsx", city)
    if file == XLSX:
        assert _results(after) == _results(before)
    else:
        good = {row.certificate_no: row.entry for row in before.rows if row.outcome == "accept"}
        assert good == {row.certificate_no: row.entry for row in after.rows if row.outcome == "accept"}


@FORMATS
def test_mended_by_the_key_everything_is_accepted(name: str, write: Callable[[Catalogue], Written]) -> None:
    """In two rounds: what is still wrong is marked again, marks of what is right are gone, and no columns pile up."""
    city = XIANGTAN
    data, lines, _ = write(make(2, city))
    sheet = _read(data, name, city).sheet or "目录"
    first = _workbook(_answered(data, name, city))
    half = sum(word in COMES_BACK for word in outcomes(first, sheet).values()) // 2
    second = _answered(mended(first, sheet, lines, half), "目录.答复.xlsx", city)
    assert 0 < sum(word in COMES_BACK for word in outcomes(_workbook(second), sheet).values()) <= half + 1
    assert _columns(_workbook(second), sheet) == _columns(first, sheet) == list(LABELS)
    last = _read(mended(_workbook(second), sheet, lines), "目录.答复.xlsx", city)
    assert {row.outcome for row in last.rows} <= {"accept", "skip"}
    for row in last.rows:
        if lines[row.row].mended and row.entry is not None:
            assert row.entry.certificate_no == lines[row.row].mended["certificate_no"]


def _columns(answer: bytes, sheet: str) -> list[str]:
    """What stands right of the clerk's own columns, in the header."""
    found = load_workbook(BytesIO(answer))[sheet]
    cells = (cell for row in found.iter_rows(max_row=6, min_col=WIDTH + 1) for cell in row)
    return [str(cell.value) for cell in cells if cell.value is not None][:2]


@FORMATS
def test_wrong_cells_are_marked_and_no_others(name: str, write: Callable[[Catalogue], Written]) -> None:
    """Red where a row is rejected, yellow where it waits, each with a comment that says why; right rows bear no mark."""
    data, _, _ = write(make(0, CHANGSHA))
    report = _read(data, name, CHANGSHA)
    sheet = load_workbook(BytesIO(_workbook(_answered(data, name, CHANGSHA))))[report.sheet or "目录"]
    merged = {cell: area.start_cell.coordinate for area in sheet.merged_cells.ranges for cell in area.cells}
    due: dict[str, bool] = {}
    for row in report.rows:
        if row.outcome in ("reject", "review"):
            for fields in row.fields.values():
                for field in fields:
                    place = (row.row, report.columns[field])
                    due[merged.get(place, sheet.cell(*place).coordinate)] = True
    marked = {cell.coordinate: cell for line in sheet.iter_rows(max_col=WIDTH) for cell in line if cell.comment is not None}
    assert set(marked) == set(due)
    for cell in marked.values():
        assert cell.comment is not None
        assert cell.fill.fgColor.rgb in (f"00{COLOURS['reject']}", f"00{COLOURS['review']}")
        assert cell.comment.author == AUTHOR
        assert "改法" in cell.comment.text


def test_answer_holds_what_the_clerks_file_held_and_a_summary() -> None:
    """Other sheets, widths and a clerk's own comments are there; the summary says totals, control total and changes."""
    data, _, _ = xlsx(make(0, CHANGSHA))
    book = load_workbook(BytesIO(data))
    book.worksheets[0].column_dimensions["B"].width = 33
    book.create_sheet("联系").append(["内部", "12300009999"])
    out = BytesIO()
    book.save(out)
    answer = load_workbook(BytesIO(_workbook(_answered(out.getvalue(), "目录.xlsx", CHANGSHA))))
    assert answer.sheetnames == ["Sheet", "联系", SUMMARY_SHEET]
    assert answer["Sheet"].column_dimensions["B"].width == 33
    words = "\n".join(str(row[0].value) for row in answer[SUMMARY_SHEET].iter_rows())
    assert "已收入" in words
    assert "登记库产生变更 1 条" in words
    assert "一致" in words


def test_leading_zeros_of_csv_stay_and_nothing_becomes_a_formula() -> None:
    """Every cell of the answer is the text that stood in the file; one that begins like a formula is text too."""
    cells: Mapping[str, Any] = {"models": "007", "remark": '=HYPERLINK("x")', "product_name": "@风机"}
    data, lines, _ = csv_file(make(0, CHANGSHA))
    text = data.decode("gb18030").splitlines()
    row = next(number for number, line in lines.items() if not line.csv.reasons and not line.csv.is_copy)
    values = text[row - 1].split(",")
    for name, value in cells.items():
        values[list(COLUMNS).index(name)] = value.replace('"', "")
    text[row - 1] = ",".join(values)
    sheet = load_workbook(BytesIO(_workbook(_answered("\n".join(text).encode("gb18030"), "目录.csv", CHANGSHA))))["目录"]
    for name, value in cells.items():
        cell = sheet.cell(row, list(COLUMNS).index(name) + 1)
        assert (cell.value, cell.data_type) == (value.replace('"', ""), "s")
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_formulas_become_their_values() -> None:
    """A copy has no cached values: without its value a formula would come back as a cell of text."""
    data = c.xlsx(c.grid([c.row(1), c.row(2, certificate_no=None)]), lambda sheet: sheet.__setitem__("F3", "=1000+7"))
    calculated = c.rewritten(data, "sheet1.xml", lambda xml: re.sub(rb"(<f>1000\+7</f>)<v ?/>", rb"\1<v>1007</v>", xml))
    made = load_workbook(BytesIO(_workbook(_answered(calculated, "目录.xlsx", CHANGSHA))))["目录"]
    assert made["F3"].value == 1007


def test_what_can_not_be_kept_is_named() -> None:
    """Pictures and macros don't come along, and the summary says so."""
    data = c.xlsx(c.grid([c.row(1, certificate_no=None)]))
    out = BytesIO(data)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/media/image1.png", b"x")
        package.writestr("xl/vbaProject.bin", b"x")
    answer = _answered(out.getvalue(), "目录.xlsm", CHANGSHA)
    assert answer.told.lost == ("图片", "宏")
    assert "没有带过来的内容：图片、宏" in answer.report


def test_a_workbook_that_can_not_be_copied_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """openpyxl wants more than we do, and big ones would take gigabytes: the rows come back all the same."""
    data = c.xlsx(c.grid([c.row(1), c.row(2, certificate_no=None), c.row(3, models="=1+1")]))
    spoiled = [
        c.rewritten(data, "styles.xml", lambda xml: xml.replace(b'fillId="0"', b'fillId="x"')),
        c.rewritten(data, "[Content_Types].xml", lambda xml: xml.replace(b"sheet.main+xml", b"sheet.other+xml")),
    ]
    for broken in spoiled:
        with pytest.raises(NotCopied):
            marked_copy(broken, read_workbook(broken, Limits())[0], 2, [], [])
    not_copied = [_answered(broken, "目录.xlsx", CHANGSHA) for broken in spoiled]
    monkeypatch.setattr("producers.answers.write.MAX_COPIED_BYTES", 10)
    big = _answered(data, "目录.xlsx", CHANGSHA)
    for answer in (big, *not_copied):
        assert "格式" in answer.told.lost
        assert _results(_read(_workbook(answer), "答复.xlsx", CHANGSHA)) == _results(_read(data, "目录.xlsx", CHANGSHA))


def test_no_answer_where_nobody_has_anything_to_do() -> None:
    """A catalogue without a wrong row gets a report, and no workbook."""
    good = _answered(c.xlsx(c.grid([c.row(1), c.row(2)])), "目录.xlsx", CHANGSHA)
    assert good.workbook is None
    assert good.told.answer_file is None
    assert "没有需要处理的行" in good.report
    assert "请打开" not in good.report


def test_a_clerks_own_comment_survives_rounds() -> None:
    """It stands behind ours while the cell is wrong, and alone again when it is right."""
    comment = Comment("问过企业", "王五")
    data = c.xlsx(c.grid([c.row(1, status=None)]), lambda sheet: setattr(sheet["M3"], "comment", comment))
    first = _workbook(_answered(data, "目录.xlsx", CHANGSHA))
    assert "问过企业" in load_workbook(BytesIO(first))["目录"]["M3"].comment.text
    second = _workbook(_answered(first, "目录.xlsx", CHANGSHA))
    assert load_workbook(BytesIO(second))["目录"]["M3"].comment.text.count("问过企业") == 1
    assert load_workbook(BytesIO(second))["目录"]["M3"].comment.text.count("改法") == 1
