"""How marks look in a workbook, and the summary sheet: the same for a marked copy and for rows written anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from producers.answers.remarks import CellRemark, Mark, RowRemark
from producers.sheet_text import BOLD, WRAPPED, put_text, sheet_text, text_cell

AUTHOR = "导入程序"
SUMMARY_SHEET = "导入结果"
COLOURS: Mapping[Mark, str] = {"reject": "FFC7CE", "review": "FFEB9C", "skip": "D9D9D9", "warning": "DDEBF7"}
FILLS: Mapping[Mark, PatternFill] = {mark: PatternFill("solid", fgColor=colour) for mark, colour in COLOURS.items()}
LEGEND: Mapping[Mark, str] = {
    "reject": "退回：必须改正后重新导入",
    "review": "待核实：请核对，错的改正，对的由负责人审核通过",
    "skip": "跳过：与前面的行重复",
    "warning": "已收入，写法已自动规范",
}
ADVICE_WIDTH = 60
OUTCOME_WIDTH = 16
COMMENT_SIZE = (320, 160)
_BEFORE = "\n—— 原批注 ——\n"
"""Between our words and those that the clerk had written there."""


def comment(words: str, before: str = "") -> Comment:
    """A comment of ours; `before` is what stood there."""
    made = Comment(sheet_text(words + (_BEFORE + before if before else "")), AUTHOR)
    made.width, made.height = COMMENT_SIZE
    return made


def before_ours(found: Comment) -> str | None:
    """What a clerk had written before a comment of ours; None when the comment is not ours."""
    if found.author != AUTHOR:
        return None
    return str(found.text).partition(_BEFORE)[2]


def comment_of_others(words: str) -> Comment | None:
    """What a clerk had written, by itself again; None when it was nothing."""
    return Comment(words, None) if words else None


def mark_cell(cell: Any, remark: CellRemark, before: str = "") -> None:
    """Colour and comment."""
    cell.fill = FILLS[remark.mark]
    cell.comment = comment(remark.words, before)


def mark_answer(outcome: Any, advice: Any, remark: RowRemark) -> None:
    """The two cells at the right of a row; of one with nothing to say, a word without a format, as there are so many."""
    if remark.mark is None:
        outcome.value = remark.outcome
        return
    put_text(outcome, remark.outcome)
    put_text(advice, remark.advice)
    advice.alignment = WRAPPED
    outcome.fill = FILLS[remark.mark]


def write_summary(sheet: Any, lines: Sequence[str]) -> None:
    """Lines one below the other, then what the colours mean. No header, so that it is never taken for a catalogue."""
    sheet.column_dimensions["A"].width = 100
    for number, line in enumerate((*lines, "", "颜色：")):
        sheet.append([text_cell(sheet, line, BOLD if number == 0 else None)])
    for mark, words in LEGEND.items():
        cell = text_cell(sheet, words)
        cell.fill = FILLS[mark]
        sheet.append([cell])
