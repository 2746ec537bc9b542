"""What goes wrong gives one clear message with the next step, the contract's exit code, and never a traceback."""

import re
import shlex
import sqlite3
from pathlib import Path

import pytest

from deploy.cli.tree import commands
from tests.support.cli import Cli, Ran, favourable, write_sheet

CATALOGUE = str(Path(__file__).parents[1] / "samples" / "changsha" / "catalogue.xlsx")


def _is_clear(ran: Ran, code: int, *words: str) -> None:
    """Message and next step are there, a traceback and an answer aren't."""
    assert ran.code == code, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert "→" in ran.err
    for word in words:
        assert word in ran.err


def test_all_wrong_settings_at_once(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong setting gets its line, and no password is shown."""
    monkeypatch.setenv("CZT_STORE_URL", "mysql://czt:very-secret@host/czt")
    monkeypatch.setenv("CZT_METRICS_PORT", "eighty")
    ran = cli("hub", "status")
    _is_clear(ran, 2, "CZT_STORE_URL", "CZT_METRICS_PORT", "'eighty'", "postgresql+psycopg://")
    assert "very-secret" not in ran.err


MAKE_THEMSELVES = ("demo", "init", "joint init-keys", "doctor", "city template")


@pytest.mark.parametrize("command", [command for command in commands() if command not in MAKE_THEMSELVES])
def test_before_init(cli: Cli, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder the example of each command's help ends with what is missing; nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    example = cli(*command.split(), "--help").out.rpartition("example:")[2].strip()
    for lang in ("en", "zh"):
        ran = cli(*shlex.split(example)[1:], "--lang", lang)
        assert ran.code in (2, 3), ran
        assert (ran.out, "Traceback" in ran.err) == ("", False), ran
        assert re.search('→|"next_step"', ran.err), ran
    assert not list(tmp_path.rglob("*.db"))


def test_unknown_language(cli: Cli) -> None:
    """A language we don't speak is named, with those we do."""
    _is_clear(cli("hub", "status", "--lang", "fr"), 2, "'fr' is none of zh, en.", "czt hub status --help")


def test_assessments_that_cannot_be_taken(cli: Cli, tmp_path: Path) -> None:
    """Rows that name nothing are reported with their number, the others go, and the command exits 1."""
    cli("init")
    cli("city", "import", CATALOGUE, "--city", "changsha")
    cli("city", "relay", "--city", "changsha", "--once")
    cli.ok("hub", "run", "--until-idle")
    rows = [
        favourable("长沙", "CSLX-00112"),
        favourable("长沙", "CSLX-99999"),
        favourable("广州", "CSLX-00113"),
        favourable("长沙市", "CSLX-00113") | {"安全": "大概"},
    ]
    ran = cli("joint", "assess", str(write_sheet(tmp_path / "sheet.xlsx", rows)), "--json")
    assert ran.code == 1
    problems = {row["row"]: row["problem"] for row in ran.json()["rows"]}
    assert problems == {3: None, 4: "assess.no_listing", 5: "assess.no_city", 6: "assess.bad_answer"}
    assert ran.json()["sequence"] == 5
    words = cli("joint", "assess", str(tmp_path / "sheet.xlsx"), "--lang", "zh").out
    assert "不认识的城市“广州”" in words


def test_tampering_is_found(cli: Cli) -> None:
    """A byte changed behind the log's back fails the verification with exit 1 and the entry's number."""
    cli("init")
    cli.ok("hub", "run", "--until-idle")
    with sqlite3.connect(cli.home / "store.db") as store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute("UPDATE audit_entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'joint', 'point') AS BLOB) WHERE idx = 2")
    store.close()
    ran = cli("audit", "verify", "--json")
    assert ran.code == 1
    assert ran.json()["ok"] is False
    assert any("2" in one["detail"] for one in ran.json()["checks"] if not one["ok"])


def test_folder_that_cannot_be_made(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that can't be written to is a matter of settings, not a defect."""
    monkeypatch.setenv("CZT_HOME", "/dev/null/home")
    _is_clear(cli("init"), 2, "/dev/null/home", "CZT_HOME")


def test_defect_asks_to_be_reported(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is one line that says how to report it; only `--debug` shows where it happened."""

    def broken(_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("deploy.initialise.initialise", broken)
    _is_clear(cli("init"), 1, "RuntimeError: nobody thought of this", "--debug")
    assert "Traceback" in cli("init", "--debug").err
