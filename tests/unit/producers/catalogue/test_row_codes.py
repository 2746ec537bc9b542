"""Every row code of the reason catalogue, one by one, on invented rows."""

from datetime import date, time
from typing import Any

import pytest

from tests.unit.producers.catalogue.catalogues import (
    accepted,
    at,
    code,
    read_csv_rows,
    read_rows,
    row,
)

GOOD = code("91430104DEM00007")

REJECTED: list[tuple[str, dict[str, Any]]] = [
    ("certificate_missing", {"certificate_no": None}),
    ("certificate_missing", {"certificate_no": "/"}),
    ("wrong_issuer", {"certificate_no": "ZZLX-00007"}),
    ("wrong_issuer", {"certificate_no": "xtlx—00007"}),
    ("enterprise_missing", {"enterprise_name": None}),
    ("enterprise_missing", {"enterprise_name": "——"}),
    ("enterprise_missing", {"enterprise_name": "同上"}),
    ("product_missing", {"product_name": " \u3000\u200b"}),
    ("product_missing", {"product_name": "/"}),
    ("uscc_missing", {"uscc": None}),
    ("uscc_missing", {"uscc": "/"}),
    ("uscc_length", {"uscc": GOOD[:17]}),
    ("uscc_length", {"uscc": GOOD + "0"}),
    ("uscc_legacy_regno", {"uscc": "430100000012345"}),
    ("uscc_legacy_orgcode", {"uscc": "DEM00001-1"}),
    ("uscc_checksum", {"uscc": GOOD[:9] + GOOD[10] + GOOD[9] + GOOD[11:]}),
    ("uscc_precision_lost", {"uscc": 914301819990250000}),
    ("uscc_precision_lost", {"uscc": 914301819990440409}),
    ("uscc_precision_lost", {"uscc": "9.14E+17"}),
    ("uscc_precision_lost", {"uscc": "914301819990250000"}),
    ("date_missing", {"valid_from": None, "valid_to": None}),
    ("date_missing", {"valid_from": "/", "valid_to": "—"}),
    ("date_missing", {"valid_to": None}),
    ("date_missing", {"valid_from": None}),
    ("date_invalid", {"valid_from": "2021年2月30日"}),
    ("date_invalid", {"valid_from": 202103}),
    ("date_invalid", {"valid_from": 44256.5}),
    ("date_invalid", {"valid_to": "20241301"}),
    ("date_invalid", {"valid_to": "另行通知"}),
    ("date_invalid", {"valid_to": time(3, 12)}),
    ("date_order", {"valid_from": "2023-12-15", "valid_to": "2020-12-14"}),
    ("date_order", {"valid_from": None, "valid_to": "2024.2.29-2021.3.1"}),
    ("formula_injection", {"enterprise_name": "=HYPERLINK(1)"}),
    ("formula_injection", {"product_name": "@SUM(A1)"}),
    ("formula_injection", {"models": "+cmd|' /C calc'!A0"}),
    ("formula_injection", {"models": "-(1+1)"}),
    ("formula_injection", {"certificate_no": "=CSLX-00001"}),
    ("formula_injection", {"uscc": "＝" + GOOD}),
    ("formula_injection", {"product_name": "+节能风机"}),
    ("uscc_precision_lost", {"uscc": "0" * 18}),
]

