"""The outermost edge: every way a command can end, as one clear message and an exit code of the contract."""

import json
import sys
import traceback

import typer

from deploy.cli.call import Manner
from deploy.cli.texts import HEADINGS, TEXTS
from schemas.errors import CztError

USAGE, DEFECT = 2, 1
INTERRUPTED = 130
"""128 + SIGINT, as shells expect of a program that Ctrl-C ended."""


def report_refusal(error: CztError, manner: Manner) -> int:
    """An error of our tree."""
    return _report(error.exit_code, error.reason, error.message, error.next_step, manner)


def report_wrong_call(error: typer.TyperException, manner: Manner) -> int:
    """Unknown commands and options, missing and impossible arguments."""
    context = getattr(error, "ctx", None)
    next_step = f"{context.command_path if context is not None else 'czt'} --help"
    return _report(USAGE, "usage", error.format_message(), next_step, manner)


def report_no_access(error: OSError, manner: Manner) -> int:
    """A file or folder that this user can't read or write, a full disk."""
    where = f"{error.filename}: " if error.filename else ""
    return _report(USAGE, "no_access", f"{where}{error.strerror or error}", _text("no_access_next", manner), manner)


def report_defect(error: Exception, manner: Manner) -> int:
    """Anything that nobody foresaw."""
    what = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return _report(DEFECT, "defect", what, _text("defect_next", manner), manner)


def _report(code: int, reason: str, message: str, next_step: str, manner: Manner) -> int:
    if manner.debug:
        traceback.print_exc()
    if manner.as_json:
        error = {"reason": reason, "message": message, "next_step": next_step}
        sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
        return code
    zh, en = HEADINGS.get(reason, ("", ""))
    heading = zh if manner.lang == "zh" else en
    lines = [f"{heading}: {message}" if heading else message]
    if next_step:
        lines.append(f"  → {next_step}")
    _print(lines)
    return code


def _print(lines: list[str]) -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(lines[0], style="bold red")
    for line in lines[1:]:
        console.print(line)


def _text(key: str, manner: Manner) -> str:
    zh, en = TEXTS[key]
    return zh if manner.lang == "zh" else en
