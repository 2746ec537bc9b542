"""From the judged rows of an import to what is said beside each: pure, the same for every kind of file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from producers.answers.hints import hint
from producers.city_file import CityFile
from schemas import reasons

Mark = Literal["reject", "review", "skip", "warning"]

OUTCOME_WORDS: Mapping[str, str] = {"accept": "已收入", "review": "待核实", "reject": "退回", "skip": "跳过"}
WARNED = "已收入（有提示）"
MAX_OTHERS = 10
"""Rows of the same number that are named."""


@dataclass(frozen=True, slots=True)
class CellRemark:
    """What is wrong with one cell: its column (from 1), and the words of its comment."""

    column: int
    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class RowRemark:
    """What is said of a row (its number in the file): the outcome's word, advice, and the cells concerned."""

    row: int
    mark: Mark | None
    outcome: str
    advice: str
    cells: tuple[CellRemark, ...] = ()


TextAt = Callable[[int, int], str]
"""The text of a cell by row and column, both from 1."""


def row_remarks(answer: Mapping[str, Any], text_at: TextAt, city_file: CityFile) -> Iterator[RowRemark]:
    """One for each data row, in order. `answer` is what `city import --json` says."""
    said = _Said(answer, text_at, city_file)
    return (said.of(row) for row in answer["rows"])


class _Said:
    """What the rows need to know of the whole file."""

    def __init__(self, answer: Mapping[str, Any], text_at: TextAt, city_file: CityFile) -> None:
        self._columns: Mapping[str, int] = answer["columns"]
        self._text_at = text_at
        self._city_file = city_file
        accepted = (row["certificate_no"] for row in answer["rows"] if row["outcome"] == "accept")
        self._example = next(accepted, None)
        self._rows_of: dict[str, list[int]] = {}
        for row in answer["rows"]:
            if "dup_certificate" in row["reasons"]:
                self._rows_of.setdefault(row["certificate_no"], []).append(row["row"])

    def of(self, row: Mapping[str, Any]) -> RowRemark:
        outcome = row["outcome"]
        if outcome == "accept":
            return self._accepted(row)
        advice = [self._advice(code, row) for code in row["reasons"]]
        lines = advice if len(advice) == 1 else [f"{number}. {line}" for number, line in enumerate(advice, 1)]
        cells = () if outcome == "skip" else tuple(self._cells(row))
        return RowRemark(row["row"], outcome, OUTCOME_WORDS[outcome], "\n".join(lines), cells)

    def _accepted(self, row: Mapping[str, Any]) -> RowRemark:
        if not row["warnings"]:
            return RowRemark(row["row"], None, OUTCOME_WORDS["accept"], "")
        return RowRemark(row["row"], "warning", WARNED, "".join(reasons.get(code).zh for code in row["warnings"]))

    def _advice(self, code: str, row: Mapping[str, Any]) -> str:
        reason = reasons.get(code)
        fields: Sequence[str] = row["fields"].get(code, ())
        hints = (self._hint(code, field, row) for field in fields or ("",))
        found = "；".join(dict.fromkeys(one for one in hints if one))
        return f"{reason.zh}改法：{reason.action_zh}" + (f"（{found}）" if found else "")

    def _hint(self, code: str, field: str, row: Mapping[str, Any]) -> str | None:
        if code == "dup_certificate":
            others = [number for number in self._rows_of[row["certificate_no"]] if number != row["row"]][:MAX_OTHERS]
            return f"同号的还有第 {'、'.join(map(str, others))} 行" if others else None
        typed = self._text_at(row["row"], self._columns[field]) if field in self._columns else ""
        return hint(code, typed, self._city_file, self._example)

    def _cells(self, row: Mapping[str, Any]) -> Iterator[CellRemark]:
        """Each cell once, under the worse of its marks, with everything that is said of it."""
        found: dict[str, list[str]] = {}
        for code in row["reasons"]:
            for field in row["fields"].get(code, ()):
                found.setdefault(field, []).append(code)
        for field, codes in found.items():
            mark: Mark = "reject" if reasons.worst_outcome(tuple(codes)) == "reject" else "review"
            yield CellRemark(self._columns[field], mark, "\n".join(self._advice(code, row) for code in codes))
