"""`czt hub products`, `entry`, `events`, `dead-letters`: what the shared store holds and why."""

import base64
import re
from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from deploy.cli.call import Call
from deploy.cli.command import command, group
from deploy.cli.paging import Cursor, Limit, show_next, source_of
from schemas.city import City, source_name
from schemas.errors import AnswerIsNo, Both, UsageError
from schemas.outgoing import ProductStatus

Outcome = Literal["applied", "superseded", "rejected", "parked", "duplicate", "refused"]
Day = Annotated[datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], metavar="DAY", help="按哪一天看 · as of this day")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "products", "czt hub products --status recognized")(products)
    command(app, "entry", "czt hub entry changsha CSLX-00112")(entry)
    command(app, "events", "czt hub events --source changsha --outcome rejected")(events)
    letters = group(app, "dead-letters", "拒收的记录 · refused records")
    command(letters, "list", "czt hub dead-letters list")(dead_letters)
    command(letters, "show", "czt hub dead-letters show 120")(dead_letter)


def products(
    call: Call,
    status: Annotated[ProductStatus | None, typer.Option(help="状态 · recognition status")] = None,
    city: Annotated[City | None, typer.Option(metavar="CITY", help="列入城市 · listed by this city")] = None,
    district: Annotated[str | None, typer.Option(metavar="CODE", help="所在区县的代码 · code of the firm's district")] = None,
    category: Annotated[str | None, typer.Option(help="产品类别 · category")] = None,
    q: Annotated[str | None, typer.Option("--q", help="名称、型号或信用代码 · name, model or credit code")] = None,
    day: Day = None,
    limit: Limit = 100,
    cursor: Annotated[str, typer.Option(help="从上一页给出的位置继续 · go on where the last page ended")] = "",
) -> None:
    """互认产品及其状态 · products and their recognition status."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    if cursor and not re.fullmatch("[0-9a-f]{20}", cursor):
        raise UsageError(call.text("bad_cursor", cursor=cursor), call.text("bad_cursor_next"))
    asked = day.date().isoformat() if day else None
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.products(
            loader,
            status=status,
            city=city.word if city else None,
            district=district,
            category=category,
            q=q,
            day=asked,
            limit=limit,
            cursor=cursor,
        )

    def human() -> None:
        show_products(call, answer["products"], answer["day"])
        show_next(call, answer)

    call.answer(answer, human)


def show_products(call: Call, products: list[dict[str, Any]], day: str | None) -> None:
    """Products as a table, the day they are judged on, and what recognition is."""
    rows = [
        [
            one["product_key"],
            call.text(one["status"]) + (f"（{call.text('disputed')}）" if one["disputed"] else ""),
            one["enterprise_name"],
            one["product_name"],
            "、".join(one["models"]),
            " ".join(f"{listing['city']}/{listing['certificate_no']}" for listing in one["listings"]),
            one["batch"],
        ]
        for one in products
    ]
    call.table(["product_key", "status", "enterprise", "product", "models", "cities", "batch"], rows, right=["batch"])
    call.line()
    if day is None:
        call.say("hub.no_day")
    else:
        call.say("hub.day", day=day)
    call.say("preference")


def entry(
    call: Call,
    city: Annotated[City, typer.Argument(metavar="CITY", help="城市 · the city")],
    certificate_no: Annotated[str, typer.Argument(help="认定编号 · certificate number")],
) -> None:
    """一条目录的现状和全部经过 · one register entry as it is, and all that happened to it."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.entry(loader, city, certificate_no)
    if answer is None:
        message = call.text("entry.unknown", city=city.word, number=certificate_no)
        raise AnswerIsNo(message, call.text("entry.unknown_next"))
    call.answer(answer, lambda: _show_entry(call, answer))


