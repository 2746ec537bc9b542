"""Questions to a person, SQLite and PostgreSQL alike: they wait, and close when a newer file says more of their entries."""

from sqlalchemy import Engine, select

from producers.held import waiting
from schemas.tables.source import held_row
from tests.support.entries import entry
from tests.support.imports import COMPLETE, file_of, imported, ten


def _waiting(engine: Engine) -> list[tuple[str | None, str | None]]:
    """(file, certificate number) of what waits, oldest first."""
    with engine.connect() as connection:
        return [(one["file"], one["certificate_no"]) for one in waiting(connection, "file")]


def test_newer_file_settles(source_database: Engine) -> None:
    """A row that a later file accepts, or holds anew, is asked about no more; what the file doesn't name still is."""
    imported(source_database, file_of("a", held=[entry(1), entry(2), entry(3)]))
    imported(source_database, file_of("b", [entry(1)], held=[entry(2)]), hour=1)
    assert _waiting(source_database) == [("a.xlsx", "CSLX-0003"), ("b.xlsx", "CSLX-0002")]


def test_newer_complete_file_settles_everything(source_database: Engine) -> None:
    """What a complete file doesn't name is gone, and so is the question."""
    imported(source_database, file_of("a", held=[entry(1)]))
    imported(source_database, file_of("b", [entry(2)], held=[entry(3)]), COMPLETE, hour=1)
    assert _waiting(source_database) == [("b.xlsx", "CSLX-0003")]


def test_same_file_asks_nothing_twice(source_database: Engine) -> None:
    """A file that is sent again to carry out its withdrawals finds its questions under the ids they had."""
    imported(source_database, file_of("a", ten()))
    report = file_of("b", held=[entry(1)])
    imported(source_database, report, hour=1)
    with source_database.connect() as connection:
        before = connection.execute(select(held_row.c.id, held_row.c.state)).all()
    imported(source_database, report, COMPLETE, hour=2)
    with source_database.connect() as connection:
        assert connection.execute(select(held_row.c.id, held_row.c.state)).all() == before
