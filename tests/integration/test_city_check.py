"""`czt city check` on what can be wrong besides the city's file: each fault fails the case it concerns, and no other."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest

from deploy.conformance.case import CaseResult, run_cases
from deploy.conformance.live import live_cases
from deploy.conformance.run import sandboxed
from deploy.environment import read_settings
from deploy.initialise import initialise
from deploy.keys import ensure_key, private_file, public_file
from deploy.settings import Settings, apart
from deploy.wiring import Wiring
from schemas.ports import Message, Publisher, Record, Signer, Subscriber
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.fourth_city import WORD, city_text

SANDBOX = ["outage", "resend", "statement", "key_rotation"]


class SendsTwice:
    """A publisher whose first batch of a register begins with a record too many."""

    def __init__(self, inner: Publisher) -> None:
        self._inner = inner
        self._is_first = True

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See Publisher."""
        again = messages[:1] if self._is_first and messages[0].topic.startswith("czt.register") else []
        self._is_first = self._is_first and not again
        return self._inner.publish([*again, *messages])[len(again) :]

    def close(self) -> None:
        """The inner one is closed by whoever made it."""


class Deaf:
    """A subscriber that makes nothing of what is asked for."""

    def __init__(self, inner: Subscriber) -> None:
        self._inner = inner

    def fetch(self, topic: str, partition: int, offset: int, limit: int, timeout_seconds: float) -> list[Record]:
        """See Subscriber."""
        found = self._inner.fetch(topic, partition, offset, limit, timeout_seconds)
        return [replace(one, value=b"?") if b"resend.requested" in (one.value or b"") else one for one in found]

    def end_offset(self, topic: str, partition: int) -> int:
        """See Subscriber."""
        return self._inner.end_offset(topic, partition)

    def close(self) -> None:
        """The inner one is closed by whoever made it."""


class SendingTwice(Wiring):
    """Its publisher does not stop where it was."""

    @cached_property
    def publisher(self) -> Publisher:
        """See Wiring."""
        return SendsTwice(super().publisher)


class Unanswering(Wiring):
    """Its relay answers no request."""

    @cached_property
    def subscriber(self) -> Subscriber:
        """See Wiring."""
        return Deaf(super().subscriber)


