"""`czt joint batch …`: publishing recognised products, and looking at what was published."""

from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.decided import require_two, show_answer
from schemas.city import City
from schemas.errors import AnswerIsNo


def register(app: typer.Typer) -> None:
    """Add the commands."""
    example = "czt joint batch publish --number 1 --document 〔2021〕12号 --by 张三 --agreed-by 李四"
    command(app, "publish", example)(publish)
    command(app, "show", "czt joint batch show 1")(show)


def publish(
    call: Call,
    number: Annotated[int, typer.Option(min=1, help="第几批 · which batch")],
    document: Annotated[str, typer.Option(help="文号 · document number")],
    by: Annotated[str, typer.Option(help="谁提出 · who proposes it")],
    agreed_by: Annotated[str, typer.Option(help="谁同意（另一个人）· who agrees, another person")],
) -> None:
    """把所有拟列入的产品发布为一批 · publish all eligible products as the next batch."""
    from deploy.joint.desk import publish_batch
    from deploy.wiring import Wiring

    people = require_two(call, by, agreed_by)
    with Wiring(call.settings) as wiring:
        drawn = publish_batch(wiring, number, document, people)
    answer = {**drawn.answer.as_json(), "number": number, "host": drawn.host, "products": drawn.products}

    def human() -> None:
        host = City(drawn.host).zh if call.manner.lang == "zh" else drawn.host
        call.say("batch.done", number=number, host=host, count=drawn.products, sequence=drawn.answer.sequence)
        if not drawn.answer.published:
            show_answer(call, drawn.answer)

    call.answer(answer, human)


def show(call: Call, number: Annotated[int, typer.Argument(min=1, help="第几批 · which batch")]) -> None:
    """一批的内容及其现状 · a batch, and its products as they are now."""
    from deploy.joint.desk import batch
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        found = batch(wiring, number)
    if found is None:
        raise AnswerIsNo(call.text("batch.unknown", number=number), call.text("batch.unknown_next"))
    call.answer(found, lambda: _show(call, found))


def _show(call: Call, found: dict[str, Any]) -> None:
    host = City(found["host"]).zh if call.manner.lang == "zh" else found["host"]
    call.say("batch.head", **{**found, "host": host})
    rows = [
        [one["product_key"], call.text(one["status"]), one["enterprise_name"], one["product_name"]] for one in found["products"]
    ]
    call.table(["product_key", "status", "enterprise", "product"], rows)
    call.say("preference")
