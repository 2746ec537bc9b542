"""The commands that keep a chain whole, called as people call them: statement, catch-up, rewind, going on by decision."""

import shutil
import sqlite3
from typing import Any

import pytest

from deploy.databases import writer_engine
from deploy.keys import load_signer
from producers import register
from producers.diff import diff
from producers.sqlite_publisher import SqlitePublisher
from schemas import events
from schemas.codec import canonical
from schemas.ports import Message
from schemas.signing import signed_headers
from tests.support.cities import CHANGSHA
from tests.support.cli import Cli
from tests.support.entries import entry
from tests.support.sources import TIME, uscc

SOURCE = CHANGSHA.source
HERE = ("--city", "changsha")


def _enter(czt: Cli, *numbers: int, **fields: Any) -> None:
    """A program of the city changes its register."""
    engine = writer_engine(f"sqlite:///{czt.home / 'register-changsha.db'}")
    with engine.begin() as connection:
        changes = diff(register.read(connection), [entry(number, **{"uscc": uscc(1), **fields}) for number in numbers])
        register.apply(connection, [(change, None) for change in changes], TIME)
    engine.dispose()


def _send(czt: Cli, *numbers: int, **fields: Any) -> None:
    _enter(czt, *numbers, **fields)
    czt.ok("city", "relay", *HERE, "--once")


def _status(czt: Cli, source: str = SOURCE) -> dict[str, Any]:
    return next(one for one in czt.ok("hub", "status")["sources"] if one["source"] == source)


@pytest.fixture
def begun(cli: Cli) -> Cli:
    """Three entries of Changsha are sent and decided."""
    cli.ok("init")
    cli.ok("joint", "day", "2021-07-22")
    _send(cli, 1, 2, 3)
    cli.ok("hub", "run", "--until-idle")
    return cli


def test_a_statement_is_made_sent_and_reproduced(begun: Cli) -> None:
    """The command seals and publishes it; the hub reproduces count and digest."""
    answer = begun.ok("city", "statement", *HERE)
    assert (answer["city"], answer["sequence"], answer["entries"], answer["corrected"]) == ("changsha", 4, 3, 0)
    assert answer["published"] is True
    begun.ok("hub", "run", "--until-idle")
    assert _status(begun)["verified_through"] == 4
    receipts = begun.ok("city", "receipts", *HERE)["receipts"]
    assert receipts[-1]["reason"] == "statement_agrees"
    shown = begun("city", "receipts", *HERE, "--lang", "zh").out
    assert shown.splitlines()[0] == "changsha：已有答复 4 条，其中生效 4 条；已编号而尚无答复 0 条。"
    every = begun("city", "receipts", *HERE, "--lang", "zh", "--all").out
    assert [line.split()[1:4] for line in every.splitlines()[1:4]] == [
        [entry["certificate_no"], "列入", "生效"] for entry in receipts[:3]
    ]


def test_a_restored_register_is_explained_and_caught_up(begun: Cli) -> None:
    """The relay stops with the next step in its error, catch-up does it, and all goes on."""
    database = begun.home / "register-changsha.db"
    shutil.copy(database, begun.home / "backup.db")
    _send(begun, 3, models=("DM-300",))
    _send(begun, 4)
    begun.ok("hub", "run", "--until-idle")
    for file in begun.home.glob("register-changsha.db*"):
        file.unlink()
    shutil.copy(begun.home / "backup.db", database)
    _enter(begun, 5)
    stopped = begun("city", "relay", *HERE, "--once", "--json")
    error = stopped.error()
    assert (stopped.code, error["reason"]) == (1, "register_restored")
    assert "czt city catch-up --city changsha" in error["next_step"]
    done = begun.ok("city", "catch-up", *HERE)
    assert (done["taken"], done["missing"], done["forks"], done["corrected"]) == (2, [], 0, 1)
    begun.ok("city", "relay", *HERE, "--once")
    decided = begun.ok("hub", "run", "--until-idle")
    assert decided["outcomes"] == {"applied": 2}
    assert (_status(begun)["forked"], _status(begun)["verified_through"]) == (False, done["last_sequence"])


def test_a_restored_office_catches_up(begun: Cli) -> None:
    """The joint office's database is brought to its topic; its next decision has the next number."""
    database = begun.home / "joint.db"
    shutil.copy(database, begun.home / "backup.db")
    sent = begun.ok("joint", "day", "2021-07-23")["sequence"]
    begun.ok("hub", "run", "--until-idle")
    for file in begun.home.glob("joint.db*"):
        file.unlink()
    shutil.copy(begun.home / "backup.db", database)
    stopped = begun("joint", "relay", "--once", "--json")
    assert (stopped.code, stopped.error()["reason"]) == (1, "register_restored")
    done = begun.ok("joint", "catch-up")
    assert (done["taken"], done["last_sequence"]) == (1, sent)
    assert begun.ok("joint", "day", "2021-07-24")["sequence"] == sent + 1
    assert begun.ok("hub", "run", "--until-idle")["outcomes"] == {"applied": 1}
    assert begun.ok("hub", "status")["day"] == "2021-07-24"


def test_a_rebuilt_broker_is_said_and_read_again(begun: Cli) -> None:
    """The status names the command; before it there is nothing to rewind, after it everything is known."""
    assert begun("hub", "rewind", "changsha", "--json").code == 1
    with sqlite3.connect(begun.home / "broker.db") as broker:
        broker.execute("DELETE FROM record WHERE topic = 'czt.register.changsha'")
    begun.ok("hub", "run", "--until-idle")
    assert _status(begun)["rewound"] is True
    assert "czt hub rewind changsha" in begun("hub", "status", "--lang", "en").out
    assert begun.ok("hub", "rewind", "changsha") == {"source": SOURCE, "from_offset": 3, "topic_end": 0}
    assert begun.ok("city", "relay", *HERE, "--once")["published"] == 3
    assert begun.ok("hub", "run", "--until-idle")["outcomes"] == {"duplicate": 3}
    assert _status(begun)["rewound"] is False
    assert begun.ok("audit", "replay")["equal"] is True
    assert begun.ok("audit", "verify")["ok"] is True


def test_a_gap_is_given_up_by_two_people(begun: Cli) -> None:
    """Events that nobody can send again: two people close the gap; one can't, and not half of it."""
    signer = load_signer(begun.home / "keys", "changsha")
    data = {"entry": entry(9, uscc=uscc(1)).as_json()}
    attributes = events.event_attributes(
        events.LISTED,
        source=SOURCE,
        sequence=6,
        previous_hash="a" * 64,
        subject="CSLX-0009",
        time=TIME,
        data=data,
        entry_version=1,
    )
    value = canonical(attributes)
    publisher = SqlitePublisher(begun.home / "broker.db")
    publisher.publish([Message("czt.register.changsha", None, value, signed_headers(signer, value), partition=0)])
    publisher.close()
    begun.ok("hub", "run", "--until-idle")
    assert _status(begun)["gaps"] == [[4, 5]]
    assert "4-5" in begun("hub", "status").out
    go_on = ("joint", "source", "continue", "changsha")
    people = ("--by", "张三", "--agreed-by", "李四")
    assert begun(*go_on, "--lost", "4-5", "--by", "张三", "--agreed-by", "张三").code == 2
    assert begun(*go_on, "--lost", "4", *people).code == 1
    assert begun(*go_on, *people).code == 1
    assert begun.ok(*go_on, "--lost", "4-5", *people)["published"] is True
    begun.ok("hub", "run", "--until-idle")
    assert (_status(begun)["gaps"], _status(begun)["received_through"]) == ([], 6)
