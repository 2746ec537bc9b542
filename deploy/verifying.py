"""Replay and verification with this installation's parts: the store, the archive, the auditor's copies of two keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from consumers.audit.verify import verify_log
from deploy.keys import LOG_KEY, load_public, public_file
from deploy.wiring import Wiring

if TYPE_CHECKING:
    from consumers.replay.report import ReplayReport
    from consumers.store.store import Store


@contextmanager
def empty_store(wiring: Wiring) -> "Iterator[Store]":
    """A store of its own to fold a log into, thrown away afterwards."""
    from sqlalchemy import event

    from deploy.migrate import upgrade

    with TemporaryDirectory(prefix="czt-replay-") as directory:
        engine = wiring.engine(f"sqlite:///{directory}/store.db")
        # Nobody needs it after a crash, so no commit waits for the disk.
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        upgrade(engine, "store")
        fresh = wiring.store_on(engine)
        fresh.prepare(())
        try:
            yield fresh
        finally:
            fresh.reader.dispose()
            engine.dispose()


def replayed(wiring: Wiring) -> "ReplayReport":
    """Fold the log into an empty store, and compare. Raises `StoreUnavailable`."""
    from consumers.replay.replay import replay

    with empty_store(wiring) as fresh:
        return replay(wiring.store, fresh)


def verify_all(wiring: Wiring, notes: Sequence[str], *, against_store: bool) -> dict[str, Any]:
    """`audit verify`: the log by itself, under every checkpoint we have and `notes`; on request the live tables too.

    Raises `KeyMissing` without the log's or the joint office's public key, `StoreUnavailable`.
    """
    log_key = load_public(public_file(wiring.settings.key_dir, LOG_KEY))
    joint_key = wiring.first_joint_key()
    with wiring.store.snapshot() as loader:
        verification = verify_log(loader.connection, wiring.archive, wiring.settings.log_origin, log_key, joint_key, notes)
    if against_store:
        from consumers.replay.against import against_store as compared

        verification = compared(verification, replayed(wiring))
    return verification.as_json()
