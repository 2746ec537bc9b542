"""`czt doctor`: is everything as it must be, and if not, what to do."""

import typer

from deploy.cli.call import Call
from deploy.cli.command import command

NO, UNREACHABLE = 1, 3


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", "czt doctor")(doctor)


def doctor(call: Call) -> int:
    """逐项检查设置、服务、时钟、密钥、版本 · settings, services, clocks, keys, versions: one line each."""
    from deploy.checks import examine
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        found = list(examine(wiring))
    wrong = [one for one in found if not one.ok]
    answer = {"ok": not wrong, "checks": [one.as_json() for one in found]}

    def human() -> None:
        for one in found:
            verdict = call.text("doctor.ok" if one.ok else "doctor.fail")
            call.line(f"{verdict:6} {one.name:22} {one.detail}", style=None if one.ok else "red")
            if not one.ok and one.next_step:
                call.line(f"{'':6} {'':22} → {one.next_step}")
        call.line()
        call.say("doctor.bad" if wrong else "doctor.good", count=len(wrong))

    call.answer(answer, human)
    if any(one.unreachable for one in wrong):
        return UNREACHABLE
    return NO if wrong else 0
