"""`python -m deploy.readme`: the tables of the READMEs that are made from the code, each between its two markers."""

import re
from pathlib import Path
from typing import Literal

from deploy.settings import settings_table
from schemas import reasons
from schemas.reason_texts.program import PROGRAM

ROOT = Path(__file__).parents[1]
FILES: dict[Literal["zh", "en"], str] = {"en": "README.md", "zh": "README.zh-CN.md"}

LEFT_OUT = frozenset({"usage", "failed", "answer_is_no", "service_unreachable", "topic_rewound"})
"""The message of the first four says all there is. The last one's remedy, `hub rewind`, is not in this version."""

COMMON = (
    *("file_unreadable", "sheet_ambiguous", "header_not_found", "column_missing", "other_citys_file", "mass_change_held"),
    *("impossible_value", "signature_missing", "signature_invalid", "key_revoked", "wrong_source", "schema_unknown"),
    *("statement_differs", "decision_not_allowed", "decision_out_of_turn"),
)
"""Codes of files, events and decisions that people meet; those of rows stand in each import's report."""


def troubles_table(lang: Literal["zh", "en"]) -> str:
    """What you see, what it means, what to do: every error that stops a command, and the common codes."""
    lines = ["| 提示 | 含义 | 怎么办 |" if lang == "zh" else "| you see | it means | what to do |", "|---|---|---|"]
    stopping = [reason.code for reason in PROGRAM if reason.code not in LEFT_OUT]
    for reason in (reasons.get(code) for code in (*stopping, *COMMON)):
        means, action = (reason.zh, reason.action_zh) if lang == "zh" else (reason.en, reason.action_en)
        lines.append(f"| `{reason.code}` | {means} | {action} |")
    return "\n".join(lines) + "\n"


def with_tables(text: str, lang: Literal["zh", "en"]) -> str:
    """A README's text with its tables as the code has them now. Raises ValueError when a marker is missing."""
    for name, table in (("settings", settings_table(lang)), ("troubles", troubles_table(lang))):
        block = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise ValueError(f"expected <!-- {name} --> and <!-- /{name} -->")
        text = block.sub(lambda found, made=table: f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for lang, name in FILES.items():
        path = ROOT / name
        path.write_text(with_tables(path.read_text("utf-8"), lang), "utf-8")
