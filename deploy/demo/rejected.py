"""The rows of several catalogues that were not accepted, told reason by reason: what it is, where, and what to do."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas import reasons
from schemas.city import City

OUTCOMES = {"review": ("待人工", "for a person"), "reject": ("退回", "sent back"), "skip": ("跳过", "copy")}

Rows = dict[City, list[int]]
"""Row numbers of each city's file."""


def rejected_rows(reports: Mapping[City, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Two lines a reason, each in Chinese and in English, from the answers of `czt city import --json`."""
    for (outcome, code), rows in by_reason(reports).items():
        (zh, en), reason = OUTCOMES[outcome], reasons.get(code)
        where_zh = "；".join(
            f"{'、'.join(city.zh for city in cities)}第 {'、'.join(numbers)} 行" for cities, numbers in _alike(rows)
        )
        where_en = "; ".join(
            f"row{'s' * (len(numbers) > 1)} {' and '.join(numbers)} of {', '.join(city.word for city in cities)}"
            for cities, numbers in _alike(rows)
        )
        yield f"    {zh}：{reason.zh}（{where_zh}）", f"    {en}: {reason.en} ({where_en})"
        yield f"      → {reason.action_zh}", f"      → {reason.action_en}"


def by_reason(reports: Mapping[City, Mapping[str, Any]]) -> dict[tuple[str, str], Rows]:
    """Outcome and first reason of every row that was not accepted → its rows, in the order of the files."""
    found: dict[tuple[str, str], Rows] = {}
    for city, report in reports.items():
        for row in report["rows"]:
            if row["outcome"] != "accept":
                found.setdefault((row["outcome"], row["reasons"][0]), {}).setdefault(city, []).append(row["row"])
    return found


def _alike(rows: Rows) -> list[tuple[list[City], list[str]]]:
    """Cities whose files have the same rows, together."""
    found: dict[tuple[int, ...], list[City]] = {}
    for city, numbers in rows.items():
        found.setdefault(tuple(numbers), []).append(city)
    return [(cities, [str(number) for number in numbers]) for numbers, cities in found.items()]
