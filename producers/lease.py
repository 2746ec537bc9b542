"""One relay a source: the lease on the seal row. A second relay, started by mistake, stands by."""

from sqlalchemy import Connection, RowMapping, select, update

from schemas.errors import Both, Fenced
from schemas.tables.clock import now_us
from schemas.tables.source import seal


def take(connection: Connection, owner: str, lease_seconds: float) -> int | None:
    """Take or renew the lease; returns its epoch, None while another relay holds it (nothing is locked then)."""
    if _is_anothers(connection.execute(select(seal)).mappings().one(), owner, _now(connection)):
        return None
    row = connection.execute(select(seal).with_for_update()).mappings().one()
    now = _now(connection)
    if _is_anothers(row, owner, now):
        return None
    mine = row["owner"] == owner
    epoch = row["epoch"] if mine else row["epoch"] + 1
    until = now + int(lease_seconds * 1_000_000)
    connection.execute(update(seal).values(owner=owner, epoch=epoch, lease_until_us=until))
    return int(epoch)


def _is_anothers(row: RowMapping, owner: str, now: int) -> bool:
    return row["owner"] not in (None, owner) and row["lease_until_us"] > now


def _now(connection: Connection) -> int:
    return int(connection.execute(now_us(connection.dialect.name)).scalar_one())


def require(connection: Connection, epoch: int) -> None:
    """The fence of every write. Raises `Fenced` when another relay took over meanwhile."""
    found = connection.execute(select(seal.c.epoch).with_for_update()).scalar_one()
    if found != epoch:
        raise Fenced(
            Both(
                f"另一个发送程序已接管（第 {found} 任，本程序是第 {epoch} 任）。",
                f"another relay took over (epoch {found}, expected {epoch})",
            ),
            Both(
                "本程序退出。它发出的内容会按哈希认出，答作重复。",
                "This one leaves. What it sent is known by its hash and will be answered as duplicate.",
            ),
        )


def release(connection: Connection, owner: str) -> None:
    """Let a standby take over at once."""
    connection.execute(update(seal).where(seal.c.owner == owner).values(owner=None, lease_until_us=0))
