"""Row codes that come from how a row stands on its sheet: struck out, hidden, below others, longer than the header."""

from typing import Any

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from tests.unit.producers.catalogue.catalogues import (
    Touch,
    at,
    csv_bytes,
    grid,
    read,
    read_csv_rows,
    read_rows,
    rewritten,
    row,
    xlsx,
)


def _strike(address: str) -> Touch:
    def touch(sheet: Any) -> None:
        sheet[address].font = Font(strike=True)

    return touch


@pytest.mark.parametrize("field", ["enterprise_name", "certificate_no", "status", "remark"])
def test_struck_out(field: str) -> None:
    """A cell struck through may mean that the entry is no longer; contact cells don't matter."""
    (result,) = read_rows(row(1, remark="说明"), touch=_strike(at(field)))
    assert result.reasons == ("struck_out",)
    assert read_rows(row(1), touch=_strike(at("phone")))[0].outcome == "accept"


def test_struck_out_through_a_merged_cell() -> None:
    """A name struck through stands over every row it is merged over."""

    def touch(sheet: Any) -> None:
        sheet.merge_cells(f"{at('enterprise_name', 1)}:{at('enterprise_name', 2)}")
        _strike(at("enterprise_name", 1))(sheet)

    rows = read_rows(row(1), row(2, uscc=row(1)["uscc"]), touch=touch)
    assert [one.reasons for one in rows] == [("struck_out",), ("struck_out",)]


def test_struck_run_of_text() -> None:
    """A part of a cell struck through counts too."""
    rich = CellRichText("FJ-", TextBlock(InlineFont(strike=True), "100"))
    (result,) = read_rows(row(1, models=rich))
    assert result.reasons == ("struck_out",)


@pytest.mark.parametrize("attribute", [b'hidden="1"', b'ht="0" customHeight="1"'])
def test_hidden_row(attribute: bytes) -> None:
    """A row that nobody sees on the sheet may have been meant as no longer there."""
    data = rewritten(
        xlsx(grid([row(1), row(2)])), "sheet1.xml", lambda part: part.replace(b'<row r="3"', b'<row r="3" ' + attribute)
    )
    hidden, other = read(data).rows
    assert hidden.reasons == ("hidden_row",)
    assert other.outcome == "accept"


def test_rows_hidden_by_default() -> None:
    """A sheet may hide every row that isn't there; a row that is, is seen unless it says so (ECMA-376 18.3.1.81)."""
    data = rewritten(
        xlsx(grid([row(1)])),
        "sheet1.xml",
        lambda part: part.replace(b"<sheetFormatPr ", b'<sheetFormatPr zeroHeight="1" '),
    )
    assert read(data).rows[0].reasons == ()


def test_blank_firm_in_csv_may_have_been_merged() -> None:
    """Name, code and district all blank below a filled row: CSV can't tell, so a person must."""
    blank = {"enterprise_name": None, "uscc": None, "district": None}
    first, second, third = read_csv_rows(row(1), row(2, **blank), row(3, **blank))
    assert first.outcome == "accept"
    assert second.reasons == third.reasons == ("ambiguous_fill_down",)


def test_partly_blank_firm_in_csv_is_missing() -> None:
    """When only some are blank it is no merge that was lost."""
    results = read_csv_rows(row(1), row(2, enterprise_name=None), row(3, uscc=None), row(4, district=None))
    assert [one.reasons for one in results[1:]] == [("enterprise_missing",), ("uscc_missing",), ()]


def test_blank_firm_in_a_workbook_is_missing() -> None:
    """In a workbook a merge would be seen; outside one a blank is a blank."""
    blank = {"enterprise_name": None, "uscc": None, "district": None}
    _, second = read_rows(row(1), row(2, **blank))
    assert second.reasons == ("enterprise_missing", "uscc_missing")


def test_blank_firm_in_the_first_row_of_csv_is_missing() -> None:
    """Below nothing there is nothing to fill from."""
    (result,) = read_csv_rows(row(2, enterprise_name=None, uscc=None, district=None))
    assert set(result.reasons) == {"enterprise_missing", "uscc_missing"}


def test_record_with_more_fields_than_the_header_is_held() -> None:
    """A comma that nobody quoted shifts the values; which, nobody knows."""
    cells = grid([row(1), row(2)])
    lines = csv_bytes(cells).decode("gb18030").splitlines()
    lines[-1] += ",多出来的"
    results = read("\r\n".join(lines).encode("gb18030"), "目录.csv").rows
    assert [one.reasons for one in results] == [(), ("encoding_loss",)]
