"""What somebody with the database in hand could do: change one byte of the log where no trigger looks."""

import sqlite3
from contextlib import closing
from pathlib import Path


def edited_copy(store: Path, copy: Path) -> tuple[int, str, str]:
    """Copy the store's file and change one byte of a logged record in the copy: its validity ends ten years later.

    Returns the entry's index, and the text before and after. The triggers that refuse changes are dropped first and put back
    after, as an intruder would.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        triggers = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            target.execute(f'DROP TRIGGER "{name}"')
        records = target.execute("SELECT idx, value FROM audit_record ORDER BY idx")
        index, value = next((idx, bytes(value)) for idx, value in records if value and _OLD in bytes(value))
        target.execute("UPDATE audit_record SET value = ? WHERE idx = ?", (value.replace(_OLD, _NEW, 1), index))
        for _, sql in triggers:
            target.execute(sql)
        target.commit()
    return index, _OLD.decode(), _NEW.decode()


_OLD, _NEW = b'"valid_to":"2023-', b'"valid_to":"2033-'
