"""A watched folder when the process dies, the drive refuses, or somebody is quicker: nothing is lost or done twice."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from deploy.watching.decide import Found
from deploy.watching.folder import Folder, Paper
from deploy.watching.lock import FolderLock
from deploy.watching.watch import RETRY_SECONDS
from schemas.errors import AnswerIsNo
from tests.support.watched import GOOD, SETTLE, WRONG, Hands, WatchedFolder, papers
from tests.unit.producers.catalogue import catalogues as c


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
    next_one = inbox.again()
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
