"""What goes wrong gives one clear message with the next step, the contract's exit code, and never a traceback."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Cli, Ran, ended, favourable, write_sheet
from tests.support.postgres_server import PostgresServer

CATALOGUE = str(Path(__file__).parents[1] / "samples" / "changsha" / "catalogue.xlsx")
NOWHERE = "kafka://127.0.0.1:1"
NO_DATABASE = "postgresql+psycopg://czt:very-secret@127.0.0.1:1/czt"


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


def test_before_init(cli: Cli) -> None:
    """Without tables the next step is `czt init`, and no empty database is left behind."""
    _is_clear(cli("hub", "status"), 2, "czt init")
    _is_clear(cli("city", "relay", "--city", "changsha", "--once"), 2, "czt init")
    _is_clear(cli("audit", "replay"), 2, "czt init")
    assert not list(cli.home.glob("*.db"))


def test_missing_file(cli: Cli) -> None:
    """A wrong path is a wrong call, in both languages."""
    _is_clear(cli("city", "import", "没有.xlsx", "--city", "changsha"), 2, "There is no file 没有.xlsx")
    _is_clear(cli("joint", "assess", "none.xlsx", "--lang", "zh"), 2, "没有这个文件：none.xlsx")
    _is_clear(cli("joint", "key", "trust", "changsha", "none.pub"), 2, "none.pub")
    _is_clear(cli("joint", "rules", "activate", "none.json"), 2, "none.json")
    _is_clear(cli("audit", "verify", "--checkpoint", "none.txt"), 2, "none.txt")


def test_unreachable_broker(cli: Cli) -> None:
    """Who needs the broker exits 3; an import needs none, and a decision is sealed for later."""
    cli("init")
    assert cli("city", "import", CATALOGUE, "--city", "changsha").code == 1
    # All at once: each waits five seconds before it gives up.
    relay = cli.start("city", "relay", "--city", "changsha", "--once", CZT_BROKER_URL=NOWHERE)
    hub = cli.start("hub", "run", "--until-idle", "--json", CZT_BROKER_URL=NOWHERE)
    status = cli.start("hub", "status", "--json", CZT_BROKER_URL=NOWHERE)
    decision = cli.start("joint", "day", "2021-07-22", "--json", CZT_BROKER_URL=NOWHERE)
    doctor = cli.start("doctor", CZT_BROKER_URL=NOWHERE)
    _is_clear(ended(relay), 3, "127.0.0.1:1", "CZT_BROKER_URL")
    error = ended(hub)
    assert (error.code, error.error()["reason"]) == (3, "broker_unreachable")
    answer = ended(decision).json()
    assert (answer["sequence"], answer["published"]) == (5, False)
    known = ended(status)
    assert known.code == 0
    assert {one["lag"] for one in known.json()["sources"]} == {None}
    assert "127.0.0.1:1" in known.err
    assert ended(doctor).code == 3


def test_unreachable_database(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3 and no password, for the store and for a register."""
    cli("init")
    monkeypatch.setenv("CZT_STORE_URL", NO_DATABASE)
    for words in (("init",), ("hub", "run", "--until-idle"), ("audit", "log")):
        ran = cli(*words)
        _is_clear(ran, 3, "127.0.0.1")
        assert "very-secret" not in ran.err
    assert cli("hub", "products", "--json").error()["reason"] == "store_unreachable"
    monkeypatch.setenv("CZT_REGISTER_URL_CHANGSHA", NO_DATABASE)
    _is_clear(cli("city", "import", CATALOGUE, "--city", "changsha"), 3, "127.0.0.1")


@pytest.mark.parametrize("option", ["fsync", "synchronous_commit"])
def test_database_that_may_lose_what_it_committed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, start_postgres: Callable[..., PostgresServer], option: str
) -> None:
    """A PostgreSQL with `fsync` or `synchronous_commit` off is refused by name."""
    monkeypatch.setenv("CZT_STORE_URL", start_postgres(f"{option}=off").url())
    ran = cli("init")
    _is_clear(ran, 2, f"{option} = off", "Turn it on")


def test_key_that_others_can_read(cli: Cli) -> None:
    """A private key with wide permissions is refused, with the command that mends it."""
    cli("init")
    os.chmod(cli.home / "keys" / "changsha.pem", 0o644)
    _is_clear(cli("city", "relay", "--city", "changsha", "--once"), 2, "0644", "chmod 600")
    assert cli("doctor").code == 1


def test_hub_without_trust_file(cli: Cli) -> None:
    """A hub that doesn't know the joint office's key decides nothing."""
    cli("init")
    (cli.home / "trust.pub").unlink()
    assert cli("hub", "run", "--until-idle", "--json").error()["reason"] == "key_missing"


def test_wrong_calls(cli: Cli) -> None:
    """Unknown commands, cities, languages, days and sources are wrong calls; the next step names the help."""
    _is_clear(cli("city", "imprt"), 2, "imprt", "czt city --help")
    _is_clear(cli("city", "import", CATALOGUE, "--city", "beijing"), 2, "beijing", "changsha")
    _is_clear(cli("hub", "status", "--lang", "fr"), 2, "fr")
    _is_clear(cli("joint", "day", "2021-02-30"), 2, "2021-02-30")
    _is_clear(cli("hub", "run", "--sources", "changsha,beijing"), 2, "beijing", "joint-office")
    _is_clear(cli("hub", "events", "--since", "gestern"), 2, "gestern")
    assert cli("hub", "entry", "changsha", "--json").error()["reason"] == "usage"


def test_one_person_is_not_two(cli: Cli) -> None:
    """A batch by one person is a wrong call, before anything is looked up."""
    batch = ("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号")
    _is_clear(cli(*batch, "--by", "张三", "--agreed-by", " 张三 "), 2, "two people")


def test_answers_that_are_no(cli: Cli) -> None:
    """What can't be done yet, and what isn't there, exits 1 and says what comes first."""
    cli("init")
    batch = ("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", "--by", "A", "--agreed-by", "B")
    _is_clear(cli(*batch), 1, "rule set")
    cli.ok("hub", "run", "--until-idle")
    _is_clear(cli(*batch), 1, "No day", "czt joint day")
    cli.ok("joint", "day", "2021-07-22")
    cli.ok("hub", "run", "--until-idle")
    _is_clear(cli(*batch), 1, "eligible", "czt joint assess")
    _is_clear(cli("joint", "batch", "show", "1"), 1, "no batch 1")
    _is_clear(cli("hub", "entry", "changsha", "CSLX-00112"), 1, "CSLX-00112")


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
