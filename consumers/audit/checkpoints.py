"""Signing checkpoints of the log, never one that contradicts an earlier one.

What survives a crash: before the archive has it, nothing was signed as far as anybody knows, and the next run signs at
least as much. In the archive but not published: the next start publishes it. Published twice: the same note, harmless.
"""

from sqlalchemy import select

from consumers.audit.archive import Archived, CheckpointArchive
from consumers.audit.integrate import PAGE, LogStore, extended, frontier_text, integrate
from schemas import checkpoint
from schemas.checkpoint import Checkpoint
from schemas.codec import utc_micros
from schemas.errors import Both, LogRolledBack, SettingsInvalid
from schemas.note import NoteInvalid
from schemas.ports import Clock, Message, Publisher, Signer
from schemas.tables import store as t
from schemas.topics import CHECKPOINTS
from schemas.tree import Frontier

EVERY = 10_000
"""Entries between checkpoints while the hub is busy; when it is idle it signs whatever there is."""

_NEXT_STEP = Both(
    "不再签名。共享库是从旧备份恢复的，或被人手工改过：请运行 czt audit verify 查明，并恢复一份包含全部已签名条目的备份。",
    "Nothing is signed any more. The store was restored from an older backup or changed by hand: run "
    "`czt audit verify`, and restore a backup that has every signed entry.",
)


class Checkpointer:
    """Signs, archives and publishes checkpoints of one log. `origin` is the log's name (CZT_LOG_ORIGIN)."""

    def __init__(
        self,
        store: LogStore,
        archive: CheckpointArchive,
        signer: Signer,
        origin: str,
        publisher: Publisher,
        clock: Clock,
    ) -> None:
        self._store = store
        self._archive = archive
        self._signer = signer
        self._origin = origin
        self._publisher = publisher
        self._clock = clock
        self._published: int | None = None

    def due(self, every: int = EVERY, *, idle: bool) -> bool:
        """Whether to sign now: the log grew by `every` entries, or at all while there is nothing else to do."""
        last = self._archive.latest()
        signed = last.size if last is not None else 0
        with self._store.snapshot() as reading:
            size = int(reading.connection.execute(select(t.audit_log.c.size)).scalar_one())
        behind = last is not None and self._published != last.size
        return size < signed or size - signed >= every or (idle and (size > signed or behind))

    def sign(self) -> str | None:
        """Sign the log as it is when it grew since the last checkpoint; returns the new note, or None.

        Raises `LogRolledBack` when the log is shorter than the last checkpoint or differs from it, `SettingsInvalid`
        when that isn't this log's, `BrokerUnavailable` when the note is archived and can't be published (the next call
        does), `StoreUnavailable`.
        """
        last = self._archive.latest()
        signed = None if last is None else self._opened(last)
        self._check_length(signed)
        frontier = self._grown(last, signed)
        note = None
        if frontier.size > (signed.size if signed else 0):
            note = checkpoint.signed(Checkpoint(self._origin, frontier.size, frontier.root()), self._signer)
            self._archive.add(Archived(frontier.size, note, utc_micros(self._clock.now()), frontier))
        self._publish()
        return note

    def _opened(self, last: Archived) -> Checkpoint:
        try:
            return checkpoint.opened(last.note, self._origin, self._signer.public_key)
        except NoteInvalid as problem:
            raise SettingsInvalid(
                Both(
                    f"存档中 {last.size} 条的检查点不是本日志的：{problem}",
                    f"the archived checkpoint of size {last.size} is not this log's: {problem}",
                ),
                Both("请核对 CZT_LOG_ORIGIN、日志密钥和 checkpoints.db。", "Check CZT_LOG_ORIGIN, the log key and checkpoints.db."),
            ) from problem

    def _check_length(self, signed: Checkpoint | None) -> None:
        """Before anything is integrated: a shorter log is an answer, not a hole."""
        if signed is None:
            return
        with self._store.snapshot() as reading:
            size = int(reading.connection.execute(select(t.audit_log.c.size)).scalar_one())
        if size < signed.size:
            raise LogRolledBack(
                Both(
                    f"日志只有 {size} 条，已签名的有 {signed.size} 条。", f"the log has {size} entries; {signed.size} were signed"
                ),
                _NEXT_STEP,
            )

    def _grown(self, last: Archived | None, signed: Checkpoint | None) -> Frontier:
        """The tree of the whole log, after proving that it goes on from the last checkpoint.

        Cheap: the frontier archived with the checkpoint, extended by the entries since, must be the store's own. Only
        when it isn't is everything computed again, to know whether the log or just a stored frontier was changed.
        """
        _, stored = integrate(self._store)
        if last is None or signed is None:
            return stored
        archived = last.frontier
        intact = archived is not None and (archived.size, archived.root()) == (signed.size, signed.root)
        if archived is not None and intact and self._from(archived, stored.size) == stored:
            return stored
        found = self._from(Frontier(), signed.size)
        if found.root() != signed.root:
            got, expected = found.root().hex(), signed.root.hex()
            raise LogRolledBack(
                Both(
                    f"前 {signed.size} 条的根是 {got}，签名的却是 {expected}。",
                    f"the first {signed.size} entries have root {got}; {expected} was signed",
                ),
                _NEXT_STEP,
            )
        whole = self._from(found, stored.size)
        if whole != stored:
            self._mend(whole)
        return whole

    def _from(self, frontier: Frontier, size: int) -> Frontier:
        while frontier.size < size:
            with self._store.snapshot() as reading:
                frontier = extended(reading.connection, frontier, PAGE, until=size)
        return frontier

    def _mend(self, frontier: Frontier) -> None:
        """The log is as signed; the frontier beside it wasn't."""
        with self._store.transaction() as connection:
            connection.execute(t.audit_tree.update().values(size=frontier.size, frontier=frontier_text(frontier)))

    def _publish(self) -> None:
        last = self._archive.latest()
        if last is None or last.size == self._published:
            return
        self._publisher.publish([Message(CHECKPOINTS, None, last.note.encode(), partition=0)])
        self._published = last.size
