"""How far a source has read the topics it listens to, by the name of what is read there."""

from sqlalchemy import Connection, insert, select, update

from schemas.tables.source import inbox_position as table


def position(connection: Connection, name: str) -> int:
    """The next offset to read under this name; 0, and a row for it, when nothing was read yet."""
    found = connection.execute(select(table.c.next_offset).where(table.c.topic == name)).scalar_one_or_none()
    if found is None:
        connection.execute(insert(table).values(topic=name, next_offset=0))
    return found or 0


def move(connection: Connection, name: str, before: int, after: int) -> bool:
    """Move a position on; False, and nothing is changed, when another process moved it in the meantime."""
    here = (table.c.topic == name) & (table.c.next_offset == before)
    return connection.execute(update(table).where(here).values(next_offset=after)).rowcount == 1
