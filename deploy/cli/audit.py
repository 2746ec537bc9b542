"""`czt audit …`: the log, folding it again, checking it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.identity import reference
from deploy.cli.paging import Cursor, Limit, show_next
from schemas.city import source_name
from schemas.errors import Both, UsageError

SHOWN_DIFFERENCES = 50
"""On a terminal; `--json` has all that were kept."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "log", "czt audit log --limit 20")(log)
    command(app, "as-of", "czt audit as-of --at 2021-07-22T18:00:00+08:00")(as_of)
    command(app, "replay", "czt audit replay")(replay)
    command(app, "verify", "czt audit verify --against-store")(verify)


def log(call: Call, limit: Limit = 100, cursor: Cursor = 0) -> None:
    """审计日志 · the audit log, entry by entry."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.audit_log(loader, limit, cursor)
    call.answer(answer, lambda: _show_log(call, answer))


def _show_log(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [
            one["index"],
            leaf["recorded_at"],
            source_name(leaf["source"]),
            leaf["id"],
            leaf["subject"],
            leaf["outcome"],
            leaf.get("reason"),
        ]
        for one in answer["entries"]
        for leaf in [one["leaf"]]
    ]
    call.table(["index", "time", "source", "sequence", "subject", "outcome", "reason"], rows, right=["index", "sequence"])
    show_next(call, answer)


def as_of(
    call: Call,
    at: Annotated[str, typer.Option("--at", metavar="INDEX|TIME", help="审计序号或时间 · an audit index, or a time")],
    valid_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="按哪一天的有效期看 · judge validity on this day")
    ] = None,
    product: Annotated[str | None, typer.Option(help="只看一个产品 · one product, by its key")] = None,
    entry: Annotated[str | None, typer.Option(metavar="C/N", help="只看一条目录所属的产品 · the product of one entry")] = None,
) -> None:
    """当时所知的互认产品：把日志重放到那一刻 · the products as they were known then: the log folded up to there."""
    from deploy.as_of import as_of as then
    from deploy.cli.listings import show_products
    from deploy.wiring import Wiring

    day = valid_on.date().isoformat() if valid_on else None
    listing = None if entry is None else reference(call, entry)
    key = None if listing is None else (listing.city, listing.certificate_no)
    with Wiring(call.settings) as wiring, call.working("replay.working"):
        answer = then(wiring, at, day, product, key)

    def human() -> None:
        call.say("as_of.head", index=answer["index"], time=answer["recorded_at"])
        show_products(call, answer["products"], answer["valid_on"])

    call.answer(answer, human)


def replay(call: Call) -> int:
    """把日志从头重放，与共享库逐行比较 · fold the log into a fresh store and compare every row."""
    from deploy.verifying import replayed
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, call.working("replay.working"):
        report = replayed(wiring)
    call.answer(report.as_json(), lambda: _show_replay(call, report.as_json()))
    return 0 if report.equal else 1


def _show_replay(call: Call, answer: dict[str, Any]) -> None:
    if answer["equal"]:
        call.say("replay.equal", entries=answer["entries"])
        return
    call.say("replay.differs", entries=answer["entries"], count=answer["total"])
    for one in answer["differences"][:SHOWN_DIFFERENCES]:
        call.line(f"  {one['object']} {one['key']} {one['field']}: {one['before']} ≠ {one['after']}")


def verify(
    call: Call,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="另存的检查点文件 · a checkpoint kept elsewhere; may be repeated")
    ] = None,
    against_store: Annotated[
        bool, typer.Option("--against-store", help="同时核对共享库的现行数据 · compare the live tables too")
    ] = False,
) -> int:
    """从日志原文重新计算并核对一切 · recompute everything from the entries and check it."""
    from deploy.verifying import verify_all
    from deploy.wiring import Wiring

    notes = [_note(call, file) for file in checkpoint or []]
    with Wiring(call.settings) as wiring, call.working("verify.working"):
        answer = verify_all(wiring, notes, against_store=against_store)
    call.answer(answer, lambda: _show_verification(call, answer))
    return 0 if answer["ok"] else 1


def _note(call: Call, file: Path) -> str:
    call.require_file(file)
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            Both(f"{file} 不是检查点文件。", f"{file} is no checkpoint."),
            Both("应是 UTF-8 的签名文件（C2SP signed-note）。", "Expected a C2SP signed note in UTF-8."),
        ) from None


def _show_verification(call: Call, answer: dict[str, Any]) -> None:
    rows = [[one["name"], call.text("doctor.ok" if one["ok"] else "doctor.fail"), one["detail"]] for one in answer["checks"]]
    call.table(["check", "outcome", "found"], rows)
    call.line()
    if answer["ok"]:
        call.say("verify.ok", size=answer["size"], root=answer["root"])
    else:
        call.say("verify.bad", count=sum(not one["ok"] for one in answer["checks"]))
