"""`czt hub parked …`: what waits, and letting it go on."""

from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.decided import require_two
from deploy.cli.paging import Cursor, Limit, show_next, source_of
from schemas.city import source_name
from schemas.errors import AnswerIsNo

Source = Annotated[str | None, typer.Option(help="来源 · changsha … joint-office")]
Subject = Annotated[str | None, typer.Option(help="认定编号 · certificate number")]
Why = Annotated[str | None, typer.Option(help="原因 · reason code, such as rule_set_waits")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "list", "czt hub parked list --reason rule_set_waits")(parked_list)
    command(app, "show", "czt hub parked show changsha 120")(show)
    command(app, "release", "czt hub parked release --source changsha --by 张三 --agreed-by 李四")(release)


def parked_list(
    call: Call, source: Source = None, subject: Subject = None, reason: Why = None, limit: Limit = 100, cursor: Cursor = 0
) -> None:
    """搁置的事件：每个条目的第一件、原因、已等多久 · what waits: the first event of each entry, why, and since when."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    only = source_of(call, source) if source else None
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.parked(loader, wiring.clock.now(), source=only, subject=subject, reason=reason, limit=limit, cursor=cursor)
    call.answer(answer, lambda: _show_list(call, answer))


def _show_list(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [
            source_name(one["source"]),
            one["sequence"],
            one["subject"],
            one["type"].removeprefix("cn.czt."),
            one["reason"],
            f"{one['age_seconds']} s",
            one["behind"],
        ]
        for one in answer["parked"]
    ]
    heads = ["source", "sequence", "subject", "type", "reason", "age", "behind"]
    call.table(heads, rows, right=["sequence", "age", "behind"])
    show_next(call, answer)


def show(
    call: Call,
    source: Annotated[str, typer.Argument(help="来源 · changsha … joint-office")],
    sequence: Annotated[int, typer.Argument(min=1, help="序号 · sequence")],
) -> None:
    """一件搁置的事件：原文，以及放行后的结果 · one that waits: its bytes, and what releasing it would bring."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    address = source_of(call, source)
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.parked_event(loader, address, sequence, wiring.clock.now())
    if answer is None:
        text = call.text("parked.unknown", source=source_name(address), sequence=sequence)
        raise AnswerIsNo(text, call.text("parked.unknown_next"))
    call.answer(answer, lambda: _show_one(call, answer))


def _show_one(call: Call, answer: dict[str, Any]) -> None:
    call.line(answer["value"])
    call.line()
    if answer["waits_behind"] is not None:
        call.say("parked.behind", first=answer["waits_behind"])
    _show_results(call, [answer])


def release(
    call: Call,
    source: Source = None,
    subject: Subject = None,
    reason: Why = None,
    by: Annotated[str | None, typer.Option(help="谁提出 · who proposes it")] = None,
    agreed_by: Annotated[str | None, typer.Option(help="谁同意（另一个人）· who agrees, another person")] = None,
) -> None:
    """放行搁置的事件；不写两人姓名就是试运行 · let what waits go on; without two names it is a dry run."""
    from deploy.joint.releasing import find, release_all
    from deploy.wiring import Wiring

    people = require_two(call, by, agreed_by) if by or agreed_by else None
    only = source_of(call, source) if source else None
    with Wiring(call.settings) as wiring:
        found, size = find(wiring, only, subject, reason)
        answers = release_all(wiring, found, people, size) if people else []
    decisions = [answer.as_json() for answer in answers]
    answer = {"released": found, "decisions": decisions, "dry_run": people is None}
    call.answer(answer, lambda: _show_released(call, answer))


def _show_released(call: Call, answer: dict[str, Any]) -> None:
    if not answer["released"]:
        call.say("parked.nothing")
        return
    _show_results(call, answer["released"])
    if answer["dry_run"]:
        call.say("parked.dry")
    elif answer["decisions"]:
        call.say("parked.released", count=len(answer["decisions"]))


def _show_results(call: Call, released: list[dict[str, Any]]) -> None:
    rows = [
        [source_name(one["source"]), event["sequence"], one["subject"], event["type"], event["outcome"], event["reason"]]
        for one in released
        for event in one["would_become"]
    ]
    call.table(["source", "sequence", "subject", "type", "would_be", "reason"], rows, right=["sequence"])
    if any(event["outcome"] == "parked" for one in released for event in one["would_become"]):
        call.say("parked.again")
