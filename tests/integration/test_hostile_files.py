"""Files made to mislead, exhaust or crash the import: each is refused with a reason, within bounds, and changes nothing.

`CZT_TEST_HOSTILE=all` adds the heavy ones, and says every refusal in both languages.
"""

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.reading import read_file
from schemas.errors import FileRefused
from tests.support.cli import CHINESE, Cli
from tests.support.hostile.corpus import HOSTILE
from tests.support.hostile.forked import DEADLINE_SECONDS, Forked, Measured
from tests.support.hostile.workbooks import sound

ALL = os.environ.get("CZT_TEST_HOSTILE") == "all"
NAMES = [name for name, one in HOSTILE.items() if ALL or not one.heavy]
MEMORY_BYTES = 300_000_000
LONG_AGO = 1_600_000_000
MANNERS = (("--lang", "zh"), ("--lang", "en", "--json"))


@dataclass(frozen=True)
class Desk:
    """A city whose register holds a catalogue already, and the process that forks one for each command."""

    folder: Path
    register: Path
    forked: Forked

    def place(self, name: str, data: bytes) -> Path:
        """A file that was last written long ago, alone in its folder."""
        for old in self.folder.iterdir():
            old.unlink()
        file = self.folder / name
        file.write_bytes(data)
        os.utime(file, (LONG_AGO, LONG_AGO))
        return file

    def import_(self, file: Path, *more: str) -> Measured:
        """`czt city import` in a process of its own."""
        return self.forked("city", "import", str(file), "--city", "changsha", *more)

    def content(self) -> list[str]:
        """Everything in the register."""
        with sqlite3.connect(self.register) as connection:
            return list(connection.iterdump())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Made once; no test changes it."""
    home, folder = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        Cli(patch, {"CZT_HOME": str(home)}).ok("init")
        first = home / "first.xlsx"
        first.write_bytes(sound())
        forked = Forked("city", "import", str(first), "--city", "changsha")
    yield Desk(folder, home / "register-changsha.db", forked)
    forked.close()


def _state(file: Path) -> tuple[str, int, list[str]]:
    return hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns, sorted(os.listdir(file.parent))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_file(desk: Desk, name: str) -> None:
    """Refused with its reason and the next step, or read as if nothing was; in bounds, the file as it was, nothing imported."""
    hostile = HOSTILE[name]
    file = desk.place(hostile.file, hostile.made())
    before, register = _state(file), desk.content()
    # Every file in the manner its place gives it; each message comes from one line that has both languages.
    for manner in MANNERS if ALL else (MANNERS[NAMES.index(name) % 2],):
        ran = desk.import_(file, *manner, *(() if hostile.reason else ("--dry-run",)))
        assert ran.code in ((2,) if hostile.reason else (0, 1)), ran
        assert ran.peak_bytes < MEMORY_BYTES
        assert ran.seconds < DEADLINE_SECONDS
        assert "Traceback" not in ran.err
        if hostile.reason is not None:
            _check_refusal(ran, hostile.reason, as_json="--json" in manner)
        elif "--json" in manner:
            assert json.loads(ran.out)["totals"]["accept"] > 0
    assert _state(file) == before
    assert desk.content() == register


def _check_refusal(ran: Measured, reason: str, *, as_json: bool) -> None:
    assert ran.out == ""
    if as_json:
        error = json.loads(ran.err.splitlines()[-1])["error"]
        assert error["reason"] == reason
        assert error["message"]
        assert error["next_step"]
        assert not CHINESE.search(error["message"].replace("目录", "")), error
    else:
        assert CHINESE.search(ran.err)
        assert "→" in ran.err


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device", "link to a pipe"])
def test_no_file(desk: Desk, tmp_path: Path, kind: str) -> None:
    """A pipe or device is refused at once, by way of a link too: nobody waits for what may never come."""
    thing = tmp_path / "目录.xlsx"
    if kind.endswith("pipe"):
        os.mkfifo(tmp_path / "pipe")
    target = tmp_path / "pipe" if kind.endswith("pipe") else Path("/dev/zero")
    if kind.startswith("link"):
        thing.symlink_to(target)
    ran = desk.import_(thing if kind.startswith("link") else target, "--lang", "en", "--json")
    assert ran.code == 2
    _check_refusal(ran, "file_unreadable", as_json=True)
    assert ran.seconds < DEADLINE_SECONDS


def test_folder_and_dangling_link(desk: Desk, tmp_path: Path) -> None:
    """A folder, a link into nothing or to itself is a wrong call."""
    (tmp_path / "目录.xlsx").mkdir()
    (tmp_path / "nothing.xlsx").symlink_to(tmp_path / "gone.xlsx")
    (tmp_path / "itself.xlsx").symlink_to(tmp_path / "itself.xlsx")
    for name in ("目录.xlsx", "nothing.xlsx", "itself.xlsx"):
        ran = desk.import_(tmp_path / name, "--json")
        assert ran.code == 2
        assert json.loads(ran.err)["error"]["reason"] == "usage"


def test_link_to_a_file(desk: Desk, tmp_path: Path) -> None:
    """A link to a sound file is that file, and stays a link."""
    (tmp_path / "目录.xlsx").symlink_to(desk.place("then.xlsx", sound()))
    answer = json.loads(desk.import_(tmp_path / "目录.xlsx", "--json").out)
    assert (answer["events"], answer["file_sha256"]) == (0, hashlib.sha256(sound()).hexdigest())
    assert (tmp_path / "目录.xlsx").is_symlink()


def test_file_that_is_being_written(tmp_path: Path) -> None:
    """What changes while it is read is read whole as it was, or refused; nobody is given a mixture of two states."""
    file, states, stop = tmp_path / "目录.csv", (b"a" * 3_000_000, b"b" * 3_000_000), threading.Event()
    file.write_bytes(states[0])

    def rewrite() -> None:
        while not stop.is_set():
            for state in states:
                with file.open("r+b") as opened:
                    opened.write(state)

    writer = threading.Thread(target=rewrite)
    writer.start()
    outcomes: set[str] = set()
    try:
        for _ in range(2_000):
            outcomes.add(_read_as(file, states))
            if "refused" in outcomes:
                break
    finally:
        stop.set()
        writer.join()
    assert "mixture" not in outcomes
    assert "refused" in outcomes


def _read_as(file: Path, states: tuple[bytes, ...]) -> str:
    try:
        return "whole" if read_file(file, 10**7) in states else "mixture"
    except FileRefused as error:
        return "refused" if error.reason == "file_unreadable" else error.reason
