"""`czt city capture …`: triggers on the city's own table, so that what a program writes leaves by itself."""

from typing import Any

import typer

from deploy.cli.call import Call
from deploy.cli.chains import CityOption
from deploy.cli.command import command


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "install", "czt city capture install --city changsha")(install)
    command(app, "remove", "czt city capture remove --city changsha")(remove)
    command(app, "status", "czt city capture status --city changsha")(status)


def install(call: Call, city: CityOption) -> None:
    """按本市配置文件的 [capture]，在自己的表上装触发器 · triggers on the city's own table, as [capture] in its file says."""
    from deploy.wiring import Wiring
    from producers.capture.installing import install as installed
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring:
        engine, city_file = wiring.source_engine(city.source), wiring.city_file(city.source)
        with transaction(engine) as connection:
            answer = installed(connection, city_file, wiring.clock.now())
    call.answer(answer, lambda: call.say("capture.installed", **answer))


def remove(call: Call, city: CityOption) -> None:
    """拆除触发器，不留痕迹；已采集的先收入名录 · take the triggers away without a trace; what they captured is taken first."""
    from deploy.wiring import Wiring
    from producers.capture.installing import remove as removed
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring:
        engine, city_file = wiring.source_engine(city.source), wiring.city_file(city.source)
        with transaction(engine) as connection:
            answer = removed(connection, city_file, wiring.clock.now())
    call.answer(answer, lambda: call.say("capture.removed" if answer["removed"] else "capture.nothing", **answer))


def status(call: Call, city: CityOption) -> int:
    """采集情况：是否装好、多少待收入、多少待审 · whether it is installed, what waits, what is held; exit 1 on a problem."""
    from deploy.wiring import Wiring
    from producers.capture.installing import status as stands
    from schemas.tables.transactions import transaction

    with Wiring(call.settings) as wiring:
        engine, city_file = wiring.source_engine(city.source), wiring.city_file(city.source)
        with transaction(engine) as connection:
            answer = stands(connection, city_file)
    call.answer(answer, lambda: _show(call, answer))
    return 1 if answer["problem"] else 0


PROBLEMS = {
    "table_gone": "capture.table_gone",
    "triggers_gone": "capture.triggers_gone",
    "columns_gone": "capture.columns_gone",
    "mapping_changed": "capture.mapping_changed",
}


def _show(call: Call, answer: dict[str, Any]) -> None:
    if not answer["installed"]:
        call.say("capture.ready" if answer["configured"] else "capture.unconfigured", city=answer["city"])
        return
    call.say("capture.status", **answer)
    if answer["last_captured_at"]:
        call.say("capture.last", time=answer["last_captured_at"])
    if answer["held"] or answer["held_withdrawals"]:
        call.say("capture.held", **answer)
    if answer["only_in_register"]:
        call.say("capture.only_in_register", count=answer["only_in_register"])
    if answer["problem"]:
        call.say(PROBLEMS[answer["problem"]], table=answer["table"], city=answer["city"])
