"""The outermost edge: every way a command can end, as one clear message and an exit code of the contract."""

import json
import re
import sys
import traceback

import typer

from deploy.cli.call import Manner
from deploy.cli.texts import TEXTS
from schemas import reasons
from schemas.errors import CztError, SchemaOutdated, StoreUnavailable

_CHINESE = re.compile("[\u4e00-\u9fff]")

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
    return _report(USAGE, "usage", error.format_message().replace("Value error, ", ""), next_step, manner)


def report_no_access(error: OSError, manner: Manner) -> int:
    """A file or folder that this user can't read or write, a full disk."""
    where = f"{error.filename}: " if error.filename else ""
    return _report(USAGE, "usage", f"{where}{error.strerror or error}", _text("no_access_next", manner), manner)


def report_unexpected(error: Exception, manner: Manner) -> int:
    """A database's own error that nobody translated on the way; everything else is a defect of ours."""
    known = _database_error(error)
    if known is not None:
        return report_refusal(known, manner)
    first = str(error).splitlines()[0] if str(error) else ""
    return _report(DEFECT, "failed", f"{type(error).__name__}: {first}", _text("defect_next", manner), manner)


def _database_error(error: Exception) -> CztError | None:
    """SQLAlchemy is asked only when something loaded it: importing it takes as long as many a command."""
    known = sys.modules.get("sqlalchemy.exc")
    if known is None or not isinstance(error, known.DBAPIError):
        return None
    first = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if re.search(r"no such table|does not exist", first):
        return SchemaOutdated(f"The database has no such tables: {first}", "Run `czt init`.")
    if isinstance(error, known.OperationalError | known.InterfaceError) or type(error) is known.DatabaseError:
        return StoreUnavailable(f"The database did not answer: {first}", "Check its address and that it runs.")
    return None


def _report(code: int, reason: str, message: str, next_step: str, manner: Manner) -> int:
    if manner.debug:
        traceback.print_exc()
    if manner.as_json:
        error = {"reason": reason, "message": message, "next_step": next_step}
        sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
        return code
    _print(*_worded(reason, message, next_step, manner))
    return code


def _worded(reason: str, message: str, next_step: str, manner: Manner) -> tuple[str, list[str]]:
    """Message and next steps. Most errors speak one language; for readers of the other the catalogue's words go first."""
    steps = [next_step] if next_step else []
    known = reasons.ALL.get(reason)
    if known is None or reason == CztError.reason or (manner.lang == "zh") == bool(_CHINESE.search(message)):
        return message, steps
    words, action = (known.zh, known.action_zh) if manner.lang == "zh" else (known.en, known.action_en)
    return f"{words} {message}", [action, *steps]


def _print(message: str, steps: list[str]) -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(message, style="bold red")
    for step in steps:
        console.print(f"  → {step}")


def _text(key: str, manner: Manner) -> str:
    zh, en = TEXTS[key]
    return zh if manner.lang == "zh" else en
