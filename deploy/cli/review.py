"""`czt city review …`: a person answers what neither an import nor captured rows could decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.chains import CityOption
from deploy.cli.command import command
from deploy.cli.paging import Cursor, Limit, show_next
from schemas.errors import UsageError

if TYPE_CHECKING:
    from producers.reviewing import Answered

Ids = Annotated[list[int], typer.Argument(metavar="ID…", min=1, help="待审编号，见 review list · as review list names them")]
MaybeIds = Annotated[
    list[int] | None, typer.Argument(metavar="[ID…]", min=1, help="待审编号，见 review list · as review list names them")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="改用这个值，可重复 · a cell's right value, may be repeated"),
]
Confirmed = Annotated[
    int | None, typer.Option(min=1, help="确认撤销表中消失的这么多条 · withdraw what vanished from the table: exactly so many")
]
By = Annotated[str, typer.Option("--by", help="谁审核的 · who decides")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "list", "czt city review list --city changsha")(list_)
    command(app, "accept", "czt city review accept 3 --city changsha --by 张三 --set status=有效")(accept)
    command(app, "refuse", "czt city review refuse 3 --city changsha --by 张三 --because 已作废")(refuse)


def list_(call: Call, city: CityOption, limit: Limit = 100, cursor: Cursor = 0) -> None:
    """待审的行：出处、原因、怎么办、采用的单元格 · rows that wait for a person: where, why, what to do, and their cells."""
    from deploy.wiring import Wiring
    from producers.reviewing import open_questions, shown
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring, transaction(wiring.source_engine(city.source)) as connection:
        found = open_questions(connection, limit + 1, cursor)
    more = found[limit - 1]["id"] if len(found) > limit else None
    answer = {"city": city.word, "rows": [shown(one) for one in found[:limit]], "next": more}
    call.answer(answer, lambda: _show_list(call, answer))


def _show_list(call: Call, answer: dict[str, Any]) -> None:
    lang = call.manner.lang
    rows = []
    for one in answer["rows"]:
        why = "\n".join(f"{each['text'][lang]} [{each['code']}]" for each in one["reasons"])
        action = "\n".join(dict.fromkeys(each["action"][lang] for each in one["reasons"]))
        cells = "\n".join(f"{field}={text}" for field, text in one["cells"].items())
        yes = call.text("review.yes" if one["decidable"] else "review.needs_value")
        rows.append([one["id"], _place(call, one), one["certificate_no"], why, f"{action}\n{yes}", cells])
    call.table(["id", "place", "certificate_no", "reason", "what_to_do", "cells"], rows, right=["id"])
    show_next(call, answer)


def _place(call: Call, one: dict[str, Any]) -> str:
    if one["kind"] == "file":
        return " ".join(str(part) for part in (one["file"], one["sheet"], one["row"]) if part is not None)
    return call.text("review.captured" if one["kind"] == "captured" else "review.gone", table=one["sheet"], row_key=one["key"])


def accept(
    call: Call,
    city: CityOption,
    by: By,
    ids: MaybeIds = None,
    set_: Set = None,
    confirm_withdrawals: Confirmed = None,
) -> int:
    """收入名录：规则重新核对一遍；能由人判断的才能直接收 · let rows into the register; the rules run again on what is set."""
    from deploy.wiring import Wiring
    from producers.reviewing import accept as accepted
    from producers.reviewing import accept_withdrawals
    from schemas.tables.transactions import transaction

    said = _said(call, set_ or [], ids or [])
    if (confirm_withdrawals is None) == (not ids):
        raise UsageError(call.text("review.which"), call.text("review.which_next"))
    with Wiring(call.settings) as wiring:
        engine, city_file, now = wiring.source_engine(city.source), wiring.city_file(city.source), wiring.clock.now()
        with transaction(engine) as connection:
            if confirm_withdrawals is not None:
                answers, events = accept_withdrawals(connection, city_file, confirm_withdrawals, by, now)
            else:
                answers, events = accepted(connection, city_file, ids or [], by, said, now)
    return _show_answers(call, city.word, answers, events)


def _said(call: Call, words: Sequence[str], ids: Sequence[int]) -> dict[str, str]:
    """`field=value` as a mapping. Raises `UsageError`."""
    from producers.city_file import FIELDS

    fields = [field for field in FIELDS if field != "seq"]
    said = {field: value for field, _, value in (word.partition("=") for word in words)}
    if wrong := [word for word in words if "=" not in word or word.partition("=")[0] not in fields]:
        raise UsageError(call.text("review.bad_set", found=wrong[0]), call.text("review.bad_set_next", fields=", ".join(fields)))
    if said and len(ids) != 1:
        raise UsageError(call.text("review.one_set"), call.text("review.one_set_next"))
    return said


def refuse(
    call: Call,
    ids: Ids,
    city: CityOption,
    by: By,
    because: Annotated[str, typer.Option("--because", help="为什么 · why")],
) -> None:
    """不收：名录保持原样，记下谁为什么 · leave the register as it is, and keep who said so and why."""
    from deploy.wiring import Wiring
    from producers.reviewing import refuse as refused
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring:
        engine, now = wiring.source_engine(city.source), wiring.clock.now()
        with transaction(engine) as connection:
            answers = refused(connection, ids, by, because, now)
    _show_answers(call, city.word, answers, 0)


def _show_answers(call: Call, city: str, answers: "Sequence[Answered]", events: int) -> int:
    from schemas import reasons

    rows = [one.as_json() for one in answers]
    zh = call.manner.lang == "zh"

    def human() -> None:
        lines = []
        for one in rows:
            found = [reasons.get(code) for code in (*one["reasons"], *one["warnings"])]
            why = "\n".join(f"{each.zh if zh else each.en} [{each.code}]" for each in found)
            lines.append([one["id"], call.text(one["outcome"]), one["certificate_no"], why])
        call.table(["id", "outcome", "certificate_no", "reason"], lines, right=["id"])
        call.say("review.done", events=events)

    call.answer({"city": city, "rows": rows, "events": events}, human)
    return 1 if any(one.outcome in ("review", "reject") for one in answers) else 0
