"""`czt doctor`: is everything as it must be, and if not, what to do."""

from typing import TYPE_CHECKING

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from schemas.errors import SettingsInvalid

if TYPE_CHECKING:
    from deploy.checks import Finding

NO, WRONG_SETTINGS, UNREACHABLE = 1, 2, 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", "czt doctor")(doctor)


def doctor(call: Call) -> int:
    """逐项检查设置、服务、时钟、密钥、版本 · settings, services, clocks, keys, versions: one line each."""
    from deploy.checks import examine, wrong_settings
    from deploy.wiring import Wiring

    try:
        settings = call.settings
        settings.cities  # noqa: B018  read here, so that a wrong file is told as a wrong setting
    except SettingsInvalid as error:
        _answer(call, wrong_settings(error, call.manner.lang))
        return WRONG_SETTINGS
    with Wiring(settings) as wiring:
        found = list(examine(wiring, call.manner.lang))
    _answer(call, found)
    if any(one.unreachable for one in found if not one.ok):
        return UNREACHABLE
    return 0 if all(one.ok for one in found) else NO


def _answer(call: Call, found: "list[Finding]") -> None:
    wrong = sum(not one.ok for one in found)
    answer = {"ok": not wrong, "checks": [one.as_json() for one in found]}
    call.answer(answer, lambda: _show(call, found, wrong))


def _show(call: Call, found: "list[Finding]", wrong: int) -> None:
    for one in found:
        verdict = call.text("doctor.ok" if one.ok else "doctor.fail")
        call.line(f"{verdict:6} {one.name:22} {one.detail}", style=None if one.ok else "red")
        for step in one.next_step.splitlines():
            call.line(f"{'':6} {'':22} → {step}")
    call.line()
    call.say("doctor.bad" if wrong else "doctor.good", count=wrong)