HELD: list[tuple[str, dict[str, Any]]] = [
    ("uscc_confusable", {"uscc": GOOD.replace("0", "O")}),
    ("former_name_in_cell", {"enterprise_name": "长沙例新有限公司（原长沙例旧有限公司）"}),
    ("former_name_in_cell", {"enterprise_name": "长沙例新有限公司(曾用名：长沙例旧有限公司)"}),
    ("model_in_attachment", {"models": "详见附件"}),
    ("model_in_attachment", {"models": "见附表2"}),
    ("model_in_attachment", {"models": "YE3-80M1-2等36个型号"}),
    ("date_ambiguous_dmy", {"valid_from": "3/4/2021"}),
    ("date_two_digit_year", {"valid_from": "21.3.4"}),
    ("date_month_only", {"valid_from": "2021年3月"}),
    ("date_month_only", {"valid_from": None, "valid_to": "2021年3月-2024年2月"}),
    ("validity_open_ended", {"valid_to": "长期"}),
    ("validity_open_ended", {"valid_to": "永久有效"}),
    ("validity_open_ended", {"valid_to": "9999-12-31"}),
    ("status_missing", {"status": None}),
    ("status_missing", {"status": "  "}),
    ("status_missing", {"status": "/"}),
    ("status_unknown", {"status": "复核中"}),
    ("status_unknown", {"status": "不予撤销"}),
    ("status_unknown", {"status": "待定"}),
    ("batch_unknown", {"batch": "待定"}),
    ("former_name_in_cell", {"enterprise_name": "长沙例新有限公司 12300001234"}),
    ("district_unknown", {"district": "天元区"}),
    ("district_unknown", {"district": "某某园区"}),
    ("batch_unknown", {"batch": "去年那批"}),
    ("batch_unknown", {"batch": date(2020, 1, 1)}),
    ("certificate_pattern", {"certificate_no": "长两型2020-15"}),
    ("certificate_pattern", {"certificate_no": 112}),
    ("status_remark_conflict", {"remark": "该产品证书已撤销"}),
    ("status_remark_conflict", {"remark": "2021年5月起暂停"}),
    ("encoding_loss", {"enterprise_name": "长沙例?环保有限公司"}),
    ("encoding_loss", {"product_name": "节能\ufffd机"}),
    ("encoding_loss", {"product_name": "节能\ue7c7机"}),
    ("encoding_loss", {"remark": "由?业变更"}),
    ("encoding_loss", {"enterprise_name": "长沙锟斤拷有限公司"}),
    ("model_in_attachment", {"models": "附后"}),
    ("model_in_attachment", {"models": "多种规格"}),
    ("model_autoconverted_date", {"models": "3月12日"}),
    ("model_autoconverted_date", {"models": "12-Mar"}),
]


@pytest.mark.parametrize(("reason", "changes"), REJECTED)
def test_rejected(reason: str, changes: dict[str, Any]) -> None:
    """A value that can never be right sends the row back, with this reason alone, and enters nothing."""
    (result,) = read_rows(row(7, **changes))
    assert (result.outcome, result.reasons) == ("reject", (reason,))
    assert result.entry is None
    assert result.candidate is None


@pytest.mark.parametrize(("reason", "changes"), HELD)
def test_held(reason: str, changes: dict[str, Any]) -> None:
    """A doubt holds the row for a person, with this reason alone."""
    (result,) = read_rows(row(7, **changes))
    assert (result.outcome, result.reasons) == ("review", (reason,))
    assert result.entry is None


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        case
        for case in REJECTED + HELD
        if not any(isinstance(value, int | float | time | date) for value in case[1].values())
        and "\ue7c7" not in str(case[1])
        and "\u200b" not in str(case[1])
    ],
)
def test_csv_judges_alike(reason: str, changes: dict[str, Any]) -> None:
    """The same text in a CSV file has the same reason."""
    (result,) = read_csv_rows(row(7, **changes))
    assert result.reasons == (reason,)


def test_date_typed_into_models_is_held() -> None:
    """Where Excel made a date of `3-12`, nobody knows what was typed."""
    (result,) = read_rows(row(1, models=date(2021, 3, 12)))
    assert result.reasons == ("model_autoconverted_date",)


def test_valid_digits_as_text_are_fine() -> None:
    """Eighteen digits kept as text that pass both checks are a code."""
    (result,) = read_rows(row(1, uscc="914301829990440409"))
    assert accepted(result).uscc == "914301829990440409"


