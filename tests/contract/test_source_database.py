"""A city's own database, SQLite and PostgreSQL alike: one file in, register and outbox changed in one step."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Table, func, inspect, select

from deploy.migrate import upgrade
from deploy.revision import is_current
from producers import register
from producers.importing import ImportOptions, ImportResult, seen
from schemas.errors import FileRefused, SchemaOutdated
from schemas.tables.source import held_row, imported_file, metadata, outbox, register_entry
from tests.support.entries import entry
from tests.support.imports import COMPLETE, file_of, imported, ten


def _events(engine: Engine) -> list[tuple[str, str, int]]:
    """(word of the type, certificate number, version) of the outbox, in order."""
    with engine.connect() as connection:
        rows = connection.execute(select(outbox.c.type, outbox.c.subject, outbox.c.entry_version).order_by(outbox.c.id))
        return [(row.type.split(".")[3], row.subject, row.entry_version) for row in rows]


def _count(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_migrations_make_the_tables(empty_database: Engine) -> None:
    """Migrating gives the tables that the program expects, and migrating again changes nothing."""
    assert not is_current(empty_database, "source")
    for _ in range(2):
        upgrade(empty_database, "source")
        assert is_current(empty_database, "source")
    with empty_database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        indexes = {one["name"]: one for one in inspect(connection).get_indexes("outbox")}
        dialect = connection.dialect.name
    for name, condition in {"outbox_unsealed": "sequence is null", "outbox_unsent": "sent_offset is null"}.items():
        found = str(indexes[name]["dialect_options"][f"{dialect}_where"])
        assert condition in found.lower().replace("(", "").replace(")", "")


def test_first_file(source_database: Engine) -> None:
    """Accepted rows are in the register and in the outbox, with the whole entry and where it came from."""
    result = imported(source_database, file_of("a", [entry(1)], held=[entry(2)], rejected=[entry(3)]))
    assert (result.answer["events"], result.answer["held"], result.clean) == (1, None, False)
    assert result.answer["totals"] == {"accept": 1, "review": 1, "reject": 1, "skip": 0}
    with source_database.connect() as connection:
        assert register.read(connection) == {"CSLX-0001": (entry(1), 1)}
        change = connection.execute(select(outbox)).mappings().one()
        waiting = connection.execute(select(held_row.c.certificate_no)).scalars().all()
    assert (change["type"], change["time"]) == ("cn.czt.entry.listed.v1", "2021-07-22T09:00:00+08:00")
    origin = {"file_sha256": "a".ljust(64, "0"), "sheet": "目录", "row": 4}
    assert json.loads(change["data"]) == {
        "entry": entry(1).as_json(),
        "origin": {**origin, "cells": {"certificate_no": "raw"}},
    }
    assert waiting == ["CSLX-0002"]


def test_changes_raise_the_version(source_database: Engine) -> None:
    """Every change of an entry has the next version, and what stayed the same says nothing."""
    imported(source_database, file_of("a", [entry(1), entry(2)]))
    imported(source_database, file_of("b", [entry(1, product_name="节能风机"), entry(2)]))
    corrected = ImportOptions(correction=True)
    imported(source_database, file_of("c", [entry(1, product_name="节能水泵"), entry(2)]), corrected)
    assert _events(source_database)[2:] == [("changed", "CSLX-0001", 2), ("corrected", "CSLX-0001", 3)]


def test_same_file_again(source_database: Engine) -> None:
    """A file seen before gives the answer it gave then, and no events."""
    report = file_of("a", [entry(1)], held=[entry(2)])
    first = imported(source_database, report)
    again = imported(source_database, report, hour=1)
    assert again.seen_before
    assert again.answer == first.answer | {"events": 0}
    known = seen(source_database, report.file_sha256)
    assert known is not None
    assert (known.answer, known.clean) == (again.answer, first.clean)
    assert len(_events(source_database)) == 1


def test_dry_run_writes_nothing(source_database: Engine) -> None:
    """A dry run says what would be, and leaves the database alone."""
    result = imported(source_database, file_of("a", [entry(1)], held=[entry(2)]), ImportOptions(dry_run=True))
    assert result.answer["events"] == 1
    assert [_count(source_database, table) for table in (register_entry, outbox, held_row, imported_file)] == [0] * 4
    (line,) = result.answer["changes"]
    assert (line["key"], line["event"], line["before"]) == (entry(1).certificate_no, "listed", None)


def test_dry_run_shows_what_would_change(source_database: Engine) -> None:
    """Each field that would differ stands with its value before and after; a withdrawal by silence too."""
    imported(source_database, file_of("a", ten()))
    changed = [entry(0).model_copy(update={"product_name": "另一种产品"}), *ten()[1:9]]
    result = imported(source_database, file_of("b", changed), ImportOptions(complete=True, dry_run=True))
    shown = {(one["key"], one["event"], one["field"]): one["after"] for one in result.answer["changes"]}
    assert shown[entry(0).certificate_no, "changed", "product_name"] == "另一种产品"
    assert shown[entry(9).certificate_no, "withdrawn", "source_status"] == "withdrawn"
    assert len(_events(source_database)) == 10


def test_all_or_nothing(source_database: Engine) -> None:
    """When a part of an import can't be written, neither the register nor the outbox has any of it."""
    with source_database.begin() as connection:
        held_row.drop(connection)
    with pytest.raises(SchemaOutdated):
        imported(source_database, file_of("a", [entry(1)], held=[entry(2)]))
    assert [_count(source_database, table) for table in (register_entry, outbox, imported_file)] == [0] * 3


