"""`czt hub …`: decide what arrived, and see what became of it."""

from typing import Annotated, Any

import typer

from deploy.cli import asking, buyers, chains, compare, listings, parked, product
from deploy.cli.call import Call
from deploy.cli.command import command, group
from deploy.cli.paging import sources_of
from schemas.city import source_name

UNVOUCHED_ALARM_SECONDS = 60
"""A tail that nobody vouches for waits for the next poll; after a minute somebody should look (design §5)."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "run", "czt hub run --until-idle")(run)
    command(app, "status", "czt hub status --json")(status)
    chains.register_hub(app)
    listings.register(app)
    product.register(app)
    compare.register(app)
    asking.register(app)
    command(app, "check", "czt hub check 采购清单.xlsx --out 采购清单-互认.xlsx")(buyers.check)
    parked.register(group(app, "parked", "搁置的事件 · events that wait"))


def run(
    call: Call,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="能处理的都处理完就停 · stop when nothing more can be decided")
    ] = False,
    sources: Annotated[str | None, typer.Option(help="只处理这些来源，逗号分隔 · only these sources, with commas")] = None,
) -> None:
    """处理收到的变更和决定 · decide what arrived, send receipts and products, sign a checkpoint."""
    from deploy.hub import check_hub, run_forever, run_until_idle, settle_memory
    from deploy.hub_gauges import unvouched
    from deploy.running import Forever
    from deploy.telemetry import Metrics
    from deploy.wiring import Wiring

    wanted = sources_of(call, sources)
    with Wiring(call.settings) as wiring:
        check_hub(wiring)
        settle_memory()
        if until_idle:
            with call.working("hub.working"):
                report = run_until_idle(wiring, wanted, Metrics())
        else:
            report = run_forever(wiring, wanted, Forever(call.settings))
        waiting = unvouched(wiring, wanted)
    for source, count in waiting.items():
        call.note("hub.waiting", source=source_name(source), count=count)
    outcomes = call.counted(report.outcomes)
    call.answer(report.as_json(), lambda: call.say("hub.done", read=report.read, outcomes=outcomes, log_size=report.log_size))


def status(call: Call) -> None:
    """各来源是否齐全、及时，产品与日志概况 · how complete and fresh each source is; products; the log."""
    from deploy.hub_gauges import current_status
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        answer, problem = current_status(wiring)
    if problem is not None:
        call.note("hub.no_broker", message=problem)
    call.answer(answer, lambda: _show_status(call, answer))


def _show_status(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [
            source_name(one["source"]),
            one["received_through"],
            one["settled_through"],
            one["verified_through"],
            " ".join(f"{first}-{last}" for first, last in one["gaps"]),
            "?" if one["lag"] is None else one["lag"],
            one["parked"],
            one["open_rejections"],
        ]
        for one in answer["sources"]
    ]
    heads = ["source", "received", "settled", "verified", "gaps", "lag", "parked", "rejections"]
    call.table(heads, rows, right=["received", "settled", "verified", "lag", "parked", "rejections"])
    for one in answer["sources"]:
        _show_alarms(call, source_name(one["source"]), one)
    call.line()
    if answer["day"]:
        call.say("hub.day", day=answer["day"])
    else:
        call.say("hub.no_day")
    call.say("hub.products", counts=call.counted(answer["products"]))
    if answer["objections"]["open"]:
        call.say("hub.objections", **answer["objections"])
    if answer["conflicts"]:
        call.say("hub.conflicts", count=answer["conflicts"])
    call.say("hub.log", dead_letters=answer["dead_letters"], **answer["log"])


def _show_alarms(call: Call, name: str, one: dict[str, Any]) -> None:
    """What stands in the way of a source, and the next step."""
    if one["gaps"]:
        call.say("hub.gap", source=name, ranges=" ".join(f"{first}-{last}" for first, last in one["gaps"]))
    if one["forked"]:
        call.say("hub.forked", source=name)
    if one["rewound"]:
        call.say("hub.rewound" if one["lag"] is None or one["lag"] < 0 else "hub.reread", source=name)
    if one["unvouched"] and one["unvouched_seconds"] >= UNVOUCHED_ALARM_SECONDS:
        call.say("hub.unvouched", source=name, count=one["unvouched"], seconds=one["unvouched_seconds"])
