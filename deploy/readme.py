"""`python -m deploy.readme`: the blocks of the READMEs that are made from the code, each between its two markers."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic_core import PydanticUndefined

from deploy.cli.tree import commands
from deploy.demo.rejected import OUTCOMES
from deploy.settings import PREFIX, Settings, extra_of
from schemas import reasons
from schemas.reason_texts.program import PROGRAM

ROOT = Path(__file__).parents[1]
Lang = Literal["zh", "en"]
FILES: dict[Lang, str] = {"en": "README.md", "zh": "README.zh-CN.md"}

PROGRAM_FILE = ".venv/bin/czt"
"""Where `make setup` puts it."""
SHOWN_REASONS = 3
TELL_OF_ROWS = (
    "      → ",
    *(f"    {word}{colon}" for words in OUTCOMES.values() for word, colon in zip(words, "：:", strict=True)),
)
"""How those lines of the demo begin that tell why rows were not accepted, and what to do."""
LEFT_OUT_LINE = "    …"

LEFT_OUT = frozenset({"usage", "failed", "answer_is_no", "service_unreachable"})
"""Their message says all there is."""

COMMON = (
    *("file_unreadable", "sheet_ambiguous", "header_not_found", "column_missing", "other_citys_file", "mass_change_held"),
    *("impossible_value", "signature_missing", "signature_invalid", "key_revoked", "wrong_source", "schema_unknown"),
    *("statement_differs", "decision_not_allowed", "decision_out_of_turn"),
)
"""Codes of files, events and decisions that people meet; those of rows stand in each import's report."""


def troubles_table(lang: Lang) -> str:
    """What you see, what it means, what to do: every error that stops a command, and the common codes."""
    lines = ["| 提示 | 含义 | 怎么办 |" if lang == "zh" else "| you see | it means | what to do |", "|---|---|---|"]
    known = commands()
    stopping = [one.code for one in PROGRAM if one.code not in LEFT_OUT and _can_be_done(one.action_en, known)]
    for reason in (reasons.get(code) for code in (*stopping, *COMMON)):
        means, action = (reason.zh, reason.action_zh) if lang == "zh" else (reason.en, reason.action_en)
        lines.append(f"| `{reason.code}` | {means} | {action} |")
    return "\n".join(lines) + "\n"


def settings_table(lang: Literal["zh", "en"]) -> str:
    """The README's table, Markdown: name, default, meaning."""
    head = "| 设置 | 默认值 | 含义 |" if lang == "zh" else "| setting | default | meaning |"
    lines = [head, "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        extra = extra_of(name)
        plain = "" if field.default in (None, PydanticUndefined) else str(field.default)
        default = extra.get("at", extra.get("shown", plain)).replace("{home}", "var")
        setting = PREFIX + name.upper() + ("_" + extra["each"] if "each" in extra else "")
        meaning = extra["zh"] if lang == "zh" else field.description
        lines.append(f"| `{setting}` | {f'`{default}`' if default else ''} | {meaning} |")
    return "\n".join(lines) + "\n"


def _can_be_done(action: str, known: list[str]) -> bool:
    """Whether the commands that the action names are in this version."""
    named = re.findall("czt ([a-z -]+)", action)
    return all(any(f"{words} ".startswith(f"{command} ") for command in known) for words in named)


def demo_output(lang: Lang) -> str:
    """What `czt demo` prints here and now, in a fenced block, `shortened`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CZT_")}
    command = [sys.executable, "-c", "from deploy.cli.main import run; run()", "demo", "--lang", lang]
    with TemporaryDirectory(prefix="czt-readme-") as directory:
        ran = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return f"```text\n{shortened(ran.stdout)}```\n"


def shortened(printed: str) -> str:
    """The output without hashes, which differ each time, and with the first reasons for rows only."""
    kept: list[str] = []
    actions = 0
    for line in re.sub(r"\b[0-9a-f]{12,64}\b…?", "…", printed).strip("\n").splitlines():
        if actions < SHOWN_REASONS or not line.startswith(TELL_OF_ROWS):
            kept.append(line)
        elif kept[-1] != LEFT_OUT_LINE:
            kept.append(LEFT_OUT_LINE)
        actions += line.startswith(TELL_OF_ROWS[0])
    return re.sub(r"\S*czt audit", f"{PROGRAM_FILE} audit", "\n".join(kept)) + "\n"


def with_blocks(text: str, lang: Lang, demo: str) -> str:
    """A README's text with its blocks as the code has them now. Raises ValueError when a marker is missing."""
    for name, made in (("demo", demo), ("settings", settings_table(lang)), ("troubles", troubles_table(lang))):
        block = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise ValueError(f"expected <!-- {name} --> and <!-- /{name} -->")
        text = block.sub(lambda found, made=made: f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for lang, name in FILES.items():
        path = ROOT / name
        path.write_text(with_blocks(path.read_text("utf-8"), lang, demo_output(lang)), "utf-8")
