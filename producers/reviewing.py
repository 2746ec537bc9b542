"""A person answers what waits: rows go into the register as an import would have put them there, or are refused.

The same rules run again, on what the person says instead. A person may overrule a rule only where it asks for a judgement
(`DECIDABLE`); a value that can't be read or can't be right has to be given anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, select, update

from producers import register
from producers.capture.judging import GONE_REASON
from producers.catalogue.conflicts import conflicts
from producers.catalogue.kept_row import unpacked_row, with_values
from producers.catalogue.read import result_of
from producers.catalogue.remembered import Reads
from producers.catalogue.report import RowResult
from producers.catalogue.rows import Judged, judge
from producers.city_file import CityFile
from producers.diff import Change, Register, diff, withdrawals
from producers.held import ACCEPTED, REFUSED, WAITING, settled
from schemas import reasons
from schemas.codec import shanghai_day, shanghai_time
from schemas.entry import RegisterEntry, SourceStatus
from schemas.errors import AnswerIsNo, Both
from schemas.tables.source import captured_row, held_row

DECIDABLE = frozenset(("uscc_conflict_same_name", "possible_duplicate_product", "certificate_pattern", "struck_out", "hidden_row"))
"""Reasons that ask whether something unusual is so. A person's yes is enough: every value was read and passes its own rules."""

WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with what it came to. `entry` and `warnings` only when it was accepted."""

    question: RowMapping
    outcome: str
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    entry: RegisterEntry | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as `city review accept --json` shows it, in the words of `city import`."""
        number = self.entry.certificate_no if self.entry else self.question["certificate_no"]
        return {
            "id": self.question["id"],
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "certificate_no": number,
            "entry": self.entry.as_json() if self.entry else None,
        }


def open_questions(connection: Connection, limit: int, after: int) -> list[RowMapping]:
    """What waits, oldest first, with ids above `after`."""
    query = select(held_row).where(held_row.c.state == WAITING, held_row.c.id > after).order_by(held_row.c.id).limit(limit)
    return list(connection.execute(query).mappings())


def shown(one: RowMapping) -> dict[str, Any]:
    """A question as `city review list --json` shows it: `decidable` says whether a yes is enough."""
    codes = json.loads(one["reasons"])
    found = [reasons.get(code) for code in codes]
    said = [
        {"code": each.code, "text": {"zh": each.zh, "en": each.en}, "action": {"zh": each.action_zh, "en": each.action_en}}
        for each in found
    ]
    names = ("id", "kind", "file", "sheet", "row", "certificate_no", "held_at")
    return {
        **{name: one[name] for name in names},
        "key": one["capture_key"],
        "reasons": said,
        "cells": json.loads(one["cells"]),
        "decidable": one["kind"] == WITHDRAWAL or set(codes) <= DECIDABLE,
    }


def accept(
    connection: Connection, city_file: CityFile, ids: Sequence[int], by: str, said: Mapping[str, str], now: datetime
) -> tuple[list[Answered], int]:
    """Let these into the register, with what is `said` in place of their cells; the answers, and how many events come of it.

    Those that the rules don't take stay as they are. Raises `AnswerIsNo` when one of them doesn't wait, before anything is done.
    """
    register.lock(connection)
    questions = _waiting(connection, ids)
    before = register.read(connection)
    answers = _judged_again(connection, city_file, questions, said, before, now)
    events, time = 0, shanghai_time(now)
    for one in answers:
        if one.outcome == "accept":
            events += _enter(connection, one, before, time)
            decision = {"set": dict(said), "warnings": list(one.warnings), "reasons": json.loads(one.question["reasons"])}
            _answered(connection, one, ACCEPTED, by, None, decision, time)
    numbers = {one.entry.certificate_no for one in answers if one.entry}
    settled(connection, numbers, time, "file", "captured", "withdrawal")
    return answers, events


def accept_withdrawals(
    connection: Connection, city_file: CityFile, count: int, by: str, now: datetime
) -> tuple[list[Answered], int]:
    """Withdraw all entries that vanished from the table, when they are exactly so many. Raises `AnswerIsNo` otherwise."""
    register.lock(connection)
    query = select(held_row.c.id).where(held_row.c.state == WAITING, held_row.c.kind == WITHDRAWAL).order_by(held_row.c.id)
    ids = connection.execute(query).scalars().all()
    if len(ids) != count:
        raise AnswerIsNo(
            Both(f"待确认撤销的是 {len(ids)} 条，不是 {count} 条。", f"{len(ids)} withdrawals wait, not {count}."),
            Both("请用 czt city review list 核对后再确认。", "Look at them (`czt city review list`), then confirm that number."),
        )
    return accept(connection, city_file, ids, by, {}, now)


def refuse(connection: Connection, ids: Sequence[int], by: str, because: str, now: datetime) -> list[Answered]:
    """Leave the register as it is. Raises `AnswerIsNo` when one of them doesn't wait, before anything is done."""
    register.lock(connection)
    answers = [Answered(one, REFUSED, tuple(json.loads(one["reasons"]))) for one in _waiting(connection, ids)]
    for one in answers:
        _answered(connection, one, REFUSED, by, because, {}, shanghai_time(now))
    return answers


