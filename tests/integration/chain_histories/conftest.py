"""The halves on which the histories run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.databases import writer_engine
from tests.support.brokers import ApacheBroker, EmbeddedBroker
from tests.support.chain_lines import opened_line
from tests.support.line import Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """The embedded halves, in files."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    yield from opened_line(EmbeddedBroker(tmp_path / "broker.db"), engine, f"sqlite:///{tmp_path / 'store.db'}")
    engine.dispose()


@pytest.fixture(params=["embedded", "kafka and postgresql"])
def any_line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """Both kinds of halves, for the histories that everything hangs on."""
    if request.param == "embedded":
        yield request.getfixturevalue("line")
        return
    server = request.getfixturevalue("postgres_server")
    names = [f"line_{kind}_{id(request.node):x}" for kind in ("register", "store")]
    register, store = (server.create_database(name) for name in names)
    engine = writer_engine(register)
    yield from opened_line(ApacheBroker(request.getfixturevalue("kafka_bootstrap")), engine, store)
    engine.dispose()
    for name in names:
        server.drop_database(name)
