"""Days rise by exactly one, and none begins before it has come: what the joint office may begin, and what its relay catches up."""

from datetime import date, timedelta

from sqlalchemy import Connection, Engine, select

from deploy.joint.office import put_in
from deploy.joint.proposals import day_began
from schemas.codec import shanghai_day
from schemas.decisions import DayBegan
from schemas.errors import AnswerIsNo, Both
from schemas.events import DAY_BEGAN
from schemas.ports import Clock
from schemas.tables.source import outbox as table
from schemas.tables.source import seal
from schemas.tables.transactions import transaction

ONE_DAY = timedelta(days=1)


def last_day(engine: Engine) -> date | None:
    """The newest day that the joint office began, sealed or not; None before the first."""
    with transaction(engine) as connection:
        return _last_day(connection)


def _last_day(connection: Connection) -> date | None:
    query = select(table.c.data).where(table.c.type == DAY_BEGAN.name).order_by(table.c.id.desc()).limit(1)
    data = connection.execute(query).scalar_one_or_none()
    return None if data is None else DayBegan.model_validate_json(data).day


def check_day(day: date, last: date | None, today: date) -> None:
    """Raises `AnswerIsNo` for a day that the hub would reject, or would not read before its time."""
    if last is not None and day != last + ONE_DAY:
        raise AnswerIsNo(
            Both(f"{day} 不能开始：已开始到 {last}。", f"{day} can't begin: the last day that began is {last}."),
            Both(
                f"日期一天一天往后走，下一天是 {last + ONE_DAY}；czt joint relay 会自动补齐到今天。",
                f"Days rise by one, the next is {last + ONE_DAY}; `czt joint relay` begins all up to today by itself.",
            ),
        )
    if day > today:
        raise AnswerIsNo(
            Both(f"{day} 还没有到，今天是 {today}（北京时间）。", f"{day} has not come yet: today is {today} in Shanghai."),
            Both("请填今天或以前的日期。", "Name today or a day before."),
        )


def begin_missed_days(engine: Engine, clock: Clock, log_size: int) -> int:
    """Put each day after the last one up to today into the outbox, one by one; how many.

    Nothing before the first day was set by hand. Looking and putting are one step under the seal row's lock: a relay that
    slept in between, past its lease, would begin days that another one has begun.
    """
    with transaction(engine) as connection:
        connection.execute(select(seal.c.id).with_for_update())
        last, today = _last_day(connection), shanghai_day(clock.now())
        if last is None or last >= today:
            return 0
        days = [last + i * ONE_DAY for i in range(1, (today - last).days + 1)]
        put_in(connection, [day_began(day, "czt joint relay", log_size) for day in days], clock)
    return len(days)
