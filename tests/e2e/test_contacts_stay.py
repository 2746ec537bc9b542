"""Whom to call stays in the city: no name, phone number or address of a person in anything that anybody else can read."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from sqlalchemy import Engine, MetaData, select

from consumers.console.finding import PREFIX
from deploy.environment import read_settings
from deploy.wiring import Wiring
from schemas.ports import Message
from schemas.tables.source import outbox, receipt
from schemas.topics import all_topics, topic_of
from tests.support import contacts
from tests.support.cli import Cli, Ran, founded
from tests.support.consoles import asking
from tests.unit.producers.catalogue.catalogues import Row

CITIES = {"changsha": contacts.rows("CSLX"), "zhuzhou": contacts.rows("ZZLX", district="天元区")}
VIEWS = (
    *(("hub", "status"), ("hub", "products"), ("hub", "events"), ("hub", "entry", "changsha", "CSLX-00005")),
    *(("hub", "dead-letters", "list"), ("hub", "parked", "list"), ("audit", "log"), ("audit", "replay"), ("audit", "verify")),
    ("doctor",),
)
"""What the shared side shows; each command is run as text and as JSON."""
ADDRESSES = ("/products?limit=1000", "/changes?limit=1000", "/entries/changsha/CSLX-00005", "/status", "/batches")
"""What it answers over HTTP."""


def test_the_marks_can_be_found() -> None:
    """Every mark stands in the files handed in, and is found in each form that the test looks for."""
    with zipfile.ZipFile(BytesIO(contacts.workbook(CITIES["changsha"]))) as book:
        inside = b"".join(book.read(name) for name in book.namelist())
    assert contacts.found_in(inside) == list(contacts.MARKS)
    assert contacts.found_in(contacts.text_file(CITIES["zhuzhou"])) == list(contacts.MARKS)
    for mark in contacts.MARKS:
        for form in contacts.forms(mark):
            assert contacts.found_in(b"x" + form + b"y") == [mark]


def test_contacts_stay_in_the_city(environment: Cli, tmp_path: Path) -> None:
    """Topics, tables of the shared store, outboxes, files, exports, logs and every answer of the hub are free of them."""
    czt = environment
    founded(czt)
    _hand_in(czt, tmp_path, CITIES)
    _hand_in(czt, tmp_path, {city: rows[1:5] for city, rows in CITIES.items()}, "--complete")
    with Wiring(read_settings()) as wiring:
        wiring.publisher.publish([Message(topic_of("/registers/changsha"), b"x", b"no event")])
    said = [czt("hub", "run", "--until-idle"), czt("hub", "run", "--until-idle", "--json")]
    said += [czt(*words, *manner) for words in VIEWS for manner in ((), ("--json",))]
    said += [czt("city", "receipts", "--city", city) for city in CITIES]
    assert {ran.code for ran in said} == {0}, [ran for ran in said if ran.code]
    leaks = {name: found for name, artefact in _artefacts(czt, said) if (found := contacts.found_in(artefact))}
    assert leaks == {}


def _hand_in(czt: Cli, folder: Path, cities: dict[str, list[Row]], *words: str) -> None:
    """Import and send; each city keeps what it must look at itself."""
    for city, rows in cities.items():
        suffix, made = (".xlsx", contacts.workbook) if city == "changsha" else (".csv", contacts.text_file)
        file = folder / f"{contacts.FILE_NAME}{len(rows)}{suffix}"
        file.write_bytes(made(rows))
        ran = czt("city", "import", str(file), "--city", city, "--as-of", "2021-07-22", "--json", *words)
        assert ran.json()["events"] > 0, ran
        czt.ok("city", "relay", "--city", city, "--once")


def _artefacts(czt: Cli, said: list[Ran]) -> Iterator[tuple[str, bytes]]:
    """Everything that leaves a city, by name."""
    yield from ((f"answer {number}", (ran.out + ran.err).encode()) for number, ran in enumerate(said))
    with Wiring(read_settings()) as wiring:
        with asking(wiring.store) as asked:
            yield from ((path, asked.client.get(PREFIX + path).content) for path in ADDRESSES)
        yield from _topics(wiring)
        yield from _tables("store", wiring.engine(wiring.settings.store_url))
        for city in CITIES:
            yield from _tables(city, wiring.source_engine(f"/registers/{city}"), (outbox.name, receipt.name, "seal"))
    ours = {f"register-{city}.db" for city in CITIES}
    files = [file for file in czt.home.rglob("*") if file.is_file()]
    yield from ((str(file), file.read_bytes()) for file in files if not file.name.startswith(tuple(ours)))


def _topics(wiring: Wiring) -> Iterator[tuple[str, bytes]]:
    seen = 0
    for topic in all_topics(wiring.sources):
        for partition in range(topic.partitions):
            end = wiring.subscriber.end_offset(topic.name, partition)
            records = wiring.subscriber.fetch(topic.name, partition, 0, max(end, 1), 5) if end else []
            assert len(records) == end
            seen += end
            for record in records:
                headers = b"".join(name.encode() + value for name, value in record.headers)
                yield f"{topic.name} {record.offset}", (record.key or b"") + (record.value or b"") + headers
    assert seen > 30


def _tables(name: str, engine: Engine, only: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    found = MetaData()
    found.reflect(engine, only=only or None)
    with engine.connect() as connection:
        for table in found.sorted_tables:
            for line in connection.execute(select(table)):
                yield f"{name} {table.name}", b"\n".join(_bytes(value) for value in line)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