def _show_entry(call: Call, answer: dict[str, Any]) -> None:
    for name, value in (answer["entry"] or {}).items():
        if value not in (None, [], ""):
            call.line(f"{name:20} {'、'.join(value) if isinstance(value, list) else value}")
    call.line(f"{'product_key':20} {answer['product_key'] or ''}")
    call.line()
    rows = [
        [
            one["audit_index"],
            one["sequence"],
            one["type"],
            one["outcome"],
            one["reason"],
            one["recorded_at"],
            "、".join(change["field"] for change in one["changes"]),
        ]
        for one in answer["history"]
    ]
    heads = ["index", "sequence", "type", "outcome", "reason", "time", "changes"]
    call.table(heads, rows, right=["index", "sequence"])


def events(
    call: Call,
    source: Annotated[str | None, typer.Option(help="来源 · changsha … joint-office")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="结果 · outcome")] = None,
    since: Annotated[str | None, typer.Option(help="自何时起，RFC 3339 · recorded since, a day or a time with offset")] = None,
    limit: Limit = 100,
    cursor: Cursor = 0,
) -> None:
    """读到的每条记录及其结果 · every record that was read, and its outcome."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    only, after = source_of(call, source) if source else None, _since(since)
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.events(loader, source=only, outcome=outcome, since=after, limit=limit, cursor=cursor)
    call.answer(answer, lambda: _show_events(call, answer))


def _since(words: str | None) -> str | None:
    """A day (Shanghai) or an RFC 3339 time, as the log writes times. Raises `UsageError`."""
    from schemas.codec import moment_of, utc_micros

    if words is None:
        return None
    try:
        return utc_micros(moment_of(words))
    except ValueError:
        raise UsageError(
            Both(f"--since 的值“{words}”不是时间。", f"--since {words!r} is no time."),
            Both("应写成 2021-07-22 或 2021-07-22T09:00:00+08:00。", "Write 2021-07-22 or 2021-07-22T09:00:00+08:00."),
        ) from None


def _show_events(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [
            one["audit_index"],
            source_name(one["source"]),
            one["sequence"],
            re.sub(r"^cn\.czt\.", "", one["type"]),
            one["subject"],
            one["outcome"],
            one["reason"],
        ]
        for one in answer["events"]
    ]
    heads = ["index", "source", "sequence", "type", "subject", "outcome", "reason"]
    call.table(heads, rows, right=["index", "sequence"])
    show_next(call, answer)


def dead_letters(call: Call, limit: Limit = 100, cursor: Cursor = 0) -> None:
    """拒收的记录及原因 · refused records and why; the source's next record mends."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.dead_letters(loader, limit, cursor)
    call.answer(answer, lambda: _show_dead_letters(call, answer))


def _show_dead_letters(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [one["audit_index"], source_name(one["source"]), one["topic"], one["offset"], one["reason"], one["recorded_at"]]
        for one in answer["dead_letters"]
    ]
    call.table(["index", "source", "topic", "offset", "reason", "time"], rows, right=["index", "offset"])
    show_next(call, answer)


def dead_letter(
    call: Call, index: Annotated[int, typer.Argument(metavar="INDEX", min=0, help="审计序号 · the audit index")]
) -> None:
    """一条拒收的记录的原文和原头 · one refused record: its bytes and headers as they came."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.dead_letter(loader, index)
    if answer is None:
        raise AnswerIsNo(call.text("letter.unknown", index=index), call.text("letter.unknown_next"))
    call.answer(answer, lambda: _show_dead_letter(call, answer))


def _show_dead_letter(call: Call, answer: dict[str, Any]) -> None:
    for name in ("source", "topic", "offset", "reason", "recorded_at"):
        call.line(f"{name:12} {answer[name]}")
    for name, value in answer["headers"]:
        call.line(f"{name:12} {base64.b64decode(value).decode('utf-8', 'replace')}")
    call.line()
    call.line(call.text("letter.null") if answer["value"] is None else base64.b64decode(answer["value"]).decode("utf-8", "replace"))