def _waiting(connection: Connection, ids: Sequence[int]) -> list[RowMapping]:
    query = select(held_row).where(held_row.c.state == WAITING, held_row.c.id.in_(set(ids))).order_by(held_row.c.id)
    found = list(connection.execute(query).mappings())
    if missing := sorted({*ids} - {one["id"] for one in found}):
        named = ", ".join(map(str, missing))
        raise AnswerIsNo(
            Both(
                f"编号 {named} 不在待审之列：已答复，或已有更新的内容。",
                f"{named} doesn't wait: answered, or something newer came.",
            ),
            Both("请用 czt city review list 查看现在待审的。", "See what waits now with `czt city review list`."),
        )
    return found


def _judged_again(
    connection: Connection,
    city_file: CityFile,
    questions: Sequence[RowMapping],
    said: Mapping[str, str],
    before: Register,
    now: datetime,
) -> list[Answered]:
    rows = [one for one in questions if one["kind"] != WITHDRAWAL]
    kept = [with_values(unpacked_row(one["judged"], place), said) for place, one in enumerate(rows, 1)]
    reads = {row.epoch: Reads(city_file, row.epoch) for row in kept}
    judged = [judge(row, city_file, reads[row.epoch]) for row in kept]
    stood = _stood_for(connection, rows)
    entries = {number: entry for number, (entry, _) in before.items() if number not in stood.values()}
    found = conflicts(judged, entries)
    others = _numbers_of_others(connection, rows)
    answers = [Answered(one, "accept") for one in questions if one["kind"] == WITHDRAWAL]
    for one, each in zip(rows, judged, strict=True):
        doubled = {"dup_certificate"} if each.certificate_no in others else set[str]()
        result = result_of(each, found.get(each.number, frozenset()) | doubled, shanghai_day(now))
        answers.append(_answer(one, each, result, now))
    return sorted(answers, key=lambda one: int(one.question["id"]))


def _answer(question: RowMapping, judged: Judged, result: RowResult, now: datetime) -> Answered:
    """Accepted when all its values were read and nothing is against it but what a person may decide."""
    if judged.entry is None or not set(result.reasons) <= DECIDABLE:
        return Answered(question, result.outcome, result.reasons)
    passed = result_of(replace(judged, reasons=frozenset()), frozenset(), shanghai_day(now))
    return Answered(question, "accept", (), passed.warnings, judged.entry)


def _stood_for(connection: Connection, rows: Iterable[RowMapping]) -> dict[str, str]:
    """Which entries these rows of the city's table stand for; they replace them."""
    keys = [one["capture_key"] for one in rows if one["capture_key"] is not None]
    query = select(captured_row.c.capture_key, captured_row.c.certificate_no).where(captured_row.c.capture_key.in_(keys))
    return {row.capture_key: row.certificate_no for row in connection.execute(query) if row.certificate_no is not None}


def _numbers_of_others(connection: Connection, rows: Sequence[RowMapping]) -> set[str]:
    """Certificate numbers under which other rows wait, or for which another row of the table stands where one of these is of it."""
    ids, keys = {one["id"] for one in rows}, {one["capture_key"] for one in rows if one["kind"] == "captured"}
    waits = select(held_row.c.id, held_row.c.certificate_no).where(held_row.c.state == WAITING, held_row.c.kind != WITHDRAWAL)
    found = {row.certificate_no for row in connection.execute(waits) if row.id not in ids and row.certificate_no}
    if keys:
        stands = select(captured_row.c.capture_key, captured_row.c.certificate_no)
        found |= {row.certificate_no for row in connection.execute(stands) if row.capture_key not in keys and row.certificate_no}
    return found


def _enter(connection: Connection, one: Answered, before: dict[str, tuple[RegisterEntry, int]], time: str) -> int:
    """Register and outbox; how many events. `before` goes along."""
    question = one.question
    if one.entry is None:
        changes = _withdrawn(before, question["certificate_no"])
    else:
        changes = diff(before, [one.entry])
        left = _stand(connection, question["capture_key"], one.entry.certificate_no) if question["kind"] == "captured" else None
        changes += _withdrawn(before, left) if left is not None else []
    cells = json.loads(question["cells"])
    origin = {**{name: question[name] for name in ("file_sha256", "sheet", "row")}, "cells": cells}
    register.apply(connection, [(change, origin) for change in changes], time)
    before |= {change.entry.certificate_no: (change.entry, change.version) for change in changes}
    return len(changes)


def _withdrawn(before: Register, number: str) -> list[Change]:
    known = before.get(number)
    if known is None or known[0].source_status is SourceStatus.WITHDRAWN:
        return []
    return withdrawals(before, [number], GONE_REASON)


def _stand(connection: Connection, key: str, number: str) -> str | None:
    """Let a row of the city's table stand for an entry; the other one for which nothing stands any more."""
    stood = connection.execute(select(captured_row.c.certificate_no).where(captured_row.c.capture_key == key)).scalar()
    connection.execute(update(captured_row).where(captured_row.c.capture_key == key).values(certificate_no=number))
    if stood is None or stood == number:
        return None
    others = select(func.count()).select_from(captured_row).where(captured_row.c.certificate_no == stood)
    return None if connection.execute(others).scalar_one() else str(stood)


def _answered(
    connection: Connection, one: Answered, state: str, by: str, because: str | None, decision: Mapping[str, Any], time: str
) -> None:
    number = one.entry.certificate_no if one.entry else one.question["certificate_no"]
    connection.execute(
        update(held_row)
        .where(held_row.c.id == bindparam("answered"))
        .values(
            state=state,
            decided_at=time,
            decided_by=by,
            because=because,
            certificate_no=number,
            decision=json.dumps(decision, ensure_ascii=False),
        ),
        {"answered": one.question["id"]},
    )
