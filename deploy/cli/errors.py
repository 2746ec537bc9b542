"""The outermost edge: every way a command can end, as one clear message and an exit code of the contract."""

import json
import sys
import traceback

import typer

from deploy.cli.call import Manner
from deploy.cli.texts import TEXTS
from deploy.cli.wrong_calls import WrongCity, wrong_call
from schemas import reasons
from schemas.errors import CztError

USAGE, DEFECT = 2, 1
INTERRUPTED = 130
"""128 + SIGINT, as shells expect of a program that Ctrl-C ended."""


def report_refusal(error: CztError, manner: Manner) -> int:
    """An error of our tree. One that speaks English only has the catalogue's words before it for readers of Chinese."""
    said = error.said(manner.lang)
    if said is not None:
        return _report(error.exit_code, error.reason, *said, manner)
    known = reasons.ALL.get(error.reason)
    if manner.lang == "en" or known is None or error.reason in VAGUE:
        return _report(error.exit_code, error.reason, error.message, error.next_step, manner)
    action = "\n".join(filter(None, (known.action_zh, error.next_step)))
    return _report(error.exit_code, error.reason, f"{known.zh}{error.message}", action, manner)


VAGUE = frozenset({"failed", "usage", "answer_is_no"})
"""What the catalogue says of these is true of too many things to help."""


def report_wrong_call(error: typer.TyperException, manner: Manner) -> int:
    """Unknown commands and options, missing and impossible arguments. Without any argument the help is the answer."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "czt"
    next_step, message = f"{path} --help", error.format_message()
    if message.startswith("Usage:"):
        if not manner.as_json:
            sys.stderr.write(message + "\n")
            return USAGE
        message = _text("no_command", manner)
    else:
        said = error.said if isinstance(error, WrongCity) else wrong_call(message)
        message = said.in_(manner.lang)
    return _report(USAGE, "usage", message, next_step, manner)


def report_no_access(error: OSError, manner: Manner) -> int:
    """A file or folder that this user can't read or write, a full disk."""
    where = f"{error.filename}: " if error.filename else ""
    return _report(USAGE, "usage", f"{where}{error.strerror or error}", _text("no_access_next", manner), manner)


def report_unexpected(error: Exception, manner: Manner) -> int:
    """A defect of ours."""
    first = str(error).splitlines()[0] if str(error) else ""
    return _report(DEFECT, "failed", f"{type(error).__name__}: {first}", _text("defect_next", manner), manner)


def _report(code: int, reason: str, message: str, next_step: str, manner: Manner) -> int:
    if manner.debug:
        traceback.print_exc()
    if manner.as_json:
        error = {"reason": reason, "message": message, "next_step": next_step}
        sys.stderr.write(json.dumps({"error": error}, ensure_ascii=False) + "\n")
        return code
    _print(message, next_step.splitlines())
    return code


def _print(message: str, steps: list[str]) -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print(message, style="bold red")
    for step in steps:
        console.print(f"  → {step}")


def _text(key: str, manner: Manner) -> str:
    zh, en = TEXTS[key]
    return zh if manner.lang == "zh" else en
