"""Every warning of the reason catalogue: what was put right without a person, on accepted rows."""

from datetime import date
from typing import Any

import pytest

from schemas.entry import SourceStatus
from tests.unit.producers.catalogue.catalogues import AS_OF, accepted, at, code, read_csv_rows, read_rows, row

GOOD = code("91430104DEM00007")
WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})

CASES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("fullwidth_normalised", {"uscc": GOOD.translate(WIDE)}, "uscc", GOOD),
    ("case_normalised", {"uscc": GOOD.lower()}, "uscc", GOOD),
    ("case_normalised", {"certificate_no": "cslx-00007"}, "certificate_no", "CSLX-00007"),
    ("whitespace_stripped", {"enterprise_name": " 长沙例 新有限公司\n"}, "enterprise_name", "长沙例新有限公司"),
    ("whitespace_stripped", {"uscc": GOOD + "\u200b "}, "uscc", GOOD),
    ("separators_stripped", {"uscc": f"{GOOD[:6]}-{GOOD[6:]}"}, "uscc", GOOD),
    ("text_prefix_stripped", {"uscc": "'" + GOOD}, "uscc", GOOD),
    (
        "brackets_normalised",
        {"enterprise_name": "湖南例新(长沙)有限公司"},
        "enterprise_name",
        "湖南例新（长沙）有限公司",
    ),
    ("traditional_to_simplified", {"product_name": "空氣淨化機"}, "product_name", "空气净化机"),
    ("symbols_normalised", {"models": "XL-3x4"}, "models", ["XL-3×4"]),
    ("range_split", {"valid_from": None, "valid_to": "2021.3.1-2024.2.29"}, "valid_to", "2024-02-29"),
    ("models_split", {"models": "A-1、B-2；C-3\nD-4"}, "models", ["A-1", "B-2", "C-3", "D-4"]),
    ("model_number_to_text", {"models": 4008}, "models", ["4008"]),
    ("model_placeholder_null", {"models": "/"}, "models", []),
    ("date_serial_parsed", {"valid_from": 44256}, "valid_from", "2021-03-01"),
    ("date_cn_numeral_parsed", {"valid_from": "二〇二一年三月一日"}, "valid_from", "2021-03-01"),
    ("validity_term_computed", {"valid_from": "2021-3-1", "valid_to": "三年"}, "valid_to", "2024-02-29"),
    ("status_synonym", {"status": "现行有效。"}, "source_status", "active"),
    ("status_synonym", {"status": "已注销"}, "source_status", "withdrawn"),
    ("historic_region_code", {"district": "宁乡县"}, "district_code", "430182"),
    ("registered_outside_city", {"uscc": code("91430203DEM00007")}, "district_code", "430104"),
    ("non_enterprise_body", {"uscc": code("12430104DEM00007")}, "district_code", "430104"),
    ("not_yet_valid", {"valid_from": "2021-07-23"}, "valid_from", "2021-07-23"),
    ("expired_on_as_of", {"valid_to": "2021-07-21"}, "valid_to", "2021-07-21"),
]


@pytest.mark.parametrize(("warning", "changes", "field", "value"), CASES)
def test_warning(warning: str, changes: dict[str, Any], field: str, value: Any) -> None:
    """The value is put right, the row accepted, and the warning says what was done."""
    (result,) = read_rows(row(7, **changes))
    assert accepted(result).as_json()[field] == value
    assert warning in result.warnings


def test_clean_row_has_no_warning() -> None:
    """Nothing to put right, nothing to say."""
    (result,) = read_rows(row(7))
    assert accepted(result).certificate_no == "CSLX-00007"
    assert result.warnings == ()


@pytest.mark.parametrize("changes", [{"valid_from": AS_OF.isoformat()}, {"valid_to": AS_OF.isoformat()}])
def test_both_ends_are_inclusive(changes: dict[str, Any]) -> None:
    """On its first and on its last day an entry is valid."""
    (result,) = read_rows(row(7, **changes))
    assert result.warnings == ()


def test_province_code_is_not_outside() -> None:
    """A firm registered with the province is nobody's stranger."""
    (result,) = read_rows(row(7, uscc=code("91430000DEM00007")))
    assert result.warnings == ()


