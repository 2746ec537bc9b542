"""The databases that the contract suites run on."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from consumers.store.store import Store
from deploy.databases import writer_engine
from deploy.migrate import upgrade
from tests.support.cities import SOURCES
from tests.support.databases import Databases
from tests.support.stores import empty_again, opened_store


@pytest.fixture
def empty_database(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without tables."""
    name = f"empty_{id(request.node):x}"
    engine = writer_engine(databases.create_database(name))
    yield engine
    engine.dispose()
    databases.drop_database(name)


@pytest.fixture(scope="session")
def source_template(databases: Databases) -> Iterator[str]:
    """The name of a source's database as `czt init` leaves it, to be copied; nobody is connected to it."""
    name = "source_template"
    engine = writer_engine(databases.create_database(name))
    upgrade(engine, "source")
    engine.dispose()
    yield name
    databases.drop_database(name)


@pytest.fixture
def source_database(databases: Databases, source_template: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A source's database as `czt init` leaves it."""
    name = f"source_{id(request.node):x}"
    engine = writer_engine(databases.create_database(name, source_template))
    yield engine
    engine.dispose()
    databases.drop_database(name)


@pytest.fixture(scope="session")
def kept_store(databases: Databases) -> Iterator[Store]:
    """A store as `czt init` leaves it; tests take `store`."""
    name = "kept_store"
    engine = writer_engine(databases.create_database(name))
    upgrade(engine, "store")
    made = opened_store(engine)
    made.prepare(SOURCES)
    yield made
    engine.dispose()
    databases.drop_database(name)


@pytest.fixture
def store(kept_store: Store) -> Iterator[Store]:
    """A store without a row that `czt init` didn't make."""
    yield kept_store
    empty_again(kept_store)