def test_missing_rows_of_an_incomplete_file(source_database: Engine) -> None:
    """A file that isn't declared complete withdraws nothing."""
    imported(source_database, file_of("a", ten()))
    assert imported(source_database, file_of("b", ten()[:1])).answer["events"] == 0


def test_missing_rows_within_the_share(source_database: Engine) -> None:
    """What a complete file doesn't name is withdrawn; a row that waits or was rejected is not missing."""
    imported(source_database, file_of("a", ten()))
    whole = ten()
    result = imported(source_database, file_of("b", whole[:6], held=whole[6:7], rejected=whole[7:8]), COMPLETE)
    assert (result.answer["events"], result.answer["held"]) == (2, None)
    assert _events(source_database)[10:] == [("withdrawn", "CSLX-0008", 2), ("withdrawn", "CSLX-0009", 2)]
    with source_database.connect() as connection:
        data = json.loads(connection.execute(select(outbox.c.data).order_by(outbox.c.id.desc()).limit(1)).scalar_one())
    assert (data["origin"]["row"], data["origin"]["file_sha256"]) == (None, "b".ljust(64, "0"))


def test_mass_withdrawal_waits_for_the_exact_number(source_database: Engine) -> None:
    """More than the share is held, whatever else the file changes; only the exact number releases it, once."""
    imported(source_database, file_of("a", ten()))
    report = file_of("b", [entry(0, product_name="节能风机"), *ten()[1:5]])
    held = imported(source_database, report, COMPLETE, hour=1)
    assert (held.answer["events"], held.answer["held"], held.clean) == (1, {"missing": 5, "limit": 2}, False)

    def confirmed(number: int) -> ImportResult:
        return imported(source_database, report, ImportOptions(complete=True, confirm_withdrawals=number), hour=2)

    assert confirmed(4).answer["held"] == {"missing": 5, "limit": 2}
    released = confirmed(5)
    assert (released.answer["events"], released.answer["held"], released.clean) == (5, None, True)
    assert confirmed(5).answer["events"] == 0
    assert [word for word, _, _ in _events(source_database)[10:]] == ["changed", *["withdrawn"] * 5]


def test_older_file(source_database: Engine) -> None:
    """An export older than the last one applied is refused as a whole; the same day is not older."""
    day = date(2021, 7, 20)
    imported(source_database, file_of("a", [entry(1)], filed_on=day))
    imported(source_database, file_of("b", [entry(2)], filed_on=day))
    with pytest.raises(FileRefused, match="2021-07-19") as refusal:
        imported(source_database, file_of("c", [entry(3)], filed_on=day - timedelta(days=1)))
    assert refusal.value.reason == "file_older_than_register"


def test_held_file_that_was_followed(source_database: Engine) -> None:
    """What a file was held for can't be released after another file came: it would undo that one."""
    imported(source_database, file_of("a", ten()))
    report = file_of("b", ten()[:5])
    imported(source_database, report, COMPLETE, hour=1)
    imported(source_database, file_of("c", [entry(1, product_name="节能风机")]), hour=2)
    with pytest.raises(FileRefused) as refusal:
        imported(source_database, report, ImportOptions(complete=True, confirm_withdrawals=5), hour=3)
    assert refusal.value.reason == "file_older_than_register"


def test_imports_at_the_same_time(source_database: Engine) -> None:
    """Files that arrive together are taken one after the other: no version twice, none left out."""
    with ThreadPoolExecutor(6) as pool:
        files = [file_of(name, [entry(1, product_name=f"节能水泵{name}")]) for name in "abcdef"]
        results: list[Any] = list(pool.map(lambda report: imported(source_database, report), files))
    assert [result.answer["events"] for result in results] == [1] * 6
    assert sorted(version for _, _, version in _events(source_database)) == [1, 2, 3, 4, 5, 6]
    assert _events(source_database)[0] == ("listed", "CSLX-0001", 1)
