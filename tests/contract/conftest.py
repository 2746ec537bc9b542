"""The databases that the contract suites run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deploy.databases import writer_engine
from deploy.migrate import upgrade


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    postgres = request.param == "postgres"
    engine = writer_engine(str(request.getfixturevalue("postgres_url")) if postgres else f"sqlite:///{tmp_path / 'register.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def source_database(empty_database: Engine) -> Engine:
    """A source's database as `czt init` leaves it."""
    upgrade(empty_database, "source")
    return empty_database
