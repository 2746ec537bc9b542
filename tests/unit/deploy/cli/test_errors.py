"""How errors are told: the message, the next step, the reader's language, JSON on request."""

import json

import pytest

from deploy.cli.call import Manner
from deploy.cli.errors import report_no_access, report_refusal, report_unexpected
from schemas import errors
from schemas.errors import Both, CztError, FileRefused, StoreUnavailable


def _all(kind: type[CztError]) -> list[type[CztError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _all(child))]


@pytest.mark.parametrize("kind", [k for k in _all(CztError) if k.__module__ == errors.__name__ and k is not FileRefused])
def test_each_error_keeps_its_exit_code(kind: type[CztError], capsys: pytest.CaptureFixture[str]) -> None:
    """Every error of the tree ends with its own code, its message and its next step, on stderr only."""
    error = kind([], "what", "do this") if kind is errors.PublishInterrupted else kind("what", "do this")
    assert report_refusal(error, Manner()) == kind.exit_code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "what\n  → do this\n"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives one object with reason, message and next step."""
    report_refusal(StoreUnavailable("silent", "look"), Manner(as_json=True))
    found = json.loads(capsys.readouterr().err)
    assert found == {"error": {"reason": "store_unreachable", "message": "silent", "next_step": "look"}}


def test_each_reader_has_one_language(capsys: pytest.CaptureFixture[str]) -> None:
    """An error in both languages is told in the reader's; one in English only has the catalogue's words before it."""
    refused = FileRefused("header_not_found", Both("没有找到表头行。", "There is no header."), Both("请确认列名。", "Check it."))
    report_refusal(refused, Manner(lang="en"))
    assert capsys.readouterr().err == "There is no header.\n  → Check it.\n"
    report_refusal(refused, Manner(lang="zh"))
    assert capsys.readouterr().err == "没有找到表头行。\n  → 请确认列名。\n"
    report_refusal(StoreUnavailable("no answer from host", "Check it."), Manner(lang="zh"))
    first, *steps = capsys.readouterr().err.splitlines()
    assert first == "连不上数据库。no answer from host"
    assert steps[-1] == "  → Check it."


def test_no_access(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that can't be written is a matter of the call, with its name."""
    assert report_no_access(PermissionError(13, "Permission denied", "/data/store.db"), Manner()) == 2
    assert capsys.readouterr().err.startswith("/data/store.db: Permission denied\n  → ")


def test_defect(capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is one line that asks to be reported; a traceback only with `--debug`."""
    assert report_unexpected(KeyError("x"), Manner()) == 1
    assert capsys.readouterr().err.startswith("KeyError: 'x'\n  → This is a defect.")
    try:
        raise KeyError("x")
    except KeyError as error:
        report_unexpected(error, Manner(debug=True))
    assert "Traceback" in capsys.readouterr().err
