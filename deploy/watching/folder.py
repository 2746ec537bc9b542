"""The watched folder on disk: looking, reading, and putting away without overwriting anything."""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from deploy.watching import names
from deploy.watching.decide import Found, Kind
from schemas.codec import sha256_hex

DONE, HELD, REFUSED = "done", "held", "refused"
SHELVES = (DONE, HELD, REFUSED)
UNFINISHED = ".czt-unfinished-"
"""How the name of a paper begins while it is being written."""

MAX_INSIDE = 1_000
"""Things inside of a folder that are looked at to see whether it still grows."""

Paper = tuple[str, str | bytes]
"""The end of its name, and what it holds."""


class Folder:
    """One watched folder with its shelves. Every method raises OSError when the drive won't have it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the shelves; take away papers that a killed run left unfinished."""
        for shelf in SHELVES:
            (self.path / shelf).mkdir(exist_ok=True)
            for left in (self.path / shelf).glob(f"{UNFINISHED}*"):
                left.unlink(missing_ok=True)

    def look(self) -> list[Found]:
        """Everything in it but the shelves."""
        with os.scandir(self.path) as entries:
            return [found for entry in entries if entry.name not in SHELVES and (found := _found(entry)) is not None]

    def read(self, found: Found) -> bytes | None:
        """The whole file; None when it changed or went since it was seen. Raises PermissionError."""
        try:
            descriptor = os.open(self.path / found.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with open(descriptor, "rb") as file:
            data = file.read()
            same = _same(found, os.fstat(file.fileno()))
        return data if same and len(data) == found.size else None

    def is_still(self, found: Found) -> bool:
        """Whether it lies there as it was seen."""
        try:
            return _same(found, os.lstat(self.path / found.name))
        except FileNotFoundError:
            return False

    def stem_for(self, shelf: str, found: Found, at: datetime, sha256: str | None) -> str:
        """The name, without its type, under which a file and its papers go onto a shelf."""
        stem, suffix = names.split(names.readable(found.name))
        folder = self.path / shelf
        return next(one for one in names.stems(stem, at) if self._is_free(folder, one, suffix, found, sha256))

    def _is_free(self, folder: Path, stem: str, suffix: str, found: Found, sha256: str | None) -> bool:
        """Nothing of that name is there, or only what a killed run wrote about the same bytes."""
        target = folder / f"{stem}{suffix}"
        if os.path.lexists(target) and not _same_file(self.path / found.name, target):
            return False
        there = [folder / f"{stem}{end}" for end in names.PAPERS if os.path.lexists(folder / f"{stem}{end}")]
        return not there or (sha256 is not None and _speaks_of(folder / f"{stem}{names.REPORT_JSON}", sha256))

    def put_away(self, shelf: str, stem: str, found: Found, papers: Sequence[Paper], data: bytes | None) -> Path:
        """Write the papers, then move the file; where it lies now. `data`: what was read of it.

        A file that was saved again meanwhile stays for the next look, and what was read goes onto the shelf.
        Killed on the way: the file is still in the folder, and the next run writes the same papers again.
        """
        folder = self.path / shelf
        for end, content in papers:
            _write(folder, f"{stem}{end}", content)
        source, target = self.path / found.name, folder / f"{stem}{names.split(names.readable(found.name))[1]}"
        if data is None or self.is_still(found):
            _move(source, target)
        else:
            _write(folder, target.name, data)
        return target


def _found(entry: os.DirEntry[str]) -> Found | None:
    try:
        told = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(told.st_mode):
        return Found(entry.name, Kind.FILE, told.st_size, told.st_mtime_ns, told.st_ino)
    if stat.S_ISDIR(told.st_mode):
        return Found(entry.name, Kind.FOLDER, _inside(Path(entry.path)), told.st_mtime_ns, told.st_ino)
    return Found(entry.name, Kind.OTHER, 0, told.st_mtime_ns, told.st_ino)


def _inside(folder: Path) -> int:
    """A number that changes while a folder is being filled: sizes and count of what is in it."""
    total = 0
    for count, path in enumerate(_walk(folder)):
        if count >= MAX_INSIDE:
            break
        try:
            total += path.lstat().st_size + 1
        except OSError:
            total += 1
    return total


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent) / name for name in (*folders, *files))


def _same(found: Found, told: os.stat_result) -> bool:
    return (found.size, found.changed_ns, found.mark) == (told.st_size, told.st_mtime_ns, told.st_ino)


def _same_file(source: Path, target: Path) -> bool:
    try:
        return os.path.samestat(os.lstat(source), os.lstat(target))
    except FileNotFoundError:
        return False


def _speaks_of(report: Path, sha256: str) -> bool:
    try:
        return bool(json.loads(report.read_text("utf-8")).get("file_sha256") == sha256)
    except (FileNotFoundError, ValueError, AttributeError):
        return False


def _write(folder: Path, name: str, content: str | bytes) -> None:
    """Under its name only when it is whole and on disk."""
    data = content.encode() if isinstance(content, str) else content
    unfinished = folder / f"{UNFINISHED}{sha256_hex(name.encode())[:16]}"
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, folder / name)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _move(source: Path, target: Path) -> None:
    """Into a place where nothing lies, or the same file already does. Raises FileExistsError for anything else."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not _same_file(source, target):
            raise
    except OSError:
        # A folder, or a drive without hard links: the look and the move are two steps there.
        if os.path.lexists(target):
            raise FileExistsError(str(target)) from None
        os.rename(source, target)
        return
    os.unlink(source)
