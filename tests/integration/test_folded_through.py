"""The log folded in one pass with stops on the way: at each the store as it was then."""

import pytest
from sqlalchemy import select

from consumers.audit.digest import state_digest
from consumers.replay.replay import fold_through
from consumers.store import log
from consumers.store.store import Store
from schemas.errors import LogRolledBack
from schemas.tables import store as t
from tests.support.histories import History
from tests.support.stores import made_store


def _folded(live: Store, indexes: list[int]) -> list[tuple[int, int, str]]:
    """(index, log size, state digest) at each stop."""
    fresh, found = made_store("sqlite:///:memory:"), []
    for index in fold_through(live, fresh, indexes):
        with fresh.snapshot() as loader:
            found.append((index, log.size(loader.connection), state_digest(loader.connection)))
    return found


def test_each_stop_is_the_store_as_it_was_then(history: History) -> None:
    """Stops in one pass say what a fold to each of them says alone, wherever a batch of the hub or a release is cut."""
    with history.store.snapshot() as loader:
        size = log.size(loader.connection)
        now = state_digest(loader.connection)
    wanted = [*range(0, size, 7), size - 1]
    found = _folded(history.store, [*reversed(wanted), *wanted])
    assert [index for index, _, _ in found] == sorted(set(wanted))
    assert all(reached > index for index, reached, _ in found)
    assert found[-1][1:] == (size, now)
    for place in (1, len(found) // 2, len(found) - 2):
        assert _folded(history.store, [found[place][0]]) == [found[place]]
    assert len({digest for _, _, digest in found}) > len(found) // 2


def test_no_stop_stands_on_what_was_changed(history: History) -> None:
    """An entry that is not as the hub wrote it ends the fold before any stop after it."""
    with history.store.snapshot() as loader:
        row = loader.connection.execute(select(t.audit_record).where(t.audit_record.c.idx == 9)).mappings().one()
    with history.store.transaction() as connection:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        changed = bytes(row["value"]).replace(b"1", b"2", 1)
        connection.exec_driver_sql("UPDATE audit_record SET value = ? WHERE idx = 9", (changed,))
    reached: list[int] = []
    with pytest.raises(LogRolledBack):
        reached.extend(fold_through(history.store, made_store("sqlite:///:memory:"), [4, 12]))
    assert 12 not in reached
