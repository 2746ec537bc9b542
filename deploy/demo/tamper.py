"""What somebody with the database in hand could do: change one byte of the log where no trigger looks."""

import sqlite3
from contextlib import closing
from pathlib import Path


def edited_copy(store: Path, copy: Path, index: int) -> str:
    """Copy the store's file and change one byte of the leaf at `index` in the copy; returns what was changed.

    The triggers that refuse changes are dropped first and put back after, as an intruder would.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        triggers = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            target.execute(f'DROP TRIGGER "{name}"')
        leaf = bytes(target.execute("SELECT leaf FROM audit_entry WHERE idx = ?", (index,)).fetchone()[0])
        place = leaf.index(b'"outcome":"') + len(b'"outcome":"')
        changed = leaf[:place] + bytes([leaf[place] ^ 1]) + leaf[place + 1 :]
        target.execute("UPDATE audit_entry SET leaf = ? WHERE idx = ?", (changed, index))
        for _, sql in triggers:
            target.execute(sql)
        target.commit()
    return f"{leaf[place - 11 : place + 8].decode()} → {changed[place - 11 : place + 8].decode(errors='replace')}"
