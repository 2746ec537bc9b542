"""Every command explains itself: what it does in both languages, and an example that is a real call."""

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

import pytest
import typer.main

from deploy.cli.main import app, main

CONTRACTED = {
    "demo", "init", "doctor", "city import", "city relay", "city receipts", "hub run", "hub status", "hub products",
    "hub events", "hub entry", "hub dead-letters list", "joint init-keys", "joint relay", "joint key trust",
    "joint key revoke", "joint rules activate", "joint day", "joint assess", "joint batch publish", "joint batch show",
    "audit log", "audit replay", "audit verify", "hub parked list", "hub parked show", "hub parked release",
    "joint objection raise", "joint objection answer", "joint objection settle", "joint identity join",
    "joint identity separate", "joint identity list", "hub check", "audit as-of", "hub check-source",
}  # fmt: skip


def _commands(node: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    children = getattr(node, "commands", None)
    if children is None:
        yield " ".join(path)
        return
    for name, child in children.items():
        yield from _commands(child, (*path, name))


COMMANDS = sorted(_commands(typer.main.get_command(app)))


def test_the_contracted_commands_are_there() -> None:
    """What the contract names exists."""
    assert set(COMMANDS) >= CONTRACTED


@pytest.mark.parametrize("path", COMMANDS)
def test_help(path: str) -> None:
    """`--help` exits 0, speaks both languages, and its example calls this command."""
    out = StringIO()
    with redirect_stdout(out):
        assert main([*path.split(), "--help"]) == 0
    text = out.getvalue()
    assert re.search("[\u4e00-\u9fff].*·", text)
    example = text.rpartition("example:")[2].split("\n\n")[0]
    assert shlex.split(example)[: len(path.split()) + 1] == ["czt", *path.split()]
    assert all(option in text for option in ("--json", "--lang", "--debug"))
