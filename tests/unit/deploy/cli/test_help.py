"""Every command explains itself: what it does in both languages, and an example that is a real call."""

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO

import pytest

from deploy.cli.main import main
from deploy.cli.tree import commands

CONTRACTED = {
    "city capture install", "city capture remove", "city capture status", "city review list", "city review accept",
    "city review refuse",
    "console", "demo", "init", "doctor", "city import", "city relay", "city receipts", "hub run", "hub status", "hub products",
    "hub events", "hub entry", "hub dead-letters list", "joint init-keys", "joint relay", "joint key trust",
    "joint key revoke", "joint rules activate", "joint day", "joint assess", "joint batch publish", "joint batch show",
    "audit log", "audit replay", "audit verify", "hub parked list", "hub parked show", "hub parked release",
    "joint objection raise", "joint objection answer", "joint objection settle", "joint identity join",
    "joint identity separate", "joint identity list", "hub check", "hub dead-letters show", "audit as-of", "hub check-source",
    "hub check-products", "hub lookup", "hub changes",
    "city key new", "city key use", "city key list", "joint key new", "joint key use", "joint key list",
    "city statement", "city catch-up", "hub rewind", "joint catch-up",
    "joint source continue", "joint objection list", "joint objection export", "joint batch print", "hub product",
    "city watch", "city template", "city export", "city check", "joint check-report",
}  # fmt: skip


COMMANDS = commands()


def test_the_contracted_commands_are_there() -> None:
    """What the contract names exists."""
    assert set(COMMANDS) >= CONTRACTED


GROUPS = sorted({path.rpartition(" ")[0] for path in COMMANDS})


@pytest.mark.parametrize("path", GROUPS)
def test_help_of_a_group(path: str) -> None:
    """`czt --help` and each group's say what it is for, and show one of its commands at work."""
    out = StringIO()
    with redirect_stdout(out):
        assert main([*path.split(), "--help"]) == 0
    example = shlex.split(out.getvalue().rpartition("example:")[2])
    assert example[: len(path.split()) + 1] == ["czt", *path.split()]
    assert any(" ".join(example[1:]).startswith(command) for command in COMMANDS)


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
