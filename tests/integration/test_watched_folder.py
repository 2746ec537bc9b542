"""A watched folder on a real disk: whatever arrives, however it arrives, and whenever the watch dies."""

import errno
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from deploy.databases import writer_engine
from deploy.migrate import upgrade
from deploy.watching.decide import STALE_LOCK_SECONDS, Found
from deploy.watching.folder import Folder, Paper
from deploy.watching.lock import LOCK_FILE, FolderLock
from deploy.watching.watch import RETRY_SECONDS
from producers import register
from producers.importing import ImportOptions
from producers.seal import prepare
from schemas.entry import SourceStatus
from schemas.errors import AnswerIsNo
from schemas.tables.transactions import transaction
from tests.support.watched import CITY, Hands, WatchedFolder, papers
from tests.unit.producers.catalogue import catalogues as c

GOOD = c.xlsx(c.grid([c.row(1), c.row(2), c.row(3)]))
WRONG = c.xlsx(c.grid([c.row(1), c.row(2, status=None), c.row(3, certificate_no=None)]))
SETTLE, PATIENCE = 2.0, 30.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A city's register without an entry."""
    made = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    upgrade(made, "source")
    with transaction(made) as connection:
        prepare(connection, CITY.source)
    yield made
    made.dispose()


@pytest.fixture
def hands() -> Hands:
    """The clock."""
    return Hands(datetime(2021, 7, 22, 2, 0, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "收件"
    made.mkdir()
    return made


@pytest.fixture
def inbox(engine: Engine, path: Path, hands: Hands) -> Iterator[WatchedFolder]:
    """A watch over it."""
    made = WatchedFolder(engine, path, hands)
    yield made
    made.lock.close()


def _again(inbox: WatchedFolder, folder: Folder | None = None, *, complete: bool = False) -> WatchedFolder:
    """The next watch, after the last one died: it knows nothing of it."""
    inbox.lock.close()
    return WatchedFolder(inbox.engine, inbox.path, inbox.hands, folder=folder, complete=complete)


def test_a_file_is_taken_once_it_lies_still(inbox: WatchedFolder) -> None:
    """Nothing at the first look; after the settling time it is in the register and in done/ with its reports."""
    inbox.drop("目录.xlsx", GOOD)
    assert inbox.look() == []
    assert inbox.look(after=SETTLE - 0.1) == []
    (one,) = inbox.look(after=0.1)
    assert (one.shelf, one.name, one.events, one.clean) == ("done", "目录.xlsx", 3, True)
    assert inbox.shelf("done") == sorted(["目录.xlsx", *papers("目录", answer=False)])
    assert (inbox.path / "done" / "目录.xlsx").read_bytes() == GOOD
    assert [path.name for path in inbox.path.iterdir() if path.is_file()] == [LOCK_FILE]


def test_a_growing_file_is_waited_for(inbox: WatchedFolder) -> None:
    """Half an archive lies still for longer than the settling time, as on a slow drive; then the rest arrives."""
    file = inbox.drop("目录.xlsx", WRONG[:1500])
    inbox.look()
    for size in (2500, 4000):
        assert inbox.look(after=SETTLE + 1) == []
        file.write_bytes(WRONG[:size])
    assert inbox.look(after=SETTLE + 1) == []
    assert inbox.changes() == 0
    file.write_bytes(WRONG)
    inbox.look(after=1)
    (one,) = inbox.look(after=SETTLE)
    assert (one.shelf, one.totals) == ("done", {"accept": 1, "review": 1, "reject": 1, "skip": 0})


def test_half_a_file_is_refused_after_a_while(inbox: WatchedFolder) -> None:
    """When nothing follows it is put into refused/, whole as it is, with a Chinese report of what to do."""
    inbox.drop("目录.xlsx", GOOD[:3000])
    inbox.look()
    assert inbox.look(after=PATIENCE - 1) == []
    (one,) = inbox.look(after=1)
    assert (one.shelf, one.reason) == ("refused", "file_unreadable")
    report = (inbox.path / "refused" / "目录.报告.txt").read_text("utf-8-sig")
    assert "没有任何变化" in report
    assert "怎么办：" in report
    assert (inbox.path / "refused" / "目录.xlsx").read_bytes() == GOOD[:3000]


def test_what_programs_write_for_themselves_is_left(inbox: WatchedFolder) -> None:
    """Locks and downloads stay untouched; a file that a spreadsheet has open is taken when the lock goes, or is very old."""
    for name in ("~$目录.xlsx", ".~lock.旧.xlsx#", "下载.xlsx.crdownload", ".隐藏.xlsx", "a.tmp"):
        inbox.drop(name, b"x")
    inbox.drop("目录.xlsx", GOOD)
    inbox.drop("旧.xlsx", WRONG)
    inbox.look()
    assert inbox.look(after=PATIENCE * 3) == []
    assert inbox.watch.waiting().troubles == {"目录.xlsx": "open", "旧.xlsx": "open"}
    (inbox.path / "~$目录.xlsx").unlink()
    assert [one.file for one in inbox.look()] == ["目录.xlsx"]
    assert [one.file for one in inbox.look(after=STALE_LOCK_SECONDS)] == ["旧.xlsx"]
    assert (inbox.path / "下载.xlsx.crdownload").is_file()


def test_nothing_that_was_put_away_is_overwritten(inbox: WatchedFolder) -> None:
    """Files of one name keep their bytes, each with its own reports: the later ones have the time in their names."""
    contents = [c.xlsx(c.grid([c.row(number)])) for number in (1, 2, 3)]
    for data in contents:
        inbox.drop("目录.xlsx", data)
        inbox.look()
        inbox.look(after=SETTLE)
    names = ["目录.xlsx", "目录-20210722-100000.xlsx", "目录-20210722-100000-2.xlsx"]
    assert [one.name for one in inbox.handled] == names
    assert [(inbox.path / "done" / name).read_bytes() for name in names] == contents
    for stem in ("目录", "目录-20210722-100000", "目录-20210722-100000-2"):
        report = json.loads((inbox.path / "done" / f"{stem}.报告.json").read_text("utf-8"))
        assert report["events"] == 1


class Died(BaseException):
    """The process is gone: nothing of it runs any more."""


STEPS = (("replace", 1), ("replace", 2), ("replace", 3), ("link", 1), ("unlink", 1), ("fsync", 1), ("fsync", 3))
"""What is on disk after each: papers one by one, then the file in both places, then in one."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_killed_at_any_step_nothing_is_lost_or_done_twice(
    step: tuple[str, int], after: bool, inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next watch finds that the file was seen before: same register, one file in done/, its papers whole, no rubbish."""
    name, number = step
    inbox.drop("目录.xlsx", WRONG)
    inbox.look()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, _dying(getattr(os, name), number, after=after))
        with pytest.raises(Died):
            inbox.look(after=SETTLE)
    assert inbox.changes() == 1
    next_one = _again(inbox)
    next_one.look()
    next_one.look(after=SETTLE)
    next_one.lock.close()
    assert inbox.changes() == 1
    assert not (inbox.path / "目录.xlsx").exists()
    assert inbox.shelf("done") == sorted(["目录.xlsx", *papers("目录", answer=True)])
    assert (inbox.path / "done" / "目录.xlsx").read_bytes() == WRONG
    assert load_workbook(inbox.path / "done" / "目录.答复.xlsx").sheetnames == ["目录", "导入结果"]


def _dying(function: Callable[..., object], number: int, *, after: bool) -> Callable[..., object]:
    """A function of the system during whose n-th call the process dies."""
    calls = iter(range(1, 1000))

    def call(*arguments: object, **named: object) -> object:
        if next(calls) != number:
            return function(*arguments, **named)
        if after:
            function(*arguments, **named)
        raise Died

    return call


class TroubledFolder(Folder):
    """A folder whose drive refuses for a while: `trouble` is raised by reading, or by putting away."""

    def __init__(self, path: Path, *, reading: OSError | None = None, writing: OSError | None = None) -> None:
        super().__init__(path)
        self.reading = reading
        self.writing = writing

    def read(self, found: Found) -> bytes | None:
        """See Folder."""
        if self.reading is not None:
            raise self.reading
        return super().read(found)

    def put_away(self, shelf: str, stem: str, found: Found, papers: "list[Paper]", data: bytes | None) -> Path:  # type: ignore[override]
        """See Folder."""
        if self.writing is not None:
            raise self.writing
        return super().put_away(shelf, stem, found, papers, data)


def test_a_file_that_may_not_be_read_waits_and_others_go_on(inbox: WatchedFolder, engine: Engine, hands: Hands) -> None:
    """It is named with its trouble and tried again; once it may be read it is taken."""
    folder = TroubledFolder(inbox.path, reading=PermissionError(errno.EACCES, "Permission denied"))
    troubled = WatchedFolder(engine, inbox.path, hands, folder=folder)
    troubled.drop("目录.xlsx", GOOD)
    troubled.look()
    assert troubled.look(after=SETTLE) == []
    assert troubled.watch.waiting().troubles == {"目录.xlsx": "Permission denied"}
    folder.reading = None
    assert troubled.look(after=RETRY_SECONDS - 1) == []
    assert [one.shelf for one in troubled.look(after=1)] == ["done"]
    troubled.lock.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_disk_loses_nothing(code: int, inbox: WatchedFolder, engine: Engine, hands: Hands) -> None:
    """The register has the changes once; the file stays until there is room, and then gets its place and papers."""
    folder = TroubledFolder(inbox.path, writing=OSError(code, os.strerror(code)))
    troubled = WatchedFolder(engine, inbox.path, hands, folder=folder)
    troubled.drop("目录.xlsx", GOOD)
    troubled.look()
    assert troubled.look(after=SETTLE) == []
    assert (troubled.path / "目录.xlsx").is_file()
    assert troubled.watch.waiting().troubles == {"目录.xlsx": os.strerror(code)}
    folder.writing = None
    (one,) = troubled.look(after=RETRY_SECONDS)
    assert (one.shelf, one.events, troubled.changes()) == ("done", 0, 3)
    troubled.lock.close()


def test_a_paper_that_does_not_fit_leaves_no_half(inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills while a report is written, nothing half-written stays, and the file stays in the folder."""
    inbox.drop("目录.xlsx", WRONG)
    inbox.look()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _full)
        assert inbox.look(after=SETTLE) == []
    assert inbox.shelf("done") == []
    assert [one.name for one in inbox.look(after=RETRY_SECONDS)] == ["目录.xlsx"]


def _full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class SavedAgain(Folder):
    """A folder in which a clerk saves the file again right after it was read."""

    newer: bytes | None = None

    def read(self, found: Found) -> bytes | None:
        """See Folder."""
        data = super().read(found)
        if self.newer is not None:
            (self.path / found.name).write_bytes(self.newer)
            self.newer = None
        return data


def test_a_file_saved_again_during_the_import_is_taken_again(inbox: WatchedFolder, engine: Engine, hands: Hands) -> None:
    """What was read lies in done/ as it was read; what was saved since stays, and is imported at the next look."""
    folder = SavedAgain(inbox.path)
    busy = WatchedFolder(engine, inbox.path, hands, folder=folder)
    folder.newer = c.xlsx(c.grid([c.row(1, models="FJ-新"), c.row(2), c.row(3), c.row(4)]))
    newer = folder.newer
    busy.drop("目录.xlsx", GOOD)
    busy.look()
    busy.look(after=SETTLE)
    busy.look(after=1)
    busy.look(after=SETTLE)
    busy.lock.close()
    assert [(one.name, one.events) for one in busy.handled] == [("目录.xlsx", 3), ("目录-20210722-100000.xlsx", 2)]
    assert (busy.path / "done" / "目录.xlsx").read_bytes() == GOOD
    assert (busy.path / "done" / "目录-20210722-100000.xlsx").read_bytes() == newer


def test_what_is_no_file_is_put_aside(inbox: WatchedFolder) -> None:
    """A folder, a link and a pipe are never opened: they go to refused/ with a word, once they lie still."""
    (inbox.path / "夹").mkdir()
    (inbox.path / "夹" / "目录.xlsx").write_bytes(GOOD)
    (inbox.path / "链接.xlsx").symlink_to("/etc/hostname")
    os.mkfifo(inbox.path / "管道.xlsx")
    inbox.look()
    (inbox.path / "夹" / "又一份.xlsx").write_bytes(GOOD)
    assert {one.file for one in inbox.look(after=PATIENCE)} == {"链接.xlsx", "管道.xlsx"}
    (one,) = inbox.look(after=PATIENCE)
    assert (one.file, one.shelf) == ("夹", "refused")
    assert (inbox.path / "refused" / "夹" / "又一份.xlsx").is_file()
    assert (inbox.path / "refused" / "链接.xlsx").is_symlink()
    assert "逐个" in (inbox.path / "refused" / "夹.报告.txt").read_text("utf-8-sig")
    assert inbox.changes() == 0


def test_a_folder_that_vanishes_is_waited_for(inbox: WatchedFolder) -> None:
    """A network drive goes and comes back: the look says so, and the next one finds what is there, under a lock again."""
    inbox.look()
    shutil.rmtree(inbox.path)
    with pytest.raises(FileNotFoundError):
        inbox.look()
    inbox.path.mkdir()
    inbox.drop("目录.xlsx", GOOD)
    inbox.look()
    assert [one.shelf for one in inbox.look(after=SETTLE)] == ["done"]
    with pytest.raises(AnswerIsNo):
        FolderLock(inbox.path).hold()


def test_one_watch_a_folder(inbox: WatchedFolder) -> None:
    """A second one is told so; when the first has gone, by whatever way, it may."""
    inbox.look()
    second = FolderLock(inbox.path)
    with pytest.raises(AnswerIsNo):
        second.hold()
    inbox.lock.close()
    second.hold()
    second.close()


def test_withdrawals_beyond_the_limit_are_held_for_a_person(inbox: WatchedFolder) -> None:
    """The file lies in held/ with the exact command; carried out, it withdraws exactly those."""
    inbox.drop("全.xlsx", c.xlsx(c.grid([c.row(number) for number in range(1, 11)])))
    inbox.look()
    inbox.look(after=SETTLE)
    whole = _again(inbox, complete=True)
    whole.drop("目录.xlsx", GOOD)
    whole.look()
    (one,) = whole.look(after=SETTLE)
    whole.lock.close()
    assert (one.shelf, one.clean, whole.changes()) == ("held", False, 10)
    report = (whole.path / "held" / "目录.报告.txt").read_text("utf-8-sig")
    held = whole.path.resolve() / "held" / "目录.xlsx"
    command = re.search(r"^  (czt city import .*)$", report, re.MULTILINE)
    assert command is not None
    words = ["czt", "city", "import", str(held), "--city", "changsha", "--complete", "--confirm-withdrawals", "7"]
    assert shlex.split(command[1]) == words
    confirmed = ImportOptions(complete=True, confirm_withdrawals=7)
    assert whole.desk.desk.import_bytes(held.read_bytes(), held.name, confirmed).answer["events"] == 7
    with transaction(whole.engine) as connection:
        statuses = [entry.source_status for entry, _ in register.read(connection).values()]
    assert statuses.count(SourceStatus.WITHDRAWN) == 7


def test_half_a_text_does_not_pass_for_the_whole_register(inbox: WatchedFolder) -> None:
    """A complete CSV is read only after the longer wait: nothing in it says where it ends."""
    whole = _again(inbox, complete=True)
    whole.drop("目录.csv", c.csv_bytes(c.grid([c.row(1)])))
    whole.look()
    assert whole.look(after=SETTLE) == []
    assert [one.shelf for one in whole.look(after=PATIENCE - SETTLE)] == ["done"]
    whole.lock.close()


def test_the_older_of_two_files_goes_first(inbox: WatchedFolder) -> None:
    """Dropped together, the newer file has the last word, whatever their names."""
    newer = inbox.drop("a.xlsx", c.xlsx(c.grid([c.row(1, models="FJ-新")])))
    older = inbox.drop("b.xlsx", c.xlsx(c.grid([c.row(1, models="FJ-旧")])))
    os.utime(older, ns=(1, 1))
    assert newer.stat().st_mtime_ns > 1
    inbox.look()
    assert [one.file for one in inbox.look(after=SETTLE)] == ["b.xlsx", "a.xlsx"]
    with transaction(inbox.engine) as connection:
        (entry,) = [entry for entry, _ in register.read(connection).values()]
    assert entry.models == ("FJ-新",)


def test_an_answer_mended_and_dropped_in_again(inbox: WatchedFolder) -> None:
    """A clerk opens the answer in done/, types what is missing, saves it into the folder: accepted, under the old name."""
    inbox.drop("目录.xlsx", WRONG)
    inbox.look()
    inbox.look(after=SETTLE)
    book = load_workbook(inbox.path / "done" / "目录.答复.xlsx")
    book["目录"][c.at("status", 2)] = "有效"
    book["目录"][c.at("certificate_no", 3)] = "CSLX-00003"
    book.save(inbox.path / "目录.答复.xlsx")
    inbox.look()
    (one,) = inbox.look(after=SETTLE)
    assert (one.name, one.events, one.clean) == ("目录-20210722-100000.xlsx", 2, True)
    assert inbox.changes() == 3


def test_no_contact_data_beside_a_file_but_in_the_clerks_own_copy(inbox: WatchedFolder) -> None:
    """Reports hold no name and no number of a person; the answer has the columns that the clerk's file had."""
    inbox.drop("目录.xlsx", WRONG)
    inbox.look()
    inbox.look(after=SETTLE)
    for end in (".报告.txt", ".报告.json"):
        text = (inbox.path / "done" / f"目录{end}").read_text("utf-8")
        assert "12300000001" not in text
        assert "测试联系人" not in text
    assert load_workbook(inbox.path / "done" / "目录.答复.xlsx")["目录"][c.at("phone")].value == "12300000001"
