"""How a command of the joint office makes its decision: by whom, sealed and sent at once, and where it is now."""

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.call import Call
from schemas.errors import UsageError

if TYPE_CHECKING:
    from deploy.joint.office import Answer, Proposal

By = Annotated[str | None, typer.Option("--by", help="谁提出 · who decides (default: the user of this computer)")]
First = Annotated[str, typer.Option("--by", help="谁提出 · who proposes it")]
Second = Annotated[str, typer.Option("--agreed-by", help="谁同意（另一个人）· who agrees, another person")]


def decide_one(call: Call, propose: "Callable[[str, int], Proposal]", by: str | None) -> None:
    """Word one decision (from the person's name and the log's size), seal it, publish it, and answer."""
    from deploy.joint.desk import office
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        proposal = propose(by or getpass.getuser(), wiring.known_log_size())
        answer = office(wiring).decide([proposal])[0]
    call.answer(answer.as_json(), lambda: show_answer(call, answer))


def require_two(call: Call, by: str | None, agreed_by: str | None) -> tuple[str, str]:
    """The two people. Raises `UsageError` unless there are two with different names."""
    first, second = (by or "").strip(), (agreed_by or "").strip()
    if not first or not second or first == second:
        raise UsageError(call.text("two_people"), call.text("two_people_next"))
    return first, second


def show_answer(call: Call, answer: "Answer") -> None:
    """Where the decision is now."""
    if answer.published:
        call.say("joint.done", sequence=answer.sequence)
    else:
        call.say("joint.unsent")
