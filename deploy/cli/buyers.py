"""`czt hub check`: a buyer's list back with what the shared store says of each row."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.call import Call
from schemas.errors import UsageError

if TYPE_CHECKING:
    from deploy.buyers.check import Checked

ANSWERS = (
    "recognized", "disputed", "suspended", "lapsed", "eligible", "candidate", "inactive",
    "model_differs", "ambiguous", "none",
)  # fmt: skip
"""What a row may be answered: a status, recognised but disputed, or why no single product was found."""


def check(
    call: Call,
    file: Annotated[Path, typer.Argument(help="清单：xlsx、csv · the list")],
    out: Annotated[Path | None, typer.Option(help="写出带结果的副本 · write a copy with two more columns")] = None,
) -> None:
    """逐行查一份采购清单是否互认及其依据 · whether each row of a buyer's list is recognised, and on what basis."""
    from consumers.store.queries import PREFERENCE
    from deploy.buyers.answer import write_answer
    from deploy.buyers.check import check_list
    from deploy.buyers.sheet import read_list
    from deploy.importing import limits
    from deploy.reading import read_file
    from deploy.wiring import Wiring

    call.require_file(file)
    if out is not None and out.resolve() == file.resolve():
        raise UsageError(call.text("buyers.same_file", file=file), call.text("buyers.same_file_next"))
    allowed = limits(call.settings)
    data = read_file(file, allowed.file_bytes)
    asked = read_list(data, file, allowed)
    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        checked = check_list(loader, asked, call.settings.cities)
    if out is not None:
        write_answer(data, file, out, asked, checked, {one: call.text(one) for one in ANSWERS})
    answer = {
        "file": file.name,
        "day": checked.day,
        "log_size": checked.log_size,
        "preference": PREFERENCE,
        "rows": [one.as_json() for one in checked.rows],
        "out": str(out) if out else None,
    }
    call.answer(answer, lambda: _show(call, checked, out))


def _show(call: Call, checked: "Checked", out: Path | None) -> None:
    rows = [[one.asked.row, one.asked.product_name, call.text(one.status), one.basis] for one in checked.rows]
    call.table(["row", "product", "status", "basis"], rows, right=["row"])
    call.line()
    if checked.day is None:
        call.say("hub.no_day")
    else:
        call.say("buyers.as_of", day=checked.day, size=checked.log_size)
    call.say("preference")
    if out is not None:
        call.say("buyers.written", file=out)
