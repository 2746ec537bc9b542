"""A watched folder in the tests: a city's register, a folder, and files as clerks drop them."""

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select

from deploy.importing import ImportDesk
from deploy.watching.decide import Patience
from deploy.watching.desk import Handled, WatchDesk
from deploy.watching.folder import Folder
from deploy.watching.lock import FolderLock
from deploy.watching.watch import Watch
from producers.catalogue.sheet import Limits
from schemas.tables.source import outbox
from schemas.tables.transactions import transaction
from tests.support.cities import CHANGSHA, FILES
from tests.unit.producers.catalogue import catalogues as c

CITY = CHANGSHA
SETTLE, PATIENCE = 2.0, 30.0
GOOD = c.xlsx(c.grid([c.row(1), c.row(2), c.row(3)]))
WRONG = c.xlsx(c.grid([c.row(1), c.row(2, status=None), c.row(3, certificate_no=None)]))


class Hands:
    """A clock that the test moves: seconds for the watch, a fixed day for the register."""

    def __init__(self, day: datetime) -> None:
        self.at = 0.0
        self._day = day

    def now(self) -> datetime:
        """The day."""
        return self._day

    def seconds(self) -> float:
        """Seconds since the test began."""
        return self.at


class WatchedFolder:
    """A watch over a real folder whose waiting costs no time."""

    def __init__(self, engine: Engine, path: Path, hands: Hands, *, complete: bool = False, folder: Folder | None = None) -> None:
        self.path = path
        self.engine = engine
        self.hands = hands
        self.handled: list[Handled] = []
        self.lock = FolderLock(path)
        desk = ImportDesk(engine, FILES.file_of(CITY), hands, Limits())
        self.desk = WatchDesk(folder if folder is not None else Folder(path), desk, complete)
        self.watch = Watch(self.desk.folder, self.lock, self.desk, Patience(SETTLE, PATIENCE), self.handled.append, hands.seconds)

    def again(self, folder: Folder | None = None, *, complete: bool = False) -> "WatchedFolder":
        """The next watch, after this one died: it knows nothing of it."""
        self.lock.close()
        return WatchedFolder(self.engine, self.path, self.hands, folder=folder, complete=complete)

    def look(self, *, after: float = 0.0) -> list[Handled]:
        """What one look puts away, so many seconds later."""
        self.hands.at += after
        before = len(self.handled)
        self.watch.look(threading.Event())
        return self.handled[before:]

    def drop(self, name: str, data: bytes) -> Path:
        """A file arrives whole."""
        file = self.path / name
        file.write_bytes(data)
        return file

    def changes(self) -> int:
        """How many changes the register has made."""
        return changes(self.engine)

    def shelf(self, name: str) -> list[str]:
        """The names on a shelf."""
        return sorted(path.name for path in (self.path / name).iterdir())


def changes(engine: Engine) -> int:
    """How many changes a register has made, sealed or not."""
    with transaction(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())


def papers(stem: str, *, answer: bool) -> Sequence[str]:
    """The names of what lies beside a file of this stem."""
    ends = (".报告.txt", ".报告.json", *((".答复.xlsx",) if answer else ()))
    return sorted(f"{stem}{end}" for end in ends)
