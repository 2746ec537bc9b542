"""Whatever arrives in a watched folder, and however it arrives, ends on the right shelf."""

import json
import os
import re
import shlex

from openpyxl import load_workbook

from deploy.watching.decide import STALE_LOCK_SECONDS
from deploy.watching.lock import LOCK_FILE
from producers import register
from producers.importing import ImportOptions
from schemas.entry import SourceStatus
from schemas.tables.transactions import transaction
from tests.support.watched import GOOD, PATIENCE, SETTLE, WRONG, WatchedFolder, papers
from tests.unit.producers.catalogue import catalogues as c


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


def test_withdrawals_beyond_the_limit_are_held_for_a_person(inbox: WatchedFolder) -> None:
    """The file lies in held/ with the exact command; carried out, it withdraws exactly those."""
    inbox.drop("全.xlsx", c.xlsx(c.grid([c.row(number) for number in range(1, 11)])))
    inbox.look()
    inbox.look(after=SETTLE)
    whole = inbox.again(complete=True)
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
    whole = inbox.again(complete=True)
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
