"""The two environments of the command line: nothing installed, and Apache Kafka with PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import Cli

DATABASES = ("store", "changsha", "zhuzhou", "xiangtan", "joint")
VARIABLES = {"store": "CZT_STORE_URL", "joint": "CZT_JOINT_URL"}


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`czt` embedded, in an empty home."""
    return Cli(monkeypatch, {"CZT_HOME": str(tmp_path / "home")})


@pytest.fixture
def real_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings for Apache Kafka without topics and empty PostgreSQL databases."""
    bootstrap = request.getfixturevalue("kafka_bootstrap")
    server = request.getfixturevalue("postgres_server")
    names = {name: f"cli_{name}_{id(request.node):x}" for name in DATABASES}
    settings = {
        VARIABLES.get(name, f"CZT_REGISTER_URL_{name.upper()}"): server.create_database(database)
        for name, database in names.items()
    }
    yield {**settings, "CZT_HOME": str(tmp_path / "home"), "CZT_BROKER_URL": f"kafka://{bootstrap}"}
    for database in names.values():
        server.drop_database(database)


@pytest.fixture(params=["embedded", "kafka and postgresql"])
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """`czt` with each kind of broker and database."""
    if request.param == "embedded":
        return Cli(monkeypatch, {"CZT_HOME": str(tmp_path / "home")})
    return Cli(monkeypatch, request.getfixturevalue("real_settings"))
