"""Where a process that writes a store can die, and how it is made to: SIGKILL to itself, so that nothing can clean up."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Engine, event

COMMITTED = "after COMMIT"


class Boundaries:
    """Counts the places a process comes through, and ends it at number `kill_at` (from 0).

    After one statement is before the next, so each is one place: at the start, after each statement that SQLAlchemy sends
    (after the last of a transaction is before its COMMIT), with the rows of a COPY on their way, after it, after each COMMIT.
    """

    def __init__(self, kill_at: int | None = None) -> None:
        self.places: list[str] = []
        self._kill_at = kill_at

    def watch(self, engine: Engine) -> None:
        """Count on this engine from now on. Raises nothing: at the chosen place there is nobody left to catch it."""
        event.listen(engine, "after_cursor_execute", lambda *call: self._reach(f"after {call[2]}"))
        if engine.dialect.name == "postgresql":
            event.listen(engine, "connect", self._watch_copy)
        commit = engine.dialect.do_commit

        def watched(connection: Any) -> None:
            commit(connection)
            self._reach(COMMITTED)

        engine.dialect.do_commit = watched  # type: ignore[method-assign,assignment]  # no event comes after a commit
        self._reach("at the start")

    def _watch_copy(self, connection: "psycopg.Connection[TupleRow]", _: object) -> None:
        reach = self._reach

        class Watched(psycopg.Cursor[TupleRow]):
            @contextmanager
            def copy(self, statement: Any, *arguments: Any, **options: Any) -> Iterator[psycopg.Copy]:
                with super().copy(statement, *arguments, **options) as copy:
                    yield copy
                    reach(f"inside {statement}")
                reach(f"after {statement}")

        connection.cursor_factory = Watched

    def _reach(self, place: str) -> None:
        if len(self.places) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.places.append(" ".join(place.split())[:80])
