"""One catalogue file into a city's register: the file, what is registered now, the judged rows, the import."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from deploy.settings import Settings
from deploy.wiring import Wiring
from producers import register
from producers.catalogue.package_guard import too_many_bytes
from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from producers.importing import ImportOptions, ImportResult, import_catalogue, seen
from schemas.city import City
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
    withdrawals. Raises `FileRefused` with a reason code of a whole file, `StoreUnavailable`, `SchemaOutdated`.
    """
    engine = wiring.source_engine(city.source)
    allowed = limits(wiring.settings)
    if file.stat().st_size > allowed.file_bytes:
        raise too_many_bytes(file.name, allowed.file_bytes)
    data = file.read_bytes()
    known = None if options.complete else seen(engine, hashlib.sha256(data).hexdigest())
    if known is not None:
        return known
    city_file = wiring.city_file(city.source)
    with transaction(engine) as connection:
        registered = {number: entry for number, (entry, _) in register.read(connection).items()}
    share = replace(options, share=city_file.withdrawal_share)
    with _seldom_collecting():
        report = read_catalogue(data, file.name, city_file, as_of, registered, allowed, progress)
        return import_catalogue(engine, report, wiring.clock.now(), share)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Rows are millions of objects that live to the end and form no cycles: looking for some costs seconds."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
