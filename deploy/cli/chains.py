"""Commands about a source's chain: a city's statement, catching up after a restore, reading a topic again, going on by decision."""

from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command, group
from deploy.cli.decided import First, Second, require_two, show_answer
from deploy.cli.paging import source_of
from schemas.city import JOINT_OFFICE, City, source_name
from schemas.errors import UsageError

CityOption = Annotated[City, typer.Option("--city", metavar="CITY", help="城市，如 changsha · whose register, such as changsha")]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="来源 · changsha … joint-office")]
Lost = Annotated[
    list[str] | None, typer.Option("--lost", metavar="A-B", help="确认补不回来的缺号 · a gap given up, may be repeated")
]


def register_city(app: typer.Typer) -> None:
    """Add the city's commands."""
    command(app, "statement", "czt city statement --city changsha")(statement)
    command(app, "catch-up", "czt city catch-up --city changsha")(city_catch_up)


def register_hub(app: typer.Typer) -> None:
    """Add the hub's command."""
    command(app, "rewind", "czt hub rewind changsha")(rewind)


def register_joint(app: typer.Typer) -> None:
    """Add the joint office's commands."""
    command(app, "catch-up", "czt joint catch-up")(joint_catch_up)
    sources = group(app, "source", "事件链 · the chains of sources")
    example = "czt joint source continue changsha --lost 91-95 --by 张三 --agreed-by 李四"
    command(sources, "continue", example)(continue_)


def statement(call: Call, city: CityOption) -> None:
    """出具对账单：核对已发条目，差异先更正 · state what the register holds; what differs from what was sent is corrected first."""
    from deploy.chains import state_now
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        answer = state_now(wiring, city.source)
    call.answer(answer, lambda: call.say("statement.done" if answer["published"] else "statement.unsent", **answer))


def city_catch_up(call: Call, city: CityOption) -> None:
    """登记库从旧备份恢复后，接续已发出的事件链 · after a restore from an older backup: take over what was sent since."""
    _catch_up(call, city.source)


def joint_catch_up(call: Call) -> None:
    """联席办数据库从旧备份恢复后，接续事件链 · the same for the joint office's database."""
    _catch_up(call, JOINT_OFFICE)


def _catch_up(call: Call, source: str) -> None:
    from deploy.chains import catch_up_now
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, call.working("catch_up.working"):
        answer = catch_up_now(wiring, source)
    call.answer(answer, lambda: _show_caught_up(call, source_name(source), answer))


def _show_caught_up(call: Call, name: str, answer: dict[str, Any]) -> None:
    call.say("catch_up.done", source=name, corrected=answer.get("corrected", 0), **{k: v for k, v in answer.items() if k in _SHOWN})
    if answer["missing"]:
        call.say("catch_up.missing", source=name, ranges=" ".join(f"{a}-{b}" for a, b in answer["missing"]))


_SHOWN = ("taken", "forks", "renumbered", "last_sequence")


def rewind(call: Call, source: SourceArgument) -> None:
    """消息系统重建后，从头重读一个来源 · after a broker was rebuilt: read a source from the start; what is known is a duplicate."""
    from deploy.chains import rewind as rewound
    from deploy.wiring import Wiring

    address = source_of(call, source)
    with Wiring(call.settings) as wiring:
        answer = rewound(wiring, address)
    call.answer(answer, lambda: call.say("rewind.done", **{**answer, "source": source_name(address)}))


def continue_(
    call: Call,
    source: SourceArgument,
    by: First,
    agreed_by: Second,
    sequence: Annotated[
        int | None, typer.Option(min=0, help="从此序号之后接续，默认已收的最后一号 · go on after it; the last accepted one")
    ] = None,
    digest: Annotated[str | None, typer.Option("--hash", help="该记录的哈希 · the hash of that record")] = None,
    lost: Lost = None,
) -> None:
    """两人决定事件链从哪里接续，并放弃补不回来的缺号 · two people say where a chain goes on, and give up what is lost for good."""
    from deploy.joint.continuing import continue_source
    from deploy.wiring import Wiring

    people = require_two(call, by, agreed_by)
    address, ranges = source_of(call, source), tuple(_range(call, text) for text in lost or ())
    if (sequence is None) != (digest is None):
        raise UsageError(call.text("continue.place"), call.text("continue.place_next"))
    with Wiring(call.settings) as wiring:
        answer = continue_source(wiring, address, sequence, digest, ranges, people)
    call.answer(answer.as_json(), lambda: show_answer(call, answer))


def _range(call: Call, text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        raise UsageError(call.text("continue.range", found=text), call.text("continue.range_next"))
    return int(first), int(last or first)
