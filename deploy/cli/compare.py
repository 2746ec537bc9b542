"""`czt hub check-source`, `check-products`, `conflicts`: the store against its log and its topic, the cities against each other."""

from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.paging import Limit, show_next
from schemas.city import City


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "check-source", "czt hub check-source changsha")(check_source)
    command(app, "check-products", "czt hub check-products")(check_products)
    command(app, "conflicts", "czt hub conflicts --city changsha")(conflicts)


def check_source(call: Call, city: Annotated[City, typer.Argument(metavar="CITY", help="城市 · the city")]) -> int:
    """把共享库里一市的现状与日志逐条核对 · hold what the store keeps of a city against the log, entry by entry."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.drift(loader, city.source)
    call.answer(answer, lambda: _show_drift(call, answer))
    return 0 if answer["equal"] else 1


def _show_drift(call: Call, answer: dict[str, Any]) -> None:
    rows = [[one["object"], one["key"], one["field"], one["before"], one["after"]] for one in answer["differences"]]
    if rows:
        call.table(["subject", "certificate_no", "field", "in_store", "in_log"], rows)
    call.say("drift.equal" if answer["equal"] else "drift.differs", entries=answer["entries"], count=len(rows))
    last = answer["last_statement"]
    if last is not None:
        call.say("drift.last", sequence=last["sequence"], log_size=last["log_size"], count=last["total"])


def check_products(
    call: Call,
    publish_again: Annotated[
        bool, typer.Option("--publish-again", help="把不一致的产品按现状重新发布 · publish what differs again, as it is now")
    ] = False,
) -> int:
    """从头读互认产品主题，与共享库逐个核对 · read the products topic from its start and hold it against the store."""
    from consumers import products_topic
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        answer = products_topic.check_products(wiring.store, wiring.subscriber)
        if publish_again and not answer["equal"]:
            keys = {one["key"] for one in answer["differences"]}
            call.note("published.again", count=products_topic.publish_again(wiring.store, wiring.publisher, keys))
            answer = products_topic.check_products(wiring.store, wiring.subscriber)
    call.answer(answer, lambda: _show_published(call, answer))
    return 0 if answer["equal"] else 1


def _show_published(call: Call, answer: dict[str, Any]) -> None:
    rows = [[one["key"], one["field"], one["before"], one["after"]] for one in answer["differences"]]
    if rows:
        call.table(["product_key", "field", "on_topic", "in_store"], rows)
    counts = {name: answer[name] for name in ("published", "waiting", "sent_through", "log_size")}
    call.say("published.counts", **counts)
    call.say("published.equal" if answer["equal"] else "published.differs", count=len({row[0] for row in rows}))


def conflicts(
    call: Call,
    city: Annotated[City | None, typer.Option(metavar="CITY", help="只看这个市列入的 · only products this city lists")] = None,
    limit: Limit = 100,
    cursor: Annotated[str, typer.Option(help="从上一页给出的位置继续 · go on where the last page ended")] = "",
) -> None:
    """各市对同一产品说法不一之处，由所属市更正 · where cities say different things of one product; the owning city corrects."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.conflicts(loader, city.word if city else None, limit, cursor)
    call.answer(answer, lambda: _show_conflicts(call, answer))


def _show_conflicts(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [one["product_key"], one["product_name"], field["field"], _said(field["from"], field["value"]), _lost(field["lost"])]
        for one in answer["conflicts"]
        for field in one["fields"]
    ]
    call.table(["product_key", "product", "field", "shown", "others_say"], rows)
    show_next(call, answer)


def _said(listing: str, value: Any) -> str:
    return f"{'、'.join(value) if isinstance(value, list | tuple) else value or ''} ({listing})"


def _lost(lost: list[dict[str, Any]]) -> str:
    return "；".join(_said(one["from"], one["value"]) for one in lost)
