"""Whoever meets an error reads it in the language asked for: no message is written in one language only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import errors
from schemas.errors import Both, CztError, StoreUnavailable

ROOT = Path(__file__).parents[3]
ROOMS = ("schemas", "producers", "consumers", "deploy")
PLACE_OF_MESSAGE = {"FileRefused": 1, "PublishInterrupted": 1}
"""These take something else first."""


def _subclasses(kind: type[CztError]) -> Iterator[type[CztError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _subclasses(child)


NAMES = {kind.__name__ for kind in _subclasses(CztError)} | {"KeyUnusable", "PortTaken", "CommandFailed"}


def _made(tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Line and message of each error of the tree that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            place = PLACE_OF_MESSAGE.get(node.func.id, 0)
            if len(node.args) > place:
                yield node.lineno, node.args[place]


@pytest.mark.parametrize("room", ROOMS)
def test_every_message_is_in_both_languages(room: str) -> None:
    """A message is a `Both` or comes from somewhere that makes one, never a text of one language."""
    found = [(file, *one) for file in (ROOT / room).rglob("*.py") for one in _made(ast.parse(file.read_text("utf-8")))]
    single = [f"{file}:{line}" for file, line, message in found if isinstance(message, ast.Constant | ast.JoinedStr | ast.BinOp)]
    assert found
    assert single == []


def test_logs_speak_english() -> None:
    """`str()`, `message` and `next_step` are the English words; `said` gives either."""
    error = StoreUnavailable(Both("没有应答", "no answer"), Both("请重试", "try again"))
    assert (str(error), error.message, error.next_step) == ("no answer", "no answer", "try again")
    assert error.said("zh") == ("没有应答", "请重试")
    assert error.said("en") == ("no answer", "try again")


def test_a_next_step_may_be_a_command() -> None:
    """A command is the same in every language; an error from elsewhere may have one language only, and says so."""
    assert CztError(Both("没有", "none"), "czt init").said("zh") == ("没有", "czt init")
    assert errors.CztError("none").said("zh") is None
