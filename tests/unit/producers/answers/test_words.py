"""What is said beside a row: the reason, what to do, and what to type where that can be guessed."""

import json
from typing import Any

import pytest

from producers.answers.hints import hint
from producers.answers.remarks import row_remarks
from producers.answers.report import MAX_LISTED, Imported, json_report, refusal_json, refusal_text, summary, text_report
from schemas.errors import Both, FileRefused
from tests.support.cities import CHANGSHA, FILES

CITY_FILE = FILES.file_of(CHANGSHA)


@pytest.mark.parametrize(
    ("reason", "typed", "said"),
    [
        ("uscc_confusable", "9143OIO4DEM2920534", "疑为 91430104DEM2920534，请核对"),
        ("uscc_confusable", "别的", None),
        ("date_two_digit_year", "21.3.4", "疑为 2021-03-04，请核对"),
        ("date_two_digit_year", "21年3月4日", "疑为 2021-03-04，请核对"),
        ("date_ambiguous_dmy", "3/4/2021", "请写 2021-04-03 或 2021-03-04"),
        ("date_ambiguous_dmy", "13/4/2021", "请写 2021-04-13"),
        ("former_name_in_cell", "长沙例一有限公司（原长沙例二厂）", "名称栏只写：长沙例一有限公司"),
        ("former_name_in_cell", "长沙例一有限公司 原长沙例二厂", None),
        ("model_autoconverted_date", "2021-03-12", "疑为 3-12，请核对"),
        ("model_autoconverted_date", "3月12日", "疑为 3-12，请核对"),
        ("model_autoconverted_date", "Mar-12", None),
        ("status_missing", "", "可填：有效、暂停、撤销"),
        ("batch_unknown", "首批", "写作“年份-批号”，例如 2020-1"),
        ("uscc_checksum", "914301040000000000", None),
    ],
)
def test_hint(reason: str, typed: str, said: str | None) -> None:
    """A guess is offered only where the typed text allows one."""
    assert hint(reason, typed, CITY_FILE, None) == said


def test_hints_name_the_citys_own_words() -> None:
    """Districts of this city, and a number of this very file that is right."""
    assert "岳麓区" in (hint("district_unknown", "某区", CITY_FILE, None) or "")
    assert "攸县" not in (hint("district_unknown", "某区", CITY_FILE, None) or "")
    assert hint("certificate_pattern", "两型1", CITY_FILE, "CSLX-00007") == "本表中正确的编号形如 CSLX-00007"
    assert hint("certificate_pattern", "两型1", CITY_FILE, None) is None


def _row(number: int, outcome: str, *reasons: str, **more: Any) -> dict[str, Any]:
    fields = {reason: ["certificate_no"] for reason in reasons}
    same = {"row": number, "outcome": outcome, "reasons": list(reasons), "warnings": [], "certificate_no": "CSLX-1"}
    return {**same, "entry": None, "fields": fields, **more}


def _answer(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    totals = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in ("accept", "review", "reject", "skip")}
    same = {"city": "changsha", "file": "目录.xlsx", "file_sha256": "0" * 64, "sheet": "目录", "rows": list(rows)}
    whole = {"totals": totals, "layout": [], "header": 2, "columns": {"certificate_no": 9}, "control_total": None}
    return {**same, **whole, "extra_columns": [], "events": 2, "held": None, **more}


def _remarks(answer: dict[str, Any]) -> list[Any]:
    return list(row_remarks(answer, lambda row, column: "", CITY_FILE))


def test_doubled_numbers_name_each_other() -> None:
    """Who reads one row learns where the other is; each cell is marked once with all that is said of it."""
    rows = _remarks(_answer(_row(5, "review", "dup_certificate"), _row(9, "review", "dup_certificate", "certificate_pattern")))
    assert "同号的还有第 9 行" in rows[0].advice
    assert rows[1].advice.startswith("1. ")
    (cell,) = rows[1].cells
    assert (cell.column, cell.mark) == (9, "review")
    assert cell.words.count("改法") == 2


def test_the_worse_mark_wins() -> None:
    """A cell that is rejected for one reason and held for another is red."""
    (row,) = _remarks(_answer(_row(5, "reject", "wrong_issuer", "certificate_pattern")))
    assert [cell.mark for cell in row.cells] == ["reject"]


def test_accepted_rows_and_copies_have_no_marked_cells() -> None:
    """A warning is said in the column, a copy skipped, a good row says so and nothing else."""
    good, warned, copy = _remarks(
        _answer(_row(5, "accept"), _row(6, "accept", warnings=["case_normalised"]), _row(7, "skip", "duplicate_row"))
    )
    assert (good.mark, good.outcome, good.advice, good.cells) == (None, "已收入", "", ())
    assert (warned.mark, warned.outcome, warned.cells) == ("warning", "已收入（有提示）", ())
    assert warned.advice
    assert (copy.mark, copy.outcome, copy.cells) == ("skip", "跳过", ())


def _told(answer: dict[str, Any], **more: Any) -> Imported:
    return Imported("目录.xlsx", "长沙市", "2021-07-22T10:00:00+08:00", answer, **more)


def test_summary_says_what_is_held_and_the_exact_command() -> None:
    """A brake names numbers and the command; a control total that differs is named; a file seen before is no change."""
    held = _answer(held={"missing": 7, "limit": 2}, control_total={"declared": 3, "counted": 4}, extra_columns=["附图"])
    text = "\n".join(summary(_told(held, confirm="czt city import /in/held/目录.xlsx --confirm-withdrawals 7")))
    assert "要撤销 7 条，超过一次 2 条的上限" in text
    assert "  czt city import /in/held/目录.xlsx --confirm-withdrawals 7" in text
    assert "合计 3 个产品，实际 4 行：不一致" in text
    assert "未读取的列：附图" in text
    assert "登记库产生变更 2 条" in text
    assert "没有重复变更" in "\n".join(summary(_told(held, seen_before=True)))


def test_long_reports_stay_short() -> None:
    """Only so many rows are named one by one; the text opens in a clerk's editor."""
    answer = _answer(
        *(_row(number, "reject", "certificate_missing", certificate_no=None) for number in range(5, 5 + MAX_LISTED + 3))
    )
    report = text_report(_told(answer), _remarks(answer))
    assert report.startswith("\ufeff")
    assert report.count("\r\n第 ") == MAX_LISTED
    assert "另有 3 行" in report
    assert "\n" not in report.replace("\r\n", "")


def test_json_report_names_rows_that_were_not_accepted() -> None:
    """Without entries: whoever wants those asks the register."""
    answer = _answer(_row(5, "accept", entry={"certificate_no": "CSLX-1"}), _row(6, "reject", "wrong_issuer"))
    found = json.loads(json_report(_told(answer, answer_file="目录.答复.xlsx")))
    assert [row["row"] for row in found["rows"]] == [6]
    assert (found["events"], found["totals"]["accept"], found["answer_file"]) == (2, 1, "目录.答复.xlsx")
    assert "entry" not in found["rows"][0]


def test_refusal_says_why_and_what_to_do() -> None:
    """The catalogue's words, what was found, and the next step, in Chinese; for programs the code."""
    refused = FileRefused("header_not_found", Both("没有找到表头行。", "No header."), Both("请确认列名。", "Check."))
    text = refusal_text("目录.xlsx", "长沙市", "2021-07-22T10:00:00+08:00", refused)
    assert "登记库没有任何变化" in text
    assert "怎么办：请确认列名。" in text
    assert json.loads(refusal_json("目录.xlsx", "changsha", "x", None, refused))["reason"] == "header_not_found"
