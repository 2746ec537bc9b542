"""`czt city …`: a city imports its catalogue, relays its changes, and reads what became of them."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli import capture, chains, conformance, files, keys, review
from deploy.cli.call import Call
from deploy.cli.command import command, group
from deploy.words import EVENTS
from schemas.errors import UsageError

if TYPE_CHECKING:
    from producers.importing import ImportResult

CityOption = chains.CityOption


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "import", "czt city import 长沙目录.xlsx --city changsha")(import_)
    command(app, "relay", "czt city relay --city changsha --once")(relay)
    files.register(app)
    chains.register_city(app)
    conformance.register_city(app)
    keys.register_city(group(app, "key", "本市密钥的更换 · changing the city's key"))
    command(app, "receipts", "czt city receipts --city changsha")(receipts)
    capture.register(group(app, "capture", "由程序写的名录 · a register that a program writes"))
    review.register(group(app, "review", "待审的行 · rows that wait for a person"))


def import_(
    call: Call,
    file: Annotated[Path, typer.Argument(help="目录文件：xlsx、xlsm、csv · the catalogue")],
    city: CityOption,
    complete: Annotated[
        bool, typer.Option("--complete", help="这是全部名录，缺的算撤销 · it is the whole register: what is missing is withdrawn")
    ] = False,
    confirm_withdrawals: Annotated[
        int | None, typer.Option(min=0, help="确认撤销这么多条 · withdraw exactly so many missing entries")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入 · report only, write nothing")] = False,
    correction: Annotated[bool, typer.Option("--correction", help="改的是原来写错的 · what changes was wrong before")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="按哪一天判断有效期 · the day warnings are about")
    ] = None,
) -> int:
    """导入目录，逐行报告 · read a catalogue into the city's register, with a report for every row."""
    from deploy.importing import import_file
    from deploy.wiring import Wiring
    from producers.importing import ImportOptions
    from schemas.codec import shanghai_day

    call.require_file(file)
    if confirm_withdrawals is not None and not complete:
        raise UsageError(
            call.text("import.only_complete"), call.text("import.only_complete_next", city=city.word, number=confirm_withdrawals)
        )
    options = ImportOptions(complete, confirm_withdrawals, correction, dry_run)
    with Wiring(call.settings) as wiring, call.working("import.working", file=file.name) as progress:
        day: date = as_of.date() if as_of else shanghai_day(wiring.clock.now())
        result = import_file(wiring, file, city, day, options, progress)
    call.answer(lambda: result.answer, lambda: _show_import(call, result, dry_run=dry_run))
    return 0 if result.clean else 1


def _show_import(call: Call, result: "ImportResult", *, dry_run: bool) -> None:
    answer = result.summary
    rows = [_import_row(call, row) for row in result.rows.not_accepted()]
    if rows:
        call.table(["row", "outcome", "certificate_no", "reason", "what_to_do"], rows, right=["row"])
        call.line()
    if answer.get("extra_columns"):
        call.say("import.extra", columns="、".join(answer["extra_columns"]))
    control = answer["control_total"]
    if control and control["declared"] != control["counted"]:
        call.say("import.control", **control)
    if answer["held"]:
        call.say("import.held", **answer["held"])
    if dry_run:
        _show_changes(call, answer.get("changes", []))
        call.say("import.dry")
    elif result.seen_before:
        call.say("import.seen")
    totals = {"city": answer["city"], "file": answer["file"], "events": answer["events"], **answer["totals"]}
    call.say("import.totals", **totals)


def _show_changes(call: Call, changes: list[dict[str, Any]]) -> None:
    if changes:
        rows = [[one[name] for name in ("key", "event", "field", "before", "after")] for one in changes]
        call.table(["certificate_no", "event", "field", "before", "after"], rows)
        call.line()


def _import_row(call: Call, row: dict[str, Any]) -> list[object]:
    from schemas import reasons

    found = [reasons.get(code) for code in row["reasons"]]
    zh = call.manner.lang == "zh"
    why = "\n".join(f"{one.zh if zh else one.en} [{one.code}]" for one in found)
    action = "\n".join(dict.fromkeys(one.action_zh if zh else one.action_en for one in found))
    return [row["row"], call.text(row["outcome"]), row["certificate_no"], why, action]


def relay(
    call: Call,
    city: CityOption,
    once: Annotated[bool, typer.Option("--once", help="发完就停 · send what waits, then stop")] = False,
) -> None:
    """把变更编号、签名、发出 · seal, sign and publish the city's changes."""
    from deploy.key_rotation import untrusted_key
    from deploy.relaying import relay_forever, relay_once
    from deploy.running import Forever
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        if not once:
            relay_forever(wiring, city.source, Forever(call.settings))
            return
        report, untrusted = relay_once(wiring, city.source), untrusted_key(wiring, city.source)
    answer = {
        "city": city.word,
        "sealed": report.sealed,
        "published": report.published,
        "last_sequence": report.last_sequence,
    }
    call.answer(answer, lambda: call.say("relay.done", source=city.word, **vars(report)))
    if untrusted is not None:
        call.note("relay.untrusted", name=city.word, **untrusted)


def receipts(
    call: Call,
    city: CityOption,
    every: Annotated[bool, typer.Option("--all", help="也列出已生效的 · list what was applied too")] = False,
) -> None:
    """发出的变更结果如何 · what became of what the city sent."""
    from deploy.wiring import Wiring
    from producers.receipts import read_receipts
    from producers.receipts import receipts as stored
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring:
        engine = wiring.source_engine(city.source)
        read_receipts(engine, city.source, wiring.subscriber)
        with transaction(engine) as connection:
            answer = stored(connection, city.source)
    call.answer(answer, lambda: _show_receipts(call, answer, every=every))


def _show_receipts(call: Call, answer: dict[str, Any], *, every: bool) -> None:
    found = answer["receipts"]
    if not found:
        call.say("receipts.none")
        return
    shown = [one for one in found if every or one["outcome"] != "applied" or one["reason"] not in (None, "statement_agrees")]
    if shown:
        columns = ["sequence", "certificate_no", "event", "outcome", "reason", "what_to_do", "index"]
        call.table(columns, [_receipt_row(call, one) for one in shown], right=["sequence", "index"])
        call.line()
    applied = sum(one["outcome"] == "applied" for one in found)
    call.say("receipts.totals", city=answer["city"], answered=len(found), applied=applied, unanswered=answer["unanswered"])
    if len(shown) < len(found):
        call.say("receipts.all", hidden=len(found) - len(shown))


def _receipt_row(call: Call, one: dict[str, Any]) -> list[object]:
    from schemas import reasons

    place = 0 if call.manner.lang == "zh" else 1
    known = reasons.ALL.get(one["reason"] or "")
    why = f"{(known.zh, known.en)[place]} [{known.code}]" if known else one["reason"]
    what = EVENTS[one["type"]][place] if one["type"] in EVENTS else one["type"]
    action = one["action"][call.manner.lang]
    return [one["sequence"], one["certificate_no"], what, call.text(one["outcome"]), why, action, one["audit_index"]]
