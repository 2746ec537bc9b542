"""`czt hub lookup` and `czt hub changes`: what a buyer asks of one product, and what a platform follows."""

from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.listings import show_products
from deploy.cli.paging import Limit


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "lookup", "czt hub lookup --uscc 91430104DEM000101X --product 高效节能水泵 --model SL-100")(lookup)
    command(app, "changes", "czt hub changes --since 120 --json")(changes)


def lookup(
    call: Call,
    product: Annotated[str, typer.Option(help="产品名称 · product name")],
    uscc: Annotated[str, typer.Option(help="统一社会信用代码 · credit code")] = "",
    enterprise: Annotated[str, typer.Option(help="没有代码时的企业名称 · the firm's name, without a code")] = "",
    model: Annotated[str, typer.Option(help="型号 · model")] = "",
) -> int:
    """查一个产品是否互认及其依据 · whether one product is recognised, and on what basis; exit 1 when none is found."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    named = call.settings.cities.zh
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.recognition(loader, named, uscc=uscc, enterprise_name=enterprise, product_name=product, models=model)
    call.answer(answer, lambda: _show(call, answer))
    return 0 if answer["product"] is not None else 1


def _show(call: Call, answer: dict[str, Any]) -> None:
    call.line(f"{call.text(answer['status'])}  {answer['basis']}")
    if answer["day"] is None:
        call.say("hub.no_day")
    else:
        call.say("buyers.as_of", day=answer["day"], size=answer["log_size"])
    call.say("preference")


def changes(
    call: Call,
    since: Annotated[int, typer.Option(min=0, metavar="INDEX", help="自此日志序号起 · from this log index on")] = 0,
    limit: Limit = 100,
) -> None:
    """自某一日志序号以来变化的产品，按序号排列 · products that changed since a log index, in its order."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.changes(loader, since, limit)

    def human() -> None:
        show_products(call, [one["product"] for one in answer["changes"]], answer["day"])
        call.say("changes.next", next=answer["next"])

    call.answer(answer, human)
