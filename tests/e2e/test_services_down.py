"""A broker or a database that is away, refuses us, is another or may lose data: each command that needs it says which."""

import socketserver
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from deploy import databases
from tests.support.cli import Cli, ended, refused, write_sheet
from tests.support.postgres_server import PostgresServer
from tests.support.samples import sample

CATALOGUE = sample("changsha")
NO_DATABASE = "postgresql+psycopg://czt:very-secret@127.0.0.1:1/czt"
ONCE, IDLE = "--once", "--until-idle"

NEED_THE_BROKER = (
    ("city", "relay", "--city", "changsha", ONCE),
    ("city", "receipts", "--city", "changsha"),
    ("hub", "run", IDLE),
    ("joint", "relay", ONCE),
)
NEED_THE_STORE = (
    ("init",),
    ("hub", "run", IDLE),
    ("hub", "status"),
    ("hub", "products"),
    ("hub", "events"),
    ("hub", "entry", "changsha", "CSLX-00112"),
    ("hub", "dead-letters", "list"),
    ("joint", "batch", "show", "1"),
    ("joint", "batch", "publish", "--number", "1", "--document", "12", "--by", "A", "--agreed-by", "B"),
    ("audit", "log"),
    ("audit", "replay"),
    ("audit", "verify"),
)
NEED_THE_REGISTER = (
    ("city", "import", CATALOGUE, "--city", "changsha"),
    ("city", "relay", "--city", "changsha", ONCE),
    ("city", "receipts", "--city", "changsha"),
)
NEED_THE_OUTBOX = (("joint", "day", "2021-07-22"), ("joint", "rules", "activate"), ("joint", "relay", ONCE))


class HangsUp(socketserver.BaseRequestHandler):
    """Takes what comes first and closes: as most servers do with what they don't understand."""

    def handle(self) -> None:
        """One connection."""
        self.request.recv(64)


@pytest.fixture
def something_else() -> Iterator[str]:
    """Address of a program that listens and is no Kafka."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangsUp) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_no_broker(cli: Cli, something_else: str) -> None:
    """Nothing there, something else there, no such host: who needs the broker exits 3 and says which of them it is."""
    cli("init")
    nobody, nowhere = "127.0.0.1:1", "no-such-host.invalid:9092"
    told = {nobody: "nothing listens there", something_else: "no Kafka", nowhere: "there is no host of that name"}
    hub, relay = ("hub", "run", IDLE), ("city", "relay", "--city", "changsha", ONCE)
    # All at once, as processes: each waits five seconds before it gives up.
    calls = ((nobody, hub), (nobody, relay), (something_else, hub), (nowhere, hub))
    started = [(at, cli.start(*words, CZT_BROKER_URL=f"kafka://{at}")) for at, words in calls]
    chinese = cli.start(*hub, "--lang", "zh", "--json", CZT_BROKER_URL=f"kafka://{nobody}")
    for at, process in started:
        ran = ended(process)
        assert (ran.code, ran.out) == (3, ""), ran
        assert all(words in ran.err for words in (at, told[at], "→", "CZT_BROKER_URL")), ran.err
        assert "Traceback" not in ran.err
    error = ended(chinese).error()
    assert error["reason"] == "broker_unreachable"
    assert "没有程序在监听" in error["message"]


def test_what_goes_on_without_a_broker(cli: Cli) -> None:
    """An import needs none, a decision is sealed for later, the status says what it knows, and doctor names the broker."""
    cli("init")
    nobody = {"CZT_BROKER_URL": "kafka://127.0.0.1:1"}
    imported = cli.start("city", "import", CATALOGUE, "--city", "changsha", "--json", **nobody)
    decided = cli.start("joint", "day", "2021-07-22", "--json", **nobody)
    known = cli.start("hub", "status", "--json", **nobody)
    checked = cli.start("doctor", "--json", **nobody)
    assert ended(imported).json()["events"] == 24
    answer = ended(decided).json()
    assert (answer["sequence"], answer["published"]) == (5, False)
    status = ended(known)
    assert (status.code, {one["lag"] for one in status.json()["sources"]}) == (0, {None})
    assert "127.0.0.1:1" in status.err
    found = ended(checked)
    assert (found.code, [one["name"] for one in found.json()["checks"] if not one["ok"]]) == (3, ["broker"])


def test_an_embedded_broker_that_is_none(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing file, a folder, and a file that is no database are named."""
    cli("init")
    (tmp_path / "text.db").write_text("no database" * 100)
    for name, said in (("none.db", "There is no"), ("home", "is a folder"), ("text.db", "is not a database")):
        monkeypatch.setenv("CZT_BROKER_URL", f"sqlite:///{tmp_path / name}")
        refused(cli, ("hub", "run", IDLE), 3, "broker_unreachable", str(tmp_path / name), said)
    for words in NEED_THE_BROKER:
        refused(cli, words, 3, "broker_unreachable", "text.db", "is not a database")
    assert cli("doctor").code == 3
    assert not (tmp_path / "none.db").exists()


