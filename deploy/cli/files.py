"""Commands about a city's files: a folder that is watched, an empty catalogue, and the register as a catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.chains import CityOption
from deploy.cli.command import command
from schemas.errors import UsageError

if TYPE_CHECKING:
    from deploy.watching.run import Watched


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "watch", "czt city watch 收件 --city changsha")(watch)
    command(app, "template", "czt city template --city changsha --out 空白目录.xlsx")(template)
    command(app, "export", "czt city export --city changsha --out 长沙目录.xlsx")(export)


def watch(
    call: Call,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="收件文件夹 · the folder that catalogues are dropped into")],
    city: CityOption,
    once: Annotated[bool, typer.Option("--once", help="处理完现有的就停 · take what is there, then stop")] = False,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="每份都是全部名录，缺的算撤销 · each file is the whole register"),
    ] = False,
) -> int:
    """看守文件夹：放进来的目录自动导入，旁边给出答复 · import each catalogue that is dropped into a folder, and answer beside it.

    处理过的在 done/，整份退回的在 refused/，撤销要人确认的在 held/ · held/: withdrawals that a person confirms.
    """
    from deploy.running import Forever
    from deploy.watching.run import watch_forever, watch_once
    from deploy.wiring import Wiring

    if not folder.is_dir():
        raise UsageError(call.text("no_folder", folder=folder), call.text("no_folder_next"))
    with Wiring(call.settings) as wiring:
        if not once:
            watch_forever(wiring, folder, city, Forever(call.settings), complete=complete)
            return 0
        watched = watch_once(wiring, folder, city, complete=complete)
    call.answer(watched.as_json(), lambda: _show(call, folder, watched))
    return 0 if watched.clean else 1


Out = Annotated[Path, typer.Option("--out", help="写到哪个 .xlsx 文件 · the .xlsx to write")]


def template(call: Call, city: CityOption, out: Out) -> None:
    """写一份空白目录：列有格式，带下拉列表和填写说明 · an empty catalogue: typed columns, drop-downs, instructions."""
    from deploy.forms import write_template
    from deploy.wiring import Wiring

    _require_xlsx(call, out)
    with Wiring(call.settings) as wiring:
        answer = write_template(wiring, city, out)
    call.answer(lambda: answer, lambda: call.say("template.done", out=answer["out"]))


def export(call: Call, city: CityOption, out: Out) -> int:
    """把登记库写成一份目录，再导入不会产生变更 · the register as a catalogue that imports again as no change."""
    from deploy.forms import write_export
    from deploy.wiring import Wiring

    _require_xlsx(call, out)
    with Wiring(call.settings) as wiring:
        answer = write_export(wiring, city, out)
    call.answer(lambda: answer, lambda: _show_export(call, answer))
    return 1 if answer["inexact"] else 0


def _require_xlsx(call: Call, out: Path) -> None:
    if out.suffix.lower() != ".xlsx":
        raise UsageError(call.text("not_xlsx", file=out), call.text("not_xlsx_next"))


def _show_export(call: Call, answer: dict[str, Any]) -> None:
    call.say("export.done", out=answer["out"], entries=answer["entries"])
    if answer["left_out"]:
        call.say("export.left_out", numbers="、".join(answer["left_out"]))
    if answer["inexact"]:
        call.say("export.inexact", numbers="、".join(answer["inexact"]))


def _show(call: Call, folder: Path, watched: "Watched") -> None:
    from deploy.watching.watch import OPEN, UNSETTLED

    if not watched.files:
        call.say("watch.nothing")
    else:
        rows: list[list[object]] = []
        for one in watched.files:
            totals: dict[str, Any] = dict(one.totals or {})
            counts = [totals.get(outcome, "") for outcome in ("accept", "review", "reject")]
            rows.append([one.file, f"{one.shelf}/{one.name}", *counts, one.events, one.reason])
        call.table(["file", "shelf", "accept", "review", "reject", "events", "reason"], rows, right=["events"])
    if any(one.answer_file for one in watched.files):
        call.say("watch.answered", folder=folder / "done")
    if watched.waiting.troubles:
        call.say("watch.left")
        words = {why: call.text(why) for why in (OPEN, UNSETTLED)}
        rows = [[name, words.get(why, why)] for name, why in sorted(watched.waiting.troubles.items())]
        call.table(["file", "trouble"], rows)
