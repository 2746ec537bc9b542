"""Replay and verification with this installation's parts: the store, the archive, the auditor's copies of two keys."""

from collections.abc import Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from consumers.audit.verify import verify_log
from deploy.keys import LOG_KEY, load_public, public_file
from deploy.wiring import Wiring

if TYPE_CHECKING:
    from consumers.replay.report import ReplayReport


def replayed(wiring: Wiring) -> "ReplayReport":
    """Fold the log into a store of its own, thrown away afterwards, and compare. Raises `StoreUnavailable`."""
    from consumers.replay.replay import replay
    from deploy.migrate import upgrade

    with ExitStack() as closing:
        directory = closing.enter_context(TemporaryDirectory(prefix="czt-replay-"))
        engine = wiring.engine(f"sqlite:///{directory}/store.db")
        closing.callback(engine.dispose)
        upgrade(engine, "store")
        fresh = wiring.store_on(engine)
        fresh.prepare()
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
