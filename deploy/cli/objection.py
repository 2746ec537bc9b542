"""`czt joint objection …`: raised by anyone with a reason, answered by the owning city, settled by two people."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.decided import By, First, Second, decide_one, require_two
from schemas.city import City
from schemas.errors import AnswerIsNo

Key = Annotated[str, typer.Argument(metavar="PRODUCT", help="产品标识 · product key, 20 hex digits")]
Number = Annotated[str, typer.Argument(metavar="OBJECTION", help="异议编号 · the objection's number")]
Reason = Annotated[str, typer.Option("--text", help="理由 · the words")]
Effect = Literal["none", "suspend", "restore", "bar"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    key = "0123456789abcdef0123"
    command(app, "list", "czt joint objection list")(objection_list)
    command(app, "raise", f"czt joint objection raise {key} YY-2021-001 --text 型号与证书不符")(raise_)
    command(app, "answer", f"czt joint objection answer {key} YY-2021-001 --city changsha --text 已核实")(answer)
    command(app, "export", "czt joint objection export YY-2021-001 --out 卷宗-YY-2021-001")(export)
    two = "--by 张三 --agreed-by 李四"
    command(app, "settle", f"czt joint objection settle {key} YY-2021-001 --effect suspend {two}")(settle)


def objection_list(call: Call) -> None:
    """未了结的异议，按期限排列 · open objections by deadline."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        found = queries.objections(loader)
    call.answer(found, lambda: _show(call, found))


def _show(call: Call, found: dict[str, Any]) -> None:
    rows = [
        [
            one["objection"],
            one["product_key"],
            one["product_name"],
            " ".join(one["cities"]),
            " ".join(one["answered"]),
            one["deadline"] + (f" {call.text('overdue')}" if one["overdue"] else ""),
        ]
        for one in found["objections"]
    ]
    call.table(["objection", "product_key", "product", "cities", "answered", "deadline"], rows)


def raise_(
    call: Call,
    product: Key,
    objection: Number,
    text: Reason,
    deadline: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="答复期限 · to be answered by")
    ] = None,
    by: By = None,
) -> None:
    """对一个产品提出异议 · object to a product; every reader sees it as disputed until it is settled."""
    from deploy.joint.proposals import objection_raised

    until = _deadline(call, product, deadline)
    decide_one(call, lambda person, size: objection_raised(objection, product, text, until, person, size), by)


def _deadline(call: Call, product: str, given: datetime | None) -> date:
    """The day given, or as many days as the rule set says after the store's day. Raises `AnswerIsNo`."""
    from consumers.store import queries
    from deploy.wiring import Wiring
    from schemas.codec import shanghai_day

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        if queries.product(loader, product) is None:
            raise AnswerIsNo(call.text("product.unknown", product=product), call.text("product.unknown_next"))
        context = loader.context(exclusive=False, lock=False)
        today = date.fromisoformat(context.day) if context.day else shanghai_day(wiring.clock.now())
    if given is not None:
        return given.date()
    if context.rules is None:
        raise AnswerIsNo(call.text("objection.no_rules"), call.text("objection.no_rules_next"))
    return today + timedelta(days=context.rules.objection_days)


def answer(
    call: Call,
    product: Key,
    objection: Number,
    city: Annotated[City, typer.Option(metavar="CITY", help="哪个市答复 · the city that answers")],
    text: Reason,
) -> None:
    """由列入城市答复异议 · a city that lists the product answers; its relay sends the answer."""
    from deploy.joint.answering import answer_objection
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        row = answer_objection(wiring, city, objection, product, text)
    answered = {"city": city.word, "objection": objection, "product_key": product, "outbox_id": row}
    call.answer(answered, lambda: call.say("objection.answered", city=city.word))


def export(
    call: Call,
    objection: Number,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写到哪个目录 · the folder to write to")],
) -> None:
    """导出一件异议的全部卷宗 · the whole file of an objection: JSON with every record, and a page to read (in Chinese)."""
    from deploy.papers.objection_file import objection_file
    from deploy.papers.objection_paper import write_objection
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, call.working("replay.working"):
        file = objection_file(wiring, objection)
    if file is None:
        raise AnswerIsNo(call.text("objection.unknown", objection=objection), call.text("objection.unknown_next"))
    written = write_objection(out, file, call.settings.cities)
    answer = {"objection": objection, "state": file["state"], "product_key": file["product_key"], "steps": len(file["steps"])}
    answer |= {"files": [str(path) for path in written]}
    call.answer(answer, lambda: _say_written(call, written))


def _say_written(call: Call, written: list[Path]) -> None:
    for path in written:
        call.say("buyers.written", file=path)


def settle(
    call: Call,
    product: Key,
    objection: Number,
    effect: Annotated[Effect, typer.Option(help="效果：无、暂停、恢复、禁申 · what comes of it")],
    text: Reason = "",
    by: First = "",
    agreed_by: Second = "",
) -> None:
    """了结异议 · close an objection with its effect."""
    from deploy.joint.proposals import objection_settled

    people = require_two(call, by, agreed_by)
    decide_one(call, lambda _, size: objection_settled(objection, product, effect, text, people, size), None)
