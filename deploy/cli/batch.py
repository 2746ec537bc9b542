"""`czt joint batch …`: publishing recognised products, and looking at what was published."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.decided import require_two, show_answer
from deploy.words import EVENTS
from schemas.errors import AnswerIsNo, UsageError

if TYPE_CHECKING:
    from deploy.papers.batch_paper import BatchPaper


def register(app: typer.Typer) -> None:
    """Add the commands."""
    example = "czt joint batch publish --number 1 --document 〔2021〕12号 --by 张三 --agreed-by 李四"
    command(app, "publish", example)(publish)
    command(app, "show", "czt joint batch show 1")(show)
    command(app, "print", "czt joint batch print 1 --html 第一批.html --xlsx 第一批.xlsx")(print_)


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
        host = call.settings.cities.zh(drawn.host) if call.manner.lang == "zh" else drawn.host
        call.say("batch.done", number=number, host=host, count=drawn.products, sequence=drawn.answer.sequence)
        if not drawn.answer.published:
            show_answer(call, drawn.answer)

    call.answer(answer, human)


def show(call: Call, number: Annotated[int, typer.Argument(min=1, help="第几批 · which batch")]) -> None:
    """一批的内容及其现状 · a batch, and its products as they are now."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        found = queries.batch(loader, number)
    if found is None:
        raise _unknown(call, number)
    call.answer(found, lambda: _show(call, found))


def _unknown(call: Call, number: int) -> AnswerIsNo:
    return AnswerIsNo(call.text("batch.unknown", number=number), call.text("batch.unknown_next"))


def _show(call: Call, found: dict[str, Any]) -> None:
    host = call.settings.cities.zh(found["host"]) if call.manner.lang == "zh" else found["host"]
    call.say("batch.head", **{**found, "host": host})
    rows = [
        [
            one["product_key"],
            call.text(one["status"]) + (f"（{call.text('disputed')}）" if one["disputed"] else ""),
            one["enterprise_name"],
            one["product_name"],
            _changes(call, one),
        ]
        for one in found["products"]
    ]
    call.table(["product_key", "status", "enterprise", "product", "changed_since"], rows)
    call.say("batch.changed", count=sum(1 for one in found["products"] if one["changed"]), all=len(rows))
    call.say("preference")


def _changes(call: Call, product: dict[str, Any]) -> str:
    """What happened to a product since: each kind with its audit index, and the key it goes by now if that is another."""
    place = 0 if call.manner.lang == "zh" else 1
    said = [f"{EVENTS.get(one['type'], (one['type'],) * 2)[place]} #{one['audit_index']}" for one in product["changed"]]
    return ("、", ", ")[place].join([*said, *([f"→ {product['moved_to']}"] if product["moved_to"] else [])])


def print_(
    call: Call,
    number: Annotated[int, typer.Argument(min=1, help="第几批 · which batch")],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="网页，可直接打印或存为 PDF · a page to print")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Excel 文件 · a workbook")] = None,
) -> None:
    """印制一批：内容取自日志，附二维码和公布后的变化 · print a batch (in Chinese) as the log froze it, with its code."""
    from deploy.papers.batch_paper import batch_page, batch_paper
    from deploy.papers.batch_sheet import write_batch_sheet
    from deploy.wiring import Wiring

    if html is None and xlsx is None:
        raise UsageError(call.text("batch.no_file"), call.text("batch.no_file_next", number=number))
    with Wiring(call.settings) as wiring, call.working("replay.working"):
        paper = batch_paper(wiring, number)
    if paper is None:
        raise _unknown(call, number)
    if html is not None:
        html.write_text(batch_page(paper), "utf-8")
    if xlsx is not None:
        write_batch_sheet(xlsx, paper)
    files = [str(path) for path in (html, xlsx) if path is not None]
    call.answer(paper.as_json() | {"files": files}, lambda: _show_printed(call, paper, files))


def _show_printed(call: Call, paper: "BatchPaper", files: list[str]) -> None:
    for file in files:
        call.say("buyers.written", file=file)
    call.say("batch.printed", number=paper.number, enterprises=paper.enterprises, products=len(paper.items))
    call.say("batch.changed", count=len(paper.changed), all=len(paper.items))
    if paper.unlike:
        call.say("batch.unlike", count=len(paper.unlike))
    if not paper.code.leads:
        call.say("batch.code", url="CZT_PUBLIC_URL")
