"""PostgreSQL sessions whose process fell silent inside a transaction: how long they are borne, and how they end.

A process that is stopped (SIGSTOP, a frozen machine, a cut cable) inside a transaction keeps its locks, and with the lock
on an offset row no standby could ever take over. So silence ends a transaction: nothing of it was committed, and its
process, when it wakes, is told that the connection is gone.
"""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

logger = logging.getLogger("czt.database")

SILENCE_SECONDS = 60.0
"""Far above what a process thinks between two statements: a new rule set decides every product of the store in one go."""

LOCK_SECONDS = 10.0
"""How long a statement waits for a lock before its process looks whether the holder is silent, or whether it should stop."""

CONNECT_SECONDS = 5

KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
"""A database machine that vanishes sends no word of it: with the system's defaults a client waits two hours, with these 30 s."""

LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a statement that has waited `lock_timeout` for a lock."""

# What idle_in_transaction_session_timeout can't see: a process that stopped while it sent rows (COPY) or took them. The
# server is then in the midst of a statement, where no time limit counts; only another session can end it, and may when the
# role is the same.
_END_SILENT = text(
    "SELECT pid, pg_terminate_backend(pid) AS ended FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND application_name = :name AND pid <> pg_backend_pid()"
    " AND backend_xid IS NOT NULL AND wait_event IN ('ClientRead', 'ClientWrite')"
    " AND state_change < clock_timestamp() - make_interval(secs => :silence)"
)

APPLICATION = "czt"


def session_settings(url: URL, silence_seconds: float) -> dict[str, Any]:
    """Arguments of each connection. What the address itself sets in `options` counts more."""
    limits = {"idle_in_transaction_session_timeout": silence_seconds, "lock_timeout": min(LOCK_SECONDS, silence_seconds)}
    options = [f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items()]
    given = url.query.get("options", ())
    options += [given] if isinstance(given, str) else given
    return {"connect_timeout": CONNECT_SECONDS, "application_name": APPLICATION, "options": " ".join(options), **KEEPALIVE}


def end_silent(silence_seconds: float) -> Callable[[ExceptionContext], None]:
    """A listener for errors: a statement that waited for a lock in vain ends our own sessions that hold locks in silence."""

    def listener(context: ExceptionContext) -> None:
        if context.engine is None or getattr(context.original_exception, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            return
        try:
            with context.engine.connect() as connection:
                ended = connection.execute(_END_SILENT, {"name": APPLICATION, "silence": silence_seconds}).all()
        except DBAPIError as error:  # the waiter is told of its own trouble, not of this one
            logger.warning("could not look for silent sessions: %s", error.orig)
            return
        for session in ended:
            logger.warning("ended session %d: it held locks and said nothing for %g s", session.pid, silence_seconds)

    return listener
