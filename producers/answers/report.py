"""The short report beside a file, as Chinese text and as JSON, and the lines of the answer's summary sheet."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from producers.answers.remarks import OUTCOME_WORDS, RowRemark
from schemas import reasons
from schemas.errors import FileRefused
from schemas.text import printable

MAX_LISTED = 200
"""Rows that a report names one by one; the answer has them all."""

MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was imported: what the import answered, and what the people who read it need beside.

    `file` is its name as it arrived, `at` the time (RFC 3339), `confirm` the command that carries out held withdrawals,
    `lost` what the answer could not take over from the clerk's file.
    """

    file: str
    city_zh: str
    at: str
    answer: Mapping[str, Any]
    seen_before: bool = False
    confirm: str | None = None
    answer_file: str | None = None
    lost: tuple[str, ...] = ()


def summary(one: Imported) -> list[str]:
    """Totals, changes, control total and what to do next; a line each."""
    return [*_head(one), *_control(one.answer), *_columns(one.answer), *_held(one), *_next(one)]


def _head(one: Imported) -> Iterator[str]:
    totals: Mapping[str, int] = one.answer["totals"]
    yield f"{one.city_zh}目录导入结果：{_line(one.file)}"
    yield _handled_at(one.at)
    yield "，".join(f"{word} {totals[outcome]} 行" for outcome, word in OUTCOME_WORDS.items()) + "。"
    warned = sum(1 for row in one.answer["rows"] if row["outcome"] == "accept" and row["warnings"])
    if warned:
        yield f"已收入的行中有 {warned} 行带提示：写法已自动规范，无需处理，有空请核对。"
    if one.seen_before:
        yield "这份文件此前已导入过（例如上次处理到一半时中断），登记库没有重复变更。"
    else:
        yield f"登记库产生变更 {one.answer['events']} 条，将自动发往共享端。"


def _control(answer: Mapping[str, Any]) -> Iterator[str]:
    control = answer["control_total"]
    if control is not None:
        agrees = "一致" if control["declared"] == control["counted"] else "不一致，请核对是否漏行"
        yield f"表尾合计 {control['declared']} 个产品，实际 {control['counted']} 行：{agrees}。"


def _columns(answer: Mapping[str, Any]) -> Iterator[str]:
    extra: Sequence[str] = answer["extra_columns"]
    if extra:
        yield "未读取的列：" + "、".join(map(_line, extra)) + "。"


def _held(one: Imported) -> Iterator[str]:
    held = one.answer["held"]
    if held is not None:
        yield (
            f"按这份完整目录要撤销 {held['missing']} 条，超过一次 {held['limit']} 条的上限，撤销先扣住，没有执行；其余变更已登记。"
        )
        yield "如果目录不完整，请补全后重新放入；如果确实都要撤销，请负责人运行："
        yield f"  {one.confirm}"


def _next(one: Imported) -> Iterator[str]:
    if one.answer_file is not None:
        yield f"请打开“{_line(one.answer_file)}”：红色的格子必须改，黄色的请核实后改。"
        yield "改好后把它放回收件文件夹即可，右边两列不用删。"
        yield "待核实的行如果本来就对，不用改，由负责人在审核时通过（czt city review）。"
    if one.lost:
        yield "没有带过来的内容：" + "、".join(one.lost) + "；以原文件为准。"


def text_report(one: Imported, remarks: Iterable[RowRemark]) -> str:
    """The report for a clerk: the summary, then the rows that need one."""
    return _text([*summary(one), "", *_listed([row for row in remarks if row.mark in ("reject", "review", "skip")])])


def _listed(rows: Sequence[RowRemark]) -> Iterator[str]:
    for row in rows[:MAX_LISTED]:
        advice = row.advice.replace("\n", "\n    ")
        yield f"第 {row.row} 行（{row.outcome}）：{advice}"
    if len(rows) > MAX_LISTED:
        yield f"……另有 {len(rows) - MAX_LISTED} 行，见答复文件。"
    if not rows:
        yield "没有需要处理的行。"


def json_report(one: Imported) -> str:
    """The same for programs: what `city import --json` says, with only the rows that were not accepted."""
    shown = {name: value for name, value in one.answer.items() if name not in ("rows", "layout", "columns", "header", "changes")}
    rows = [_short(row) for row in one.answer["rows"] if row["outcome"] != "accept"]
    more = {"at": one.at, "seen_before": one.seen_before, "confirm": one.confirm, "answer_file": one.answer_file}
    return _json({**shown, "file": one.file, "rows": rows, **more})


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("row", "outcome", "reasons", "fields", "certificate_no")}


def refusal_text(file: str, city_zh: str, at: str, refused: FileRefused) -> str:
    """The report on a file that was not taken at all."""
    found, action = refused.said("zh") or (refused.message, refused.next_step)
    known = reasons.get(refused.reason)
    head = [f"{city_zh}目录没有导入：{_line(file)}", _handled_at(at), "", "整份文件都没有收，登记库没有任何变化。"]
    return _text([*head, f"原因：{known.zh}{found}", f"怎么办：{action or known.action_zh}"])


def refusal_json(file: str, city: str, at: str, sha256: str | None, refused: FileRefused) -> str:
    """The same for programs."""
    said = {"reason": refused.reason, "message": refused.message, "next_step": refused.next_step}
    return _json({"city": city, "file": file, "file_sha256": sha256, "at": at, **said})


DEFECT = "failed"
"""The reason code of a file on which the program itself failed."""


def defect_text(file: str, city_zh: str, at: str, reference: str, *, imported: bool) -> str:
    """The report on a file on which the program itself failed. `imported`: its rows had reached the register before."""
    state = "整份文件都没有收，登记库没有任何变化。"
    if imported:
        state = "文件里合格的行已经收入登记库，但写答复时程序出错，所以没有逐行的答复。"
    head = [f"{city_zh}目录没有处理完：{_line(file)}", _handled_at(at), "", state]
    return _text(
        [
            *head,
            f"原因：程序处理这份文件时出错。这是程序的毛病，不是您填错了。错误编号：{reference}",
            "怎么办：不用改文件。请把错误编号告诉管理员；程序修好之后，把文件放回收件文件夹再处理一次，不会重复登记。",
        ]
    )


def defect_json(file: str, city: str, at: str, sha256: str | None, reference: str, *, imported: bool) -> str:
    """The same for programs."""
    said = {"reason": DEFECT, "reference": reference, "imported": imported}
    return _json({"city": city, "file": file, "file_sha256": sha256, "at": at, **said})


def _handled_at(at: str) -> str:
    """`at` is RFC 3339 in Shanghai's time, which is the clerk's."""
    return f"处理时间：{at[:10]} {at[11:19]}"


def _text(lines: Iterable[str]) -> str:
    """With a mark and Windows' line ends: so that the editor of every clerk opens it."""
    return "\ufeff" + "\r\n".join("\n".join(lines).split("\n")) + "\r\n"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _line(text: str) -> str:
    return printable(text, MAX_SHOWN)
