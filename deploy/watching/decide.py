"""What to do with each thing in a watched folder. Pure: names, sizes and seconds in, a decision out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath


class Kind(Enum):
    """What lies there. OTHER: a link, a pipe, a device."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"


class Do(Enum):
    """WAIT for it to be whole, TAKE it (read and import), REFUSE it as no file at all."""

    WAIT = "wait"
    TAKE = "take"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in the folder as one look saw it. `size` is a folder's contents' together; `mark` tells files of one name apart."""

    name: str
    kind: Kind
    size: int
    changed_ns: int
    mark: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: `settle_seconds` without a change before a file is read, `patience_seconds` before it is refused."""

    settle_seconds: float = 2.0
    patience_seconds: float = 30.0


STALE_LOCK_SECONDS = 4 * 3600.0
"""A spreadsheet's lock file that old was left by a program that crashed."""

_TEMPORARY = re.compile(
    r"\..*|~.*|.*~|.*\.(?:tmp|temp|part|partial|crdownload|download|filepart|lock|lnk|url)|thumbs\.db|desktop\.ini", re.IGNORECASE
)
_NOT_CLOSED = (".csv", ".txt", ".tsv", ".xls", ".et")
"""Types whose half still reads as a whole: nothing at their end says that it is the end."""

_HALF_WRITTEN = frozenset(("file_unreadable", "header_not_found", "column_missing"))
"""What may be said of a file of which only the beginning has arrived."""


def is_temporary(name: str) -> bool:
    """Whether programs write such names for themselves: hidden files, locks, downloads on their way."""
    return _TEMPORARY.fullmatch(name) is not None


def lock_names(name: str) -> tuple[str, ...]:
    """The files that say that a person has this one open: of Excel and WPS, and of LibreOffice."""
    return (f"~${name}", f".~{name}", f".~lock.{name}#")


def what_to_do(found: Found, quiet_seconds: float, patience: Patience, *, is_open: bool, complete: bool) -> Do:
    """`quiet_seconds`: how long it has been as it is; `complete`: what a file doesn't name will be withdrawn."""
    if found.kind is not Kind.FILE:
        return Do.REFUSE if quiet_seconds >= patience.patience_seconds else Do.WAIT
    if is_open:
        return Do.WAIT
    return Do.TAKE if quiet_seconds >= needed_seconds(found, patience, complete=complete) else Do.WAIT


def needed_seconds(found: Found, patience: Patience, *, complete: bool) -> float:
    """How long a thing must not change. Half a text file must not pass for a complete register, so that waits longer."""
    suffix = PurePath(found.name).suffix.lower()
    long = found.kind is not Kind.FILE or found.size == 0 or (complete and suffix in _NOT_CLOSED)
    return max(patience.patience_seconds if long else 0.0, patience.settle_seconds)


def may_still_grow(reason: str, quiet_seconds: float, patience: Patience) -> bool:
    """Whether a refused file is waited for: it may be half of itself, and lie still because its drive is slow."""
    return reason in _HALF_WRITTEN and quiet_seconds < patience.patience_seconds


def in_order(found: Iterable[Found]) -> list[Found]:
    """The older first: of two catalogues the newer must have the last word."""
    return sorted(found, key=lambda one: (one.changed_ns, one.name))
