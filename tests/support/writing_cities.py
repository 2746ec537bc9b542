"""Cities that go on writing their registers, whatever happens around them: bulk changes through the producers' own code."""

import random
import threading
from functools import cache

from sqlalchemy import Engine, func, select

from deploy.databases import writer_engine
from producers import register
from producers.diff import Change
from schemas import events
from schemas.city import City
from schemas.entry import RegisterEntry
from schemas.errors import StoreUnavailable
from schemas.tables.source import outbox, register_entry
from schemas.tables.transactions import transaction
from tests.support.sources import TIME, entry, uscc

CHUNK = 100
FIRMS = 20
RETRY_SECONDS = 0.05

code_of = cache(uscc)


def entry_of(city: City, number: int, version: int) -> RegisterEntry:
    """An entry as it is at a version. Every city lists the same things, so most products have several listings."""
    said = entry(
        city,
        f"{city.word[:2].upper()}LX-{number:05d}",
        uscc=code_of(number % FIRMS),
        product_name=f"节能水泵{number}",
        models=[f"SL-{version}"],
    )
    return RegisterEntry.model_validate(said)


class WritingCity(threading.Thread):
    """Writes `total` changes in transactions of `chunk`: new entries, and new versions of old ones.

    An outage of its database is waited out; what is committed then is read back, so nothing is written twice.
    """

    def __init__(self, url: str, city: City, total: int, seed: int, pause_seconds: float, chunk: int = CHUNK) -> None:
        super().__init__(name=f"writing {city.word}", daemon=True)
        self.city = city
        self.total = total
        self.outages = 0
        self.written = 0
        self.failure: Exception | None = None
        self._engine = writer_engine(url)
        self._random = random.Random(f"{seed} {city.word}")
        self._pause_seconds = pause_seconds
        self._chunk = chunk
        self._ended = threading.Event()

    def run(self) -> None:
        """See threading.Thread; an error ends the writing and is raised by `finish`."""
        try:
            self._write_all(self._engine)
        except Exception as failure:  # noqa: BLE001  raised where the test waits
            self.failure = failure
        finally:
            self._engine.dispose()

    def finish(self, timeout_seconds: float) -> None:
        """Wait until everything is written."""
        self.join(timeout_seconds)
        if self.failure is not None:
            raise self.failure
        assert not self.is_alive(), f"{self.city.word} wrote {self.written} of {self.total}"

    def stop(self) -> None:
        """Write no more."""
        self._ended.set()
        self.join()

    def _write_all(self, engine: Engine) -> None:
        versions = self._read_back(engine)  # another one may have written here before
        while self.written < self.total and not self._ended.is_set():
            changes = self._changes(versions, min(self._chunk, self.total - self.written))
            try:
                with transaction(engine) as connection:
                    register.lock(connection)
                    register.apply(connection, [(change, None) for change in changes.values()], TIME)
                versions |= {number: change.version for number, change in changes.items()}
                self.written += len(changes)
            except StoreUnavailable:
                self.outages += 1
                versions = self._read_back(engine)
            self._ended.wait(self._pause_seconds)

    def _changes(self, versions: dict[int, int], count: int) -> dict[int, Change]:
        new = count if not versions else max(1, count // 2)
        numbers = [*range(len(versions), len(versions) + new)]
        numbers += self._random.sample(range(len(versions)), min(count - new, len(versions)))
        found = {}
        for number in numbers:
            version = versions.get(number, 0) + 1
            kind = events.LISTED if version == 1 else events.CHANGED
            found[number] = Change(kind, entry_of(self.city, number, version), version)
        return found

    def _read_back(self, engine: Engine) -> dict[int, int]:
        """number → version as committed."""
        while not self._ended.is_set():
            try:
                with transaction(engine) as connection:
                    self.written = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
                    rows = connection.execute(select(register_entry.c.certificate_no, register_entry.c.version)).all()
                return {int(row.certificate_no.rpartition("-")[2]): row.version for row in rows}
            except StoreUnavailable:
                self._ended.wait(RETRY_SECONDS)
        return {}
