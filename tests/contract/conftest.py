"""The databases that the contract suites run on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine

from consumers.store.store import Store
from deploy.migrate import upgrade
from tests.support.cities import SOURCES
from tests.support.consoles import Asked, asking
from tests.support.databases import Databases, opened_database, source_template
from tests.support.histories import full_history
from tests.support.stores import empty_again, opened_store


@pytest.fixture
def empty_database(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without tables."""
    with opened_database(databases, f"empty_{id(request.node):x}") as engine:
        yield engine


@pytest.fixture(scope="session")
def template(databases: Databases) -> Iterator[str]:
    """A source's database to be copied."""
    with source_template(databases, "source_template") as name:
        yield name


@pytest.fixture
def source_database(databases: Databases, template: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A source's database as `czt init` leaves it."""
    with opened_database(databases, f"source_{id(request.node):x}", template) as engine:
        yield engine


@contextmanager
def _initialised(databases: Databases, name: str) -> Iterator[Store]:
    """A store as `czt init` leaves it, dropped at the end."""
    with opened_database(databases, name) as engine:
        upgrade(engine, "store")
        made = opened_store(engine)
        made.prepare(SOURCES)
        yield made


@pytest.fixture(scope="session")
def kept_store(databases: Databases) -> Iterator[Store]:
    """A store as `czt init` leaves it; tests take `store`."""
    with _initialised(databases, "kept_store") as made:
        yield made


@pytest.fixture(scope="session")
def asked(databases: Databases) -> Iterator[Asked]:
    """The console on a history with everything in it, to which nobody adds."""
    with _initialised(databases, "console_store") as made:
        full_history(made)
        with asking(made) as found:
            yield found


@pytest.fixture
def store(kept_store: Store) -> Iterator[Store]:
    """A store without a row that `czt init` didn't make."""
    yield kept_store
    empty_again(kept_store)
