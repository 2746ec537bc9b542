"""A store with its log, its archive and its keys, and what an auditor says of it after somebody changed rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from consumers.audit.archive import SqliteArchive
from consumers.audit.checkpoints import Checkpointer
from consumers.audit.checks import Verification
from consumers.audit.verify import verify_log
from consumers.replay.against import against_store
from consumers.replay.replay import Folding, compared, folded, replay
from consumers.store.bulk import Bulk
from consumers.store.load import Loader
from consumers.store.store import Store
from deploy.databases import writer_engine
from schemas.city import JOINT_OFFICE
from tests.support.histories import FixedClock
from tests.support.publishers import KeptMessages
from tests.support.sources import Source, signer_of
from tests.support.stores import made_store, replay_store

ORIGIN = "log.example/czt"
LOG_KEY = signer_of("log")


@dataclass
class OneConnection:
    """A store seen through one open transaction: changes that will be rolled back included."""

    connection: Connection
    bulk: Bulk

    @contextmanager
    def snapshot(self) -> Iterator[Loader]:
        """The same connection each time."""
        yield Loader(self.connection, self.bulk)


class Audited:
    """A store and everything an auditor has."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.archive = SqliteArchive(writer_engine("sqlite:///:memory:"))
        self.published = KeptMessages()
        self._folded: tuple[Store, Folding] | None = None

    def checkpointer(self, store: Store | None = None) -> Checkpointer:
        """A new process that signs; of another store when one is given."""
        return Checkpointer(store or self.store, self.archive, LOG_KEY, ORIGIN, self.published, FixedClock())

    def verified(self, connection: Connection, extra: tuple[str, ...] = ()) -> Verification:
        """`audit verify`."""
        key = Source(JOINT_OFFICE).trusted()
        return verify_log(connection, self.archive, ORIGIN, LOG_KEY.public_key, key, extra)

    def verified_against_store(self, connection: Connection) -> Verification:
        """`audit verify --against-store`."""
        report = replay(OneConnection(connection, self.store.bulk), replay_store())
        return against_store(self.verified(connection), report)

    def verified_against_store_beside(self, connection: Connection) -> Verification:
        """The same for changes beside the log, which is folded once for all of them."""
        if self._folded is None:
            with self.store.snapshot() as untouched:
                fresh = made_store("sqlite:///:memory:")
                self._folded = fresh, folded(untouched.connection, fresh)
        return against_store(self.verified(connection), compared(connection, *self._folded))

    @contextmanager
    def undone(self) -> Iterator[Connection]:
        """A transaction for somebody who changes rows; rolled back at the end."""
        with self.store.writer.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()


def failed(verification: Verification) -> dict[str, str]:
    """Name and detail of each failed check."""
    return {check.name: check.detail for check in verification.checks if not check.ok}