@pytest.mark.parametrize("models", ["-40℃专用", "+5", "3-12", "XL-21"])
def test_signs_before_digits_are_no_formula(models: str) -> None:
    """A sign begins a formula only before a letter or bracket."""
    (result,) = read_rows(row(1, models=models))
    assert result.outcome == "accept", result.reasons


@pytest.mark.parametrize("remark", ["未撤销", "暂停已解除暂停", "2019年暂停，2020年恢复", "不再暂停", "=1+1", "何时复核？"])
def test_remarks_that_say_nothing_against(remark: str) -> None:
    """A denied withdrawal is none, and remarks are kept as text whatever they begin with."""
    (result,) = read_rows(row(1, remark=remark))
    assert "formula_injection" not in result.reasons
    assert "encoding_loss" not in result.reasons


def test_held_row_keeps_what_a_yes_would_enter() -> None:
    """Where every value of a held row could be read, the entry is ready for a person's yes; else there is none."""
    (held,) = read_rows(row(1, models="XL", remark="已注销"))
    assert held.candidate is not None
    (unknown,) = read_rows(row(1, status="复核中"))
    assert unknown.candidate is None


def test_all_reasons_are_listed_and_the_worst_wins() -> None:
    """A row with two doubts and a fault is rejected and names all three."""
    (result,) = read_rows(row(1, status=None, district="某园区", uscc="/"))
    assert result.outcome == "reject"
    assert set(result.reasons) == {"uscc_missing", "status_missing", "district_unknown"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"models": "、".join(f"XL-{number}" for number in range(300))}, "model_in_attachment"),
        ({"category": "长" * 400}, "encoding_loss"),
        ({"remark": "长" * 3000}, "encoding_loss"),
        ({"standards": "\n".join(f"GB {number}" for number in range(60))}, "encoding_loss"),
        ({"enterprise_name": "长" * 400}, "enterprise_missing"),
        ({"certificate_no": "CSLX-" + "1" * 80}, "certificate_pattern"),
    ],
)
def test_text_too_long_to_keep_is_not_cut(changes: dict[str, Any], reason: str) -> None:
    """What doesn't fit into an event is never shortened in silence."""
    (result,) = read_rows(row(1, **changes))
    assert result.reasons == (reason,)


@pytest.mark.parametrize(
    "written", ["有效期至2023年12月14日", "2023年12月14日前有效", "2023年十二月十四日", "至2023.12.14止", "2023-12-14T00:00:00"]
)
def test_days_with_words_around_them(written: str) -> None:
    """A day can be read in one way only, whatever says that it is the last one."""
    for (result,) in (read_rows(row(1, valid_to=written)), read_csv_rows(row(1, valid_to=written))):
        assert accepted(result).valid_to == date(2023, 12, 14)


@pytest.mark.parametrize("name", ["长沙例甲（原材料）有限公司", "长沙中原例甲有限公司"])
def test_names_that_only_look_like_former_ones(name: str) -> None:
    """原 alone says nothing."""
    (result,) = read_rows(row(1, enterprise_name=name))
    assert accepted(result).enterprise_name == name


def test_error_values_are_not_text() -> None:
    """`#N/A` is no name and no model."""

    def touch(sheet: Any) -> None:
        for field in ("enterprise_name", "models"):
            sheet[at(field)].value = "#N/A"
            sheet[at(field)].data_type = "e"

    (result,) = read_rows(row(1), touch=touch)
    assert set(result.reasons) == {"enterprise_missing", "encoding_loss"}


def test_dates_of_the_workbook_are_days() -> None:
    """Real dates need no reading; both ends are inclusive."""
    (result,) = read_rows(row(1, valid_from=date(2021, 3, 1), valid_to=date(2024, 2, 29)))
    entry = accepted(result)
    assert (entry.valid_from, entry.valid_to) == (date(2021, 3, 1), date(2024, 2, 29))
