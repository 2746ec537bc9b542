"""A watch over an empty folder on a real disk, and the register behind it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deploy.databases import writer_engine
from deploy.migrate import upgrade
from producers.seal import prepare
from schemas.tables.transactions import transaction
from tests.support.watched import CITY, Hands, WatchedFolder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A city's register without an entry."""
    made = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    upgrade(made, "source")
    with transaction(made) as connection:
        prepare(connection, CITY.source)
    yield made
    made.dispose()


@pytest.fixture
def hands() -> Hands:
    """The clock."""
    return Hands(datetime(2021, 7, 22, 2, 0, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "收件"
    made.mkdir()
    return made


@pytest.fixture
def inbox(engine: Engine, path: Path, hands: Hands) -> Iterator[WatchedFolder]:
    """A watch over it."""
    made = WatchedFolder(engine, path, hands)
    yield made
    made.lock.close()
