"""How a command says where its decision is now."""

from typing import TYPE_CHECKING

from deploy.cli.call import Call

if TYPE_CHECKING:
    from deploy.joint.office import Answer


def show_answer(call: Call, answer: "Answer") -> None:
    """Where the decision is now."""
    if answer.published:
        call.say("joint.done", sequence=answer.sequence)
    else:
        call.say("joint.unsent")
