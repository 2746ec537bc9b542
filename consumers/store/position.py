"""The position of a source: claiming it, the fence of every batch, and what waits before it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select, update

from consumers.store.bulk import Bulk
from schemas.errors import AnswerIsNo, Both, Fenced
from schemas.tables.store import source_position as table
from schemas.topics import topic_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A source held by this process: its epoch and the next offset to read."""

    source: str
    epoch: int
    next_offset: int


def add_sources(connection: Connection, sources: Iterable[str]) -> None:
    """A row for each of these sources that has none yet."""
    present = set(connection.execute(select(table.c.source)).scalars())
    missing = [{"source": source, "topic": topic_of(source)} for source in sources if source not in present]
    if missing:
        connection.execute(insert(table), missing)


def claim(connection: Connection, bulk: Bulk, source: str, owner: str, lease_seconds: float) -> Claim | None:
    """Take a source whose lease has ended, or renew one's own; None while another holds it.

    Taking over raises the epoch, so that the former owner's next write is refused. One's own epoch stays. While the lease
    runs nothing is locked: a standby that looks must not queue behind the owner's batch.
    """
    query = select(table).where(table.c.source == source)
    if _is_anothers(connection.execute(query).mappings().one(), owner, bulk.now_us(connection)):
        return None
    row = connection.execute(query.with_for_update()).mappings().one()
    now = bulk.now_us(connection)
    if _is_anothers(row, owner, now):
        return None
    mine = row["owner"] == owner
    epoch = row["epoch"] if mine else row["epoch"] + 1
    until = now + int(lease_seconds * 1_000_000)
    values = {"owner": owner, "epoch": epoch, "lease_until_us": until}
    connection.execute(update(table).where(table.c.source == source).values(values))
    return Claim(source, epoch, row["next_offset"])


def renew(connection: Connection, bulk: Bulk, owner: str, lease_seconds: float) -> set[str]:
    """Renew every lease of this owner; the sources that are still its own."""
    until = bulk.now_us(connection) + int(lease_seconds * 1_000_000)
    renewed = update(table).where(table.c.owner == owner).values(lease_until_us=until).returning(table.c.source)
    return set(connection.execute(renewed).scalars())


def free(connection: Connection, bulk: Bulk, owner: str) -> set[str]:
    """The sources that `owner` may claim now."""
    mine = table.c.owner.is_(None) | (table.c.owner == owner) | (table.c.lease_until_us <= bulk.now_us(connection))
    return set(connection.execute(select(table.c.source).where(mine)).scalars())


def _is_anothers(row: RowMapping, owner: str, now_us: int) -> bool:
    return row["owner"] not in (None, owner) and row["lease_until_us"] > now_us


def next_offset(connection: Connection, source: str) -> int:
    """The offset of the first record that is not decided."""
    return int(connection.execute(select(table.c.next_offset).where(table.c.source == source)).scalar_one())


def release(connection: Connection, source: str, owner: str) -> None:
    """Let others take the source at once; nothing happens when it is no longer one's own."""
    held = (table.c.source == source) & (table.c.owner == owner)
    connection.execute(update(table).where(held).values(owner=None, lease_until_us=0))


def lock(connection: Connection, claim_: Claim) -> None:
    """The fence: lock the offset row for the batch. Raises `Fenced` when epoch or offset is not the expected one."""
    row = connection.execute(
        select(table.c.epoch, table.c.next_offset).where(table.c.source == claim_.source).with_for_update()
    ).one()
    if (row.epoch, row.next_offset) != (claim_.epoch, claim_.next_offset):
        raise Fenced(
            Both(
                f"{claim_.source} 现归另一进程（第 {row.epoch} 任，本进程是第 {claim_.epoch} 任；"
                f"位置 {row.next_offset}，本进程以为 {claim_.next_offset}）。",
                f"{claim_.source} is owned by another process now (epoch {row.epoch}, expected {claim_.epoch}; "
                f"offset {row.next_offset}, expected {claim_.next_offset})",
            ),
            Both(
                "本进程退出，没有重复写入；需要它备用的，请重新启动。",
                "This process leaves. Nothing was written twice; start it again if it should stand by.",
            ),
        )


def advance(connection: Connection, claim_: Claim, next_offset: int, last_event_ms: int | None) -> Claim:
    """The offset after the batch, and the claim to go on with. `last_event_ms`: the broker's time of its newest event."""
    values: dict[str, int | None] = {"next_offset": next_offset, "waiting": 0, "waiting_since_us": None, "rewound": 0}
    if last_event_ms is not None:
        values["last_event_ms"] = last_event_ms
    connection.execute(update(table).where(table.c.source == claim_.source).values(values))
    return Claim(claim_.source, claim_.epoch, next_offset)


def note_waiting(connection: Connection, bulk: Bulk, claim_: Claim, waiting: int) -> None:
    """Remember how many records wait for somebody to vouch for them, and since when."""
    lock(connection, claim_)
    row = connection.execute(select(table.c.waiting_since_us).where(table.c.source == claim_.source)).one()
    since = (row.waiting_since_us or bulk.now_us(connection)) if waiting else None
    connection.execute(update(table).where(table.c.source == claim_.source).values(waiting=waiting, waiting_since_us=since))


def note_rewound(connection: Connection, source: str) -> bool:
    """Remember that the position lies outside its topic; whether that is news. The source stands still meanwhile."""
    here = (table.c.source == source) & (table.c.rewound == 0)
    return connection.execute(update(table).where(here).values(rewound=1)).rowcount == 1


def rewind(connection: Connection, source: str, end: int) -> int:
    """Read the topic, which ends at `end`, from its start; returns the position until now.

    What was decided before will be known by its hash: every record read again gets an audit entry as `duplicate`. Raises
    `AnswerIsNo` when the position lies inside the topic: nothing was lost then.
    """
    row = connection.execute(select(table).where(table.c.source == source).with_for_update()).mappings().one()
    if row["next_offset"] <= end:
        raise AnswerIsNo(
            Both(
                f"{source} 已读到 {row['next_offset']}，主题现有 {end} 条：读取位置没有丢失。",
                f"{source} is read up to {row['next_offset']}, and its topic ends at {end}: nothing was lost.",
            ),
            Both(
                "无需处理；主题里缺的会自动请求补发（缺号见 czt hub status）。",
                "Nothing to do. What the topic lacks is asked for by itself (czt hub status shows the gaps).",
            ),
        )
    values = {"next_offset": 0, "rewound": 1, "waiting": 0, "waiting_since_us": None}
    connection.execute(update(table).where(table.c.source == source).values(values))
    return int(row["next_offset"])
