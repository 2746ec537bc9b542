"""What becomes of each thing in a watched folder, as a table; and what it is called when it is put away."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from deploy.watching import names
from deploy.watching.decide import Do, Found, Kind, Patience, in_order, is_temporary, may_still_grow, what_to_do
from deploy.watching.drives import file_system, is_remote

PATIENCE = Patience(settle_seconds=2, patience_seconds=30)
AT = datetime(2021, 7, 22, 2, 3, 4, tzinfo=UTC)


def _found(name: str, kind: Kind = Kind.FILE, size: int = 9) -> Found:
    return Found(name, kind, size, 0, 1)


@pytest.mark.parametrize(
    ("name", "kind", "size", "quiet", "is_open", "complete", "do"),
    [
        ("目录.xlsx", Kind.FILE, 9, 1.9, False, False, Do.WAIT),
        ("目录.xlsx", Kind.FILE, 9, 2.0, False, False, Do.TAKE),
        ("目录.xlsx", Kind.FILE, 9, 2.0, False, True, Do.TAKE),
        ("目录.xlsx", Kind.FILE, 9, 99, True, False, Do.WAIT),
        ("目录.xlsx", Kind.FILE, 0, 2.0, False, False, Do.WAIT),
        ("目录.xlsx", Kind.FILE, 0, 30, False, False, Do.TAKE),
        ("目录.csv", Kind.FILE, 9, 2.0, False, False, Do.TAKE),
        ("目录.csv", Kind.FILE, 9, 2.0, False, True, Do.WAIT),
        ("目录.XLS", Kind.FILE, 9, 29, False, True, Do.WAIT),
        ("目录.csv", Kind.FILE, 9, 30, False, True, Do.TAKE),
        ("照片.jpg", Kind.FILE, 9, 2.0, False, False, Do.TAKE),
        ("夹", Kind.FOLDER, 9, 29, False, False, Do.WAIT),
        ("夹", Kind.FOLDER, 9, 30, False, False, Do.REFUSE),
        ("管道", Kind.OTHER, 0, 30, False, False, Do.REFUSE),
    ],
)
def test_decision(name: str, kind: Kind, size: int, quiet: float, is_open: bool, complete: bool, do: Do) -> None:
    """A file is taken once it lies still and nobody has it open; half a text must not pass for the whole register."""
    assert what_to_do(_found(name, kind, size), quiet, PATIENCE, is_open=is_open, complete=complete) is do


@pytest.mark.parametrize(
    ("reason", "quiet", "waits"),
    [
        ("file_unreadable", 29, True),
        ("file_unreadable", 30, False),
        ("header_not_found", 3, True),
        ("column_missing", 3, True),
        ("other_citys_file", 3, False),
        ("file_encrypted", 3, False),
        ("file_older_than_register", 3, False),
    ],
)
def test_a_file_that_may_be_half_written_is_waited_for(reason: str, quiet: float, waits: bool) -> None:
    """What a growing file may look like is waited for; what it can't look like is refused at once."""
    assert may_still_grow(reason, quiet, PATIENCE) is waits


@pytest.mark.parametrize(
    "name",
    ["~$目录.xlsx", ".目录.xlsx.swp", ".~lock.目录.xlsx#", "目录.xlsx.tmp", "目录.crdownload", "目录.xlsx.part", "~WRL0001.tmp",
     "Thumbs.db", "desktop.ini", ".DS_Store", "目录.xlsx~", ".czt-watch.lock"],
)  # fmt: skip
def test_temporary_names_are_left_alone(name: str) -> None:
    """Locks, downloads on their way, and what systems put into folders."""
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["目录.xlsx", "目录.xls", "2021.csv", "目录(1).xlsx", "目录.答复.xlsx", "说明.pdf", "tmp"])
def test_other_names_are_not_temporary(name: str) -> None:
    """Whatever a clerk may drop gets an answer."""
    assert not is_temporary(name)


def test_the_older_file_first() -> None:
    """Of two catalogues the newer has the last word; of one age the names decide."""
    files = [Found("b", Kind.FILE, 1, 5, 1), Found("a", Kind.FILE, 1, 5, 2), Found("z", Kind.FILE, 1, 3, 3)]
    assert [one.name for one in in_order(files)] == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("name", "stem", "suffix"),
    [
        ("目录.xlsx", "目录", ".xlsx"),
        ("目录.答复.xlsx", "目录", ".xlsx"),
        ("目录-20210722-100304.xlsx", "目录", ".xlsx"),
        ("目录-20210722-100304-2.答复.xlsx", "目录", ".xlsx"),
        ("目录.答复-20210722-100304.答复.xlsx", "目录", ".xlsx"),
        ("目录-2021.xlsx", "目录-2021", ".xlsx"),
        (".答复.xlsx", ".答复", ".xlsx"),
        ("目录", "目录", ""),
    ],
)
def test_names_do_not_pile_up(name: str, stem: str, suffix: str) -> None:
    """An answer that comes back mended is the same file as far as names go."""
    assert names.split(name) == (stem, suffix)


def test_a_name_that_is_taken_gets_the_time() -> None:
    """Beijing time, then a number; each file name and what is written beside fit into 255 bytes."""
    assert list(islice(names.stems("目录", AT), 3)) == ["目录", "目录-20210722-100304", "目录-20210722-100304-2"]
    stem, _ = names.split("长" * 80 + ".xlsx")
    assert all(len(f"{one}{end}".encode()) <= 255 for one in islice(names.stems(stem, AT), 200) for end in names.PAPERS)


def test_names_of_another_encoding_can_be_read() -> None:
    """A name that a Chinese Windows packed is GB18030."""
    assert names.readable("长沙.xlsx".encode("gb18030").decode("utf-8", "surrogateescape")) == "长沙.xlsx"
    assert names.readable("目录.xlsx") == "目录.xlsx"


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /mnt/in rw,relatime shared:2 - cifs //server/in rw
41 40 8:2 / /mnt/in/local rw - ext4 /dev/sdb1 rw
42 22 0:41 / /mnt/my\\040drive rw - nfs4 server:/x rw
43 22 0:42 / /mnt/ssh rw - fuse.sshfs server:/ rw
broken line
"""


@pytest.mark.parametrize(
    ("folder", "kind", "remote"),
    [
        ("/srv/in", "ext4", False),
        ("/mnt/in", "cifs", True),
        ("/mnt/in/收件", "cifs", True),
        ("/mnt/in/local/x", "ext4", False),
        ("/mnt/my drive/x", "nfs4", True),
        ("/mnt/ssh", "fuse.sshfs", True),
        ("/mnt/inside", "ext4", False),
    ],
)
def test_network_drives_are_known(folder: str, kind: str, remote: bool) -> None:
    """The nearest mount point above the folder says on which kind of file system it lies."""
    assert file_system(Path(folder), MOUNTS) == kind
    assert is_remote(Path(folder), MOUNTS) is remote


def test_without_a_list_of_mounts_a_drive_counts_as_local() -> None:
    """Where the system doesn't say."""
    assert file_system(Path("/srv"), "") is None
    assert not is_remote(Path("/srv"), "")
