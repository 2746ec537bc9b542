"""A held row is kept so that the rules say the same of it again, and less once a person put something right."""

from datetime import date

import pytest

from producers.catalogue.conflicts import conflicts
from producers.catalogue.kept_row import packed_row, unpacked_row, with_values
from producers.catalogue.read import result_of
from producers.catalogue.remembered import Reads
from producers.catalogue.report import RowResult
from producers.catalogue.rows import judge
from schemas.entry import RegisterEntry
from tests.unit.producers.catalogue.catalogues import AS_OF, accepted, city_file, code, read_csv_rows, read_rows, row


def _again(held: RowResult, register: dict[str, RegisterEntry] | None = None, **said: str) -> RowResult:
    assert held.again is not None
    kept = unpacked_row(packed_row(held.again), 1)
    judged = judge(with_values(kept, said), city_file(), Reads(city_file(), kept.epoch))
    return result_of(judged, conflicts([judged], register or {}).get(1, frozenset()), AS_OF)


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        ({"status": "不清楚"}, {"status": "有效"}),
        ({"models": date(2021, 3, 12)}, {"models": "3-12"}),
        ({"district": "无此区"}, {"district": "岳麓区"}),
        ({"valid_to": "长期"}, {"valid_to": "2023-12-14"}),
        ({"certificate_no": "CSLX2021001"}, {"certificate_no": "CSLX-02021"}),
        ({"remark": "原证书已撤销"}, {"remark": ""}),
    ],
)
def test_judged_again(fault: dict[str, object], mend: dict[str, str]) -> None:
    """The same row has the same faults; what a person says instead takes them away."""
    (held,) = read_rows(row(1, **fault))
    assert held.outcome == "review"
    assert (_again(held).reasons, _again(held).candidate) == (held.reasons, held.candidate)
    assert accepted(_again(held, None, **mend)).enterprise_name == "长沙例乙甲有限公司"


def test_days_and_numbers_stay_what_they_were() -> None:
    """A serial number is a day again, a struck cell is struck."""
    (held,) = read_rows(row(1, valid_from=44180, valid_to=date(2023, 12, 14), status="?"))
    assert held.candidate is None
    assert accepted(_again(held, status="有效")).valid_from == date(2020, 12, 15)


def test_conflict_is_judged_again() -> None:
    """A row with nothing wrong of its own is the same entry again, also where its firm stood in a merged cell."""
    first, second = row(1), row(2, uscc=row(1)["uscc"])
    _, held = read_rows(first, second)
    assert held.reasons == ("name_conflict_same_uscc",)
    assert held.candidate is not None
    register = {"CSLX-00001": accepted(read_rows(first)[0])}
    assert _again(held, register).reasons == held.reasons
    assert accepted(_again(held)) == held.candidate
    assert accepted(_again(held, register, uscc=code("91430104DEM00002"))).uscc == row(2)["uscc"]


def test_blank_firm_of_a_csv_file() -> None:
    """Once a person names the firm, its code is looked at like any other."""
    blank = row(2, enterprise_name="", uscc="", district="")
    _, held = read_csv_rows(row(1), blank)
    assert held.reasons == ("ambiguous_fill_down",)
    assert _again(held).reasons == held.reasons
    assert _again(held, enterprise_name="长沙例丙甲有限公司").reasons == ("uscc_missing",)
    assert accepted(_again(held, enterprise_name="长沙例丙甲有限公司", uscc=row(2)["uscc"])).uscc == row(2)["uscc"]


def test_person_in_a_remark_is_not_kept() -> None:
    """What is kept of a remark is what the rules read: without the person to call."""
    (held,) = read_rows(row(1, status="", remark="联系人张三 12300000001"))
    assert held.again is not None
    assert "12300000001" not in packed_row(held.again)
    assert "张三" not in packed_row(held.again)
