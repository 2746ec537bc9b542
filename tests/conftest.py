"""Fixtures every folder shares, and the rule that under CI a skipped test is a failed build.

A real server starts when a test first asks for its fixture, once a process: with `pytest -n 2` each worker has its own,
so no worker sees another's topics, each may kill its broker as it likes, and `pytest tests/unit` starts nothing.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from tests.support.databases import Databases, SqliteDatabases
from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer
from tests.support.process import CannotStart

UNDER_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")
NOT_TESTED = "NOT TESTED:"

# Workers share few cores, so how long an example takes says nothing; a failure prints what repeats it. Under CI the
# profile builds on Hypothesis' own for CI, which takes the same examples each time.
settings.register_profile("czt", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("czt")


class Server(Protocol):
    """What both real servers can do."""

    def start(self) -> None:
        """Return when it takes requests, or raise CannotStart."""

    def remove(self) -> None:
        """End and leave nothing behind."""


S = TypeVar("S", bound=Server)


def _started(make: Callable[[], S], cleanup: ExitStack) -> S:
    """Make and start a server. What is missing skips the test on a laptop and fails it under CI."""
    try:
        server = make()
        cleanup.callback(server.remove)
        server.start()
        return server
    except CannotStart as error:
        reason = str(error)
    if UNDER_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(f"{NOT_TESTED} {reason}")


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """This worker's Apache Kafka, in whatever state the last test left it; tests take `fresh_kafka`."""
    with ExitStack() as cleanup:
        yield _started(KafkaServer, cleanup)


@pytest.fixture
def fresh_kafka(kafka_server: KafkaServer) -> KafkaServer:
    """A running Apache Kafka without any `czt.*` topic. The test may stop, kill and pause it."""
    kafka_server.empty()
    return kafka_server


@pytest.fixture
def kafka_bootstrap(fresh_kafka: KafkaServer) -> str:
    """`host:port` of `fresh_kafka`."""
    return fresh_kafka.bootstrap


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """This worker's PostgreSQL. Tests take `postgres_url`, or `start_postgres` to kill one of their own."""
    with ExitStack() as cleanup:
        yield _started(PostgresServer, cleanup)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own, dropped afterwards."""
    name = f"test_{id(request.node):x}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def hasty_postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that never waits for the disk: for tests that kill our processes, not it, and copy a database for each."""
    with ExitStack() as cleanup:
        yield _started(lambda: PostgresServer(("fsync=off", "synchronous_commit=off", "full_page_writes=off")), cleanup)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Where databases are made; a test that takes it, or what is built on it, runs on each kind."""
    if request.param == "sqlite":
        return SqliteDatabases(tmp_path_factory.mktemp("databases"))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server


@pytest.fixture
def start_postgres() -> Iterator[Callable[..., PostgresServer]]:
    """A function that starts a PostgreSQL for this test alone; its arguments are settings, e.g. `"fsync=off"`."""
    with ExitStack() as cleanup:
        yield lambda *options: _started(lambda: PostgresServer(options), cleanup)


@pytest.fixture
def start_kafka() -> Iterator[Callable[..., KafkaServer]]:
    """A function that starts an Apache Kafka for this test alone; its argument is a mapping of broker settings."""
    with ExitStack() as cleanup:
        yield lambda options=None: _started(lambda: KafkaServer(options), cleanup)


@pytest.fixture
def start_server() -> Iterator[Callable[[Callable[[], S]], S]]:
    """A function that makes and starts any server for this test alone."""
    with ExitStack() as cleanup:
        yield lambda make: _started(make, cleanup)


@pytest.fixture
def seed() -> int:
    """CZT_TEST_SEED, or another one each time: what happens at random; it stands in the output of a failed test."""
    found = int(os.environ.get("CZT_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    sys.stdout.write(f"CZT_TEST_SEED={found}\n")
    return found


LONG_FIRST = (
    "e2e/test_killed_at_random.py",
    "e2e/test_two_hubs.py",
    "e2e/test_broker_outage.py",
    "e2e/test_compose.py",
    "e2e/test_captured_at_random.py",
    "integration/test_kafka_publisher.py",
    "e2e/test_services_down.py",
    "e2e/test_database_killed.py",
    "e2e/test_secure_kafka.py",
    "e2e/test_shared_sources.py",
    "e2e/test_two_relays.py",
    "integration/test_two_workers.py",
    "integration/test_products_topic.py",
    "e2e/test_cli_processes.py",
    "integration/test_stopped_owner.py",
    "integration/test_prometheus.py",
    "integration/test_spoiled_topic.py",
    "integration/chain_histories/test_gaps.py",
    "integration/test_killed_hub.py",
)
"""Files with the longest tests, the longest first: so none of them is what everybody waits for at the end."""


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(Path(__file__).parent).as_posix()
    return LONG_FIRST.index(file) if file in LONG_FIRST else len(LONG_FIRST)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first. pytest-xdist gives the second worker the second half, and lets it take over from the first."""
    items.sort(key=_place)


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", [])) if reporter else []


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under CI, turn a green run that skipped something into a failed one."""
    is_worker = hasattr(session.config, "workerinput")  # of pytest-xdist; workers leave the verdict to their controller
    if UNDER_CI and not is_worker and exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what was not tested, and what to do about it."""
    skipped = _skipped(config)
    reasons = {report.longrepr[2].removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(reason for reason in reasons if reason.startswith(NOT_TESTED)):
        count = sum(reason in str(report.longrepr) for report in skipped)
        terminalreporter.write_line(f"{reason} ({count} tests skipped)", yellow=True, bold=True)
    if UNDER_CI and skipped:
        terminalreporter.write_line(f"CI is set: {len(skipped)} skipped tests fail this run", red=True, bold=True)
