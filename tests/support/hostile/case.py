"""One hostile file: how its bytes are made, what it is called, and what must become of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.support.catalogue_files import csv_file
from tests.support.cities import CHANGSHA
from tests.support.dirty_catalogues import make
from tests.support.hostile import workbooks as w
from tests.support.hostile.zips import Member, archive

UNREADABLE, TOO_LARGE, ENCRYPTED = "file_unreadable", "file_too_large", "file_encrypted"


@dataclass(frozen=True)
class Hostile:
    """`reason` None: there is nothing wrong with it as a catalogue, and it is read as if nothing was.

    `heavy`: not in every run. It takes half a second or more, or is much like another.
    """

    reason: str | None
    made: Callable[[], bytes]
    file: str = "目录.xlsx"
    heavy: bool = False


def book(reason: str | None, changed: Callable[[], w.Parts], *, heavy: bool = False) -> Hostile:
    """A sound workbook with parts changed."""
    return Hostile(reason, lambda: w.packed(changed()), heavy=heavy)


def members(reason: str, change: Callable[[list[Member]], Iterable[Member]], *, heavy: bool = False) -> Hostile:
    """A sound workbook with members of its archive changed."""
    return Hostile(reason, lambda: archive(list(change(list(w.members())))), heavy=heavy)


def text(change: Callable[[bytes], bytes], reason: str = UNREADABLE, *, heavy: bool = False) -> Hostile:
    """A sound CSV file, changed."""
    return Hostile(reason, lambda: change(csv_file(make(0, CHANGSHA))[0]), "目录.csv", heavy)


def page(reason: str, made: Callable[[], bytes], *, heavy: bool = False) -> Hostile:
    """What calls itself an old workbook."""
    return Hostile(reason, made, "目录.xls", heavy)