def test_merged_cells_fill_the_rows_they_cover() -> None:
    """A merged range gives its value to each row, whichever column it stands in."""

    def touch(sheet: Any) -> None:
        for field in ("seq", "enterprise_name", "uscc", "district", "status"):
            sheet.merge_cells(f"{at(field, 1)}:{at(field, 2)}")

    first, second = read_rows(row(1), row(2), touch=touch)
    assert accepted(second).enterprise_name == accepted(first).enterprise_name
    assert second.warnings == ("merged_fill",)
    assert first.warnings == ()
    assert "enterprise_name" not in second.origin


def test_merge_to_the_side_fills_nothing() -> None:
    """A cell merged over two columns belongs to the first of them."""
    (result,) = read_rows(row(1), touch=lambda sheet: sheet.merge_cells(f"{at('product_name')}:{at('models')}"))
    assert accepted(result).models == ()


@pytest.mark.parametrize("mark", ["同上", "〃", '"', " 同 上 ", "″"])
def test_ditto(mark: str) -> None:
    """同上 and its marks take the value of the row above, in CSV too, and through several rows."""
    ditto = {"enterprise_name": mark, "uscc": mark, "district": mark, "category": mark}
    for read in (read_rows, read_csv_rows):
        results = read(row(1), row(2, **ditto), row(3, **ditto))
        assert accepted(results[2]).uscc == accepted(results[0]).uscc
        assert results[2].warnings == ("ditto_fill",)


@pytest.mark.parametrize(
    ("status", "remark", "code", "text"),
    [
        ("撤销", "经查申报材料弄虚作假", "fraud", "经查申报材料弄虚作假"),
        ("撤销", "有效期届满未复核", "expired", "有效期届满未复核"),
        ("撤销", "企业被吸收合并", "merged", "企业被吸收合并"),
        ("撤销", "企业自愿放弃", "voluntary", "企业自愿放弃"),
        ("撤销", None, "other", "撤销"),
        ("已撤销。", "见会议纪要", "other", "已撤销。"),
        ("到期注销", None, "expired", "到期注销"),
        ("撤销", "企业自愿放弃，电话12300001234", "voluntary", None),
    ],
)
def test_reason_of_a_withdrawal(status: str, remark: str | None, code: str, text: str | None) -> None:
    """The remark says why, else the status cell's own words stand; phone numbers never do."""
    (result,) = read_rows(row(7, status=status, remark=remark))
    entry = accepted(result)
    assert entry.source_status is SourceStatus.WITHDRAWN
    assert entry.status_reason is not None
    assert entry.status_reason.code == code
    assert text is None or entry.status_reason.text == text
    assert "12300001234" not in repr(result)


def test_reason_of_a_suspension() -> None:
    """A suspension has a reason when words are there."""
    with_words, without = read_rows(row(1, status="暂停", remark="抽检待复查"), row(2, status="暂停"))
    reason = accepted(with_words).status_reason
    assert reason is not None
    assert (reason.code, reason.text) == ("other", "抽检待复查")
    assert accepted(without).status_reason is None


@pytest.mark.parametrize(
    ("written", "batch"),
    [
        ("2020年第一批", "2020-1"),
        ("2018年第2批", "2018-2"),
        ("2020-1", "2020-1"),
        ("2021年度第十二批", "2021-12"),
        ("二〇二〇年第三批", "2020-3"),
        ("第二批（2019年）", "2019-2"),
        ("2020 年第 1 批", "2020-1"),
        ("2020第1批", "2020-1"),
        (None, None),
    ],
)
def test_batch_forms(written: str | None, batch: str | None) -> None:
    """Each form of the city's file is the same batch."""
    (result,) = read_rows(row(1, batch=written))
    assert accepted(result).batch == batch


def test_contact_data_is_nowhere() -> None:
    """Contact columns are not read; numbers and names to call in other cells are masked."""
    remark = "联系人：张三，13800001111，Tel13700003333，１３６００００４４４４，a.b@example.test"
    (result,) = read_rows(row(1, remark=remark, person="李四", phone="13900002222"))
    shown = repr(result)
    assert accepted(result).valid_from == date(2020, 12, 15)
    for word in ("张三", "李四", "1380000", "1390000", "1370000", "１３６", "1360000", "a.b@"):
        assert word not in shown