def test_no_store(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every command that reads or writes the store exits 3 and shows no password."""
    cli("init")
    monkeypatch.setenv("CZT_STORE_URL", NO_DATABASE)
    sheet = str(write_sheet(tmp_path / "sheet.xlsx", []))
    for words in (*NEED_THE_STORE, ("joint", "assess", sheet)):
        refused(cli, words, 3, "store_unreachable", "czt:***@127.0.0.1:1", "refused")
    checked = cli("doctor")
    assert checked.code == 3
    assert "very-secret" not in checked.out


def test_no_register(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a city's register and the joint office's outbox."""
    cli("init")
    monkeypatch.setenv("CZT_REGISTER_URL_CHANGSHA", NO_DATABASE)
    monkeypatch.setenv("CZT_JOINT_URL", NO_DATABASE)
    for words in (*NEED_THE_REGISTER, *NEED_THE_OUTBOX):
        refused(cli, words, 3, "store_unreachable", "czt:***@127.0.0.1:1")


def test_files_that_are_no_store(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder, a text and another part's database are wrong settings; none is changed."""
    cli("init")
    text_file = tmp_path / "text.db"
    text_file.write_text("no database" * 100)
    wrong = ((tmp_path, "that is a folder"), (text_file, "no SQLite database"), (cli.home / "joint.db", "a source's register"))
    for file, said in wrong:
        monkeypatch.setenv("CZT_STORE_URL", f"sqlite:///{file}")
        for command in (("init",), ("hub", "run", IDLE), ("hub", "products"), ("audit", "replay")):
            refused(cli, command, 2, "database_unusable", str(file), said)
        assert cli("doctor").code == 1
    assert text_file.read_text() == "no database" * 100
    monkeypatch.delenv("CZT_STORE_URL")
    monkeypatch.setenv("CZT_CHECKPOINTS_FILE", str(text_file))
    refused(cli, ("hub", "run", IDLE), 2, "database_unusable", "no SQLite database")
    monkeypatch.setenv("CZT_REGISTER_URL_CHANGSHA", f"sqlite:///{cli.home / 'joint.db'}")
    for words in NEED_THE_REGISTER:
        refused(cli, words, 2, "database_unusable", "belongs to /joint-office")


def test_a_store_that_somebody_keeps_locked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits in vain for another program's transaction exits 3 and says so."""
    cli("init")
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_MS", 100)
    with closing(sqlite3.connect(cli.home / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(cli, ("hub", "run", IDLE), 3, "store_unreachable", "Another process holds")


def test_a_store_that_is_read_only(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address itself may say so; file permissions end the same way, but not for an administrator."""
    cli("init")
    monkeypatch.setattr("deploy.wiring.Path.exists", lambda _: True)
    monkeypatch.setenv("CZT_STORE_URL", f"sqlite:///file:{cli.home}/store.db?mode=ro&uri=true")
    refused(cli, ("hub", "run", IDLE), 2, "database_unusable", "read-only")


def test_a_postgresql_that_refuses_us(cli: Cli, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    """A wrong password, a wrong database, one without tables, and one of a newer version: settings, not outages."""
    right = make_url(postgres_url)
    for url, said in (
        (right.set(password="very-secret"), "password authentication failed"),
        (right.set(username="nobody"), "password authentication failed"),
        (right.set(database="none"), 'database "none" does not exist'),
    ):
        monkeypatch.setenv("CZT_STORE_URL", url.render_as_string(hide_password=False))
        refused(cli, ("hub", "status"), 2, "database_unusable", said)
        assert "very-secret" not in cli("doctor").out
    monkeypatch.setenv("CZT_STORE_URL", postgres_url)
    refused(cli, ("hub", "status"), 2, "schema_outdated", "no tables yet", "czt init")
    cli.ok("init")
    cli.ok("hub", "status")
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for words in (("init",), ("hub", "status")):
        refused(cli, words, 2, "schema_outdated", "newer than this program", "Upgrade czt")


@pytest.mark.parametrize("option", ["fsync", "synchronous_commit"])
def test_a_postgresql_that_may_lose_what_it_committed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, start_postgres: Callable[..., PostgresServer], option: str
) -> None:
    """`fsync` or `synchronous_commit` off is refused by name, for the store and for a register."""
    url = start_postgres(f"{option}=off").url()
    monkeypatch.setenv("CZT_STORE_URL", url)
    refused(cli, ("init",), 2, "database_unsafe", f"{option} = off", "postgresql.conf")
    monkeypatch.delenv("CZT_STORE_URL")
    monkeypatch.setenv("CZT_REGISTER_URL_CHANGSHA", url)
    refused(cli, ("init",), 2, "database_unsafe", f"{option} = off")


def test_doctor_when_everything_is_broken(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `init` each thing has its line with what to do; wrong settings are told first, in both languages."""
    for lang, fail in (("en", "FAIL"), ("zh", "有问题")):
        ran = cli("doctor", "--lang", lang)
        assert (ran.code, ran.err) == (3, "")
        assert ran.out.count(f"{fail} ") == ran.out.count("→") == 13
    monkeypatch.setenv("CZT_METRICS_PORT", "eighty")
    monkeypatch.setenv("CZT_STOER_URL", "sqlite:///x")
    ran = cli("doctor", "--json")
    assert ran.code == 2
    [settings] = [one for one in ran.json()["checks"] if not one["ok"]]
    assert "CZT_METRICS_PORT" in settings["detail"]
    monkeypatch.delenv("CZT_METRICS_PORT")
    assert "CZT_STOER_URL" in cli("doctor").out