class KeepingItsKey(Wiring):
    """Its relay goes on with the key that it began with."""

    first: Signer | None = None

    def signer(self, source: str) -> Signer:
        """See Wiring."""
        if source != CHANGSHA.source:
            return super().signer(source)
        self.first = self.first or super().signer(source)
        return self.first


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an embedded installation that is nowhere yet."""
    return apart(read_settings(), tmp_path / "home")


def _sandboxed(settings: Settings, make: Callable[[Settings], Wiring]) -> dict[str, str]:
    found: dict[str, str] = {one.name: one.outcome for one in sandboxed(settings, CHANGSHA, None, make) if one.name in SANDBOX}
    assert list(found) == SANDBOX
    return found


@pytest.mark.parametrize(("case", "make"), [("outage", SendingTwice), ("resend", Unanswering), ("key_rotation", KeepingItsKey)])
def test_a_fault_of_the_line_fails_its_case_alone(settings: Settings, case: str, make: type[Wiring]) -> None:
    """What is sent twice, not sent again, or signed with a revoked key is found."""
    assert _sandboxed(settings, make) == {name: "failed" if name == case else "ok" for name in SANDBOX}


def test_a_statement_that_says_something_else_fails_its_case_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sides compute count and digest, and are held against each other."""
    monkeypatch.setattr("producers.statement.digest_of_entries", lambda said: (len(said), "0" * 64))
    assert _sandboxed(settings, Wiring) == {name: "failed" if name == "statement" else "ok" for name in SANDBOX}
    assert not settings.home.exists()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation with four cities, as `czt init` leaves it."""
    home = tmp_path_factory.mktemp("founded") / "home"
    (home / "cities").mkdir(parents=True)
    mapping = '[capture]\ntable = "own"\nkey = "id"\n[capture.columns]\n'
    fields = ("enterprise_name", "uscc", "product_name", "models", "certificate_no", "valid_from", "valid_to", "status")
    columns = "".join(f'{field} = "{field}"\n' for field in fields)
    (home / "cities" / f"{WORD}.toml").write_text(city_text() + mapping + columns, "utf-8")
    with Wiring(_at(home)) as wiring:
        initialise(wiring)
        for source in wiring.sources:
            wiring.source_engine(source)
    with sqlite3.connect(home / f"register-{WORD}.db") as register:
        register.execute(f"CREATE TABLE own (id INTEGER PRIMARY KEY NOT NULL, {', '.join(f'{one} TEXT' for one in fields)})")
    register.close()
    return home


def _at(home: Path) -> Settings:
    found = apart(read_settings(), home)
    return found.model_copy(update={"city_dir": home / "cities"})


def _damage_key(home: Path) -> None:
    ensure_key(home / "keys", "another")
    shutil.copy(public_file(home / "keys", "another"), public_file(home / "keys", WORD))


def _another_key(home: Path) -> None:
    for file in (private_file(home / "keys", WORD), public_file(home / "keys", WORD)):
        file.unlink()
    ensure_key(home / "keys", WORD)


def _another_joint_key(home: Path) -> None:
    shutil.copy(public_file(home / "keys", WORD), home / "trust.pub")


def _no_register(home: Path) -> None:
    (home / f"register-{WORD}.db").unlink()


def _another_register(home: Path) -> None:
    shutil.copy(home / f"register-{ZHUZHOU.word}.db", home / f"register-{WORD}.db")


def _no_table(home: Path) -> None:
    _sql(home / f"register-{WORD}.db", "DROP TABLE own")


def _no_topic(home: Path) -> None:
    _sql(home / "broker.db", "DELETE FROM topic WHERE name = 'czt.receipts.loudi'")


def _sql(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        assert connection.execute(statement).rowcount != 0
    connection.close()


LIVE = ["key", "register", "capture", "topics", "joint_key", "trusted"]
BEHIND = {"register": {"capture"}, "topics": {"joint_key", "trusted"}, "joint_key": {"trusted"}}


@pytest.mark.parametrize(
    ("case", "fault", "said"),
    [
        ("key", _damage_key, "is key"),
        ("register", _no_register, "no database"),
        ("register", _another_register, "belongs to /registers/zhuzhou"),
        ("capture", _no_table, "no table own"),
        ("topics", _no_topic, "czt.receipts.loudi"),
        ("joint_key", _another_joint_key, "first decisions are signed with"),
        ("trusted", _another_key, "does not trust key"),
    ],
)
def test_a_fault_of_a_real_part_fails_its_case_alone(
    founded: Path, tmp_path: Path, case: str, fault: Callable[[Path], None], said: str
) -> None:
    """It is named with the next step, and what hangs on it is said to be not looked at."""
    home = tmp_path / "home"
    shutil.copytree(founded, home)
    assert {one.outcome for one in _live(home)} == {"ok"}
    fault(home)
    results = {one.name: one for one in _live(home)}
    assert {name: one.outcome for name, one in results.items()} == {
        name: "failed" if name == case else "not_run" if name in BEHIND.get(case, ()) else "ok" for name in LIVE
    }
    assert said in results[case].found.en
    assert results[case].next_step.zh
    assert results[case].next_step.en


def test_a_register_that_does_not_answer(founded: Path) -> None:
    """Nobody listens at its address."""
    url = "postgresql+psycopg://czt@127.0.0.1:1/register"
    settings = _at(founded).model_copy(update={"register_url": {WORD: url}})
    results = {one.name: one for one in _live(founded, settings)}
    assert (results["register"].outcome, results["capture"].outcome, results["trusted"].outcome) == ("failed", "not_run", "ok")


def test_the_real_parts_are_as_before(founded: Path) -> None:
    """No file is written, no row and no record added."""
    before = _contents(founded)
    assert {one.outcome for one in _live(founded)} == {"ok"}
    assert _contents(founded) == before


def _contents(home: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for file in sorted(home.rglob("*")):
        if file.suffix == ".db":
            connection = sqlite3.connect(file)
            found[file.name] = list(connection.iterdump())
            connection.close()
        elif file.is_file() and not file.name.endswith(("-wal", "-shm")):
            found[str(file)] = file.read_bytes()
    return found


def _live(home: Path, settings: Settings | None = None) -> list[CaseResult]:
    with Wiring(settings or _at(home)) as wiring:
        city = wiring.settings.cities.named(WORD)
        assert city is not None
        return list(run_cases(live_cases(wiring, city)))
