"""Assessment sheets: nine answers a row, the listing named by city and number, and a reason for each row left out."""

from datetime import date
from pathlib import Path

import pytest

from deploy.joint.sheet import COLUMNS, AssessmentRow, read_assessments
from producers.catalogue.sheet import Limits
from schemas.errors import FileRefused
from tests.support.cities import CHANGSHA, FILES
from tests.support.cli import favourable, write_sheet

GOOD = favourable("长沙", "CSLX-00112")


def _rows(tmp_path: Path, *rows: dict[str, str]) -> list[AssessmentRow]:
    return read_assessments(write_sheet(tmp_path / "sheet.xlsx", rows), Limits(), FILES)


def test_a_row_is_a_finding(tmp_path: Path) -> None:
    """是 is true, 否 is false, blank is not assessed; the row number is the sheet's."""
    [row] = _rows(tmp_path, GOOD | {"产业协同": "否"})
    assert (row.row, row.city, row.certificate_no) == (3, CHANGSHA, "CSLX-00112")
    assert (row.criteria.safety, row.criteria.synergy, row.criteria.brand) == (True, False, None)
    assert (row.basis, row.assessors, row.assessed_on) == ("评审会", "王五", date(2021, 7, 21))
    assert row.problem is None


@pytest.mark.parametrize("word", ["长沙", "长沙市", "changsha", "430100", " 长 沙 "])
def test_cities_in_any_form(tmp_path: Path, word: str) -> None:
    """A city is known by name, word or code."""
    assert _rows(tmp_path, GOOD | {"城市": word})[0].city == CHANGSHA


@pytest.mark.parametrize("number", ["cslx-00112", "CSLX—00112", " CSLX - 00112 ", "ＣＳＬＸ－00112"])
def test_numbers_as_registers_keep_them(tmp_path: Path, number: str) -> None:
    """Width, case, dashes and spaces of a number don't matter."""
    assert _rows(tmp_path, GOOD | {"认定编号": number})[0].certificate_no == "CSLX-00112"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"认定编号": ""}, "assess.no_number"),
        ({"城市": "广州"}, "assess.no_city"),
        ({"质量": "合格"}, "assess.bad_answer"),
        ({"日期": ""}, "assess.no_day"),
        ({"日期": "3/4/2021"}, "assess.no_day"),
    ],
)
def test_rows_that_cannot_be_taken(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    """Each has its reason; the rows around it are read."""
    found = _rows(tmp_path, favourable("株洲", "ZZLX-00001"), GOOD | change, favourable("湘潭", "XTLX-00001"))
    assert [row.problem for row in found] == [None, problem, None]


def test_one_finding_a_listing(tmp_path: Path) -> None:
    """The second row on the same listing is left out: nobody knows which of two findings holds."""
    found = _rows(tmp_path, GOOD, GOOD | {"安全": "否"})
    assert [(row.problem, row.found) for row in found] == [(None, ""), ("assess.repeated", "3")]


def test_csv(tmp_path: Path) -> None:
    """A CSV in GB18030 reads the same."""
    file = tmp_path / "sheet.csv"
    lines = [",".join(COLUMNS), ",".join(GOOD.get(name, "") for name in COLUMNS)]
    file.write_bytes("\r\n".join(lines).encode("gb18030"))
    [row] = read_assessments(file, Limits(), FILES)
    assert (row.row, row.problem, row.criteria.innovation) == (2, None, True)


def test_sheets_that_are_none(tmp_path: Path) -> None:
    """Without a header, without a needed column, or too large, the whole file is refused."""
    file = tmp_path / "sheet.csv"
    file.write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(FileRefused, match="header"):
        read_assessments(file, Limits(), FILES)
    file.write_text(",".join(name for name in COLUMNS if name != "质量") + "\n", "utf-8")
    with pytest.raises(FileRefused, match="质量"):
        read_assessments(file, Limits(), FILES)
    with pytest.raises(FileRefused) as caught:
        read_assessments(file, Limits(file_bytes=10), FILES)
    assert caught.value.reason == "file_too_large"
