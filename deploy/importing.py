"""One catalogue file into a city's register: the file, what is registered now, the judged rows, the import."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from deploy.reading import read_file
from deploy.settings import Settings
from deploy.wiring import Wiring
from producers import register
from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from producers.city_file import CityFile
from producers.importing import ImportOptions, ImportResult, import_catalogue, seen
from schemas.city import City
from schemas.codec import shanghai_day
from schemas.ports import Clock
from schemas.tables.transactions import transaction


def limits(settings: Settings) -> Limits:
    """What a file may cost to read."""
    return Limits(
        file_bytes=settings.max_file_bytes,
        unpacked_bytes=settings.max_unpacked_bytes,
        rows=settings.max_file_rows,
    )


def import_file(
    wiring: Wiring,
    file: Path,
    city: City,
    as_of: date,
    options: ImportOptions,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> ImportResult:
    """Read a catalogue and apply it to the city's register.

    A file seen before is answered as it was then; it is read again only when the clerk now says something about
    withdrawals. Raises `FileRefused` with a reason code of a whole file, `StoreUnavailable`, `SchemaOutdated`, OSError.
    """
    allowed = limits(wiring.settings)
    data = read_file(file, allowed.file_bytes)
    desk = ImportDesk(wiring.source_engine(city.source), wiring.city_file(city.source), wiring.clock, allowed)
    return desk.import_bytes(data, file.name, options, as_of, progress)


@dataclass(frozen=True)
class ImportDesk:
    """Where one city's catalogues come in, one after the other, on one connection to its register."""

    engine: Engine
    city_file: CityFile
    clock: Clock
    limits: Limits

    def import_bytes(
        self,
        data: bytes,
        name: str,
        options: ImportOptions,
        as_of: date | None = None,
        progress: Callable[[int, int], object] = lambda done, total: None,
    ) -> ImportResult:
        """The bytes of a file of this name; `as_of` is today if not given. Raises as `import_file` does."""
        known = None if options.complete else seen(self.engine, hashlib.sha256(data).hexdigest())
        if known is not None:
            return known
        with transaction(self.engine) as connection:
            registered = {number: entry for number, (entry, _) in register.read(connection).items()}
        now, share = self.clock.now(), replace(options, share=self.city_file.withdrawal_share)
        day = as_of or shanghai_day(now)
        with _seldom_collecting():
            report = read_catalogue(data, name, self.city_file, day, registered, self.limits, progress)
            return import_catalogue(self.engine, report, now, share)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Rows are millions of objects that live to the end and form no cycles: looking for some costs seconds."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
