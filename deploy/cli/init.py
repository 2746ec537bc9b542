"""`czt init`: everything that must be there before the first catalogue."""

import typer

from deploy.cli.call import Call
from deploy.cli.command import command


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "init", "czt init")(init)


def init(call: Call) -> None:
    """建表、建主题、建密钥，可重复运行 · make tables, topics and keys; safe to run again."""
    from deploy.initialise import Initialised, initialise
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        done = initialise(wiring)

    def human(done: Initialised = done) -> None:
        for name in done.databases:
            call.say("init.database", name=name)
        if done.topics:
            call.say("init.topics", names=" ".join(done.topics))
        if done.keys:
            call.say("init.keys", names=" ".join(done.keys), directory=call.settings.key_dir)
        if done.decisions:
            sent = all(answer.published for answer in done.decisions)
            call.say("init.decisions" if sent else "init.unsent")
        if not (done.databases or done.topics or done.keys or done.decisions):
            call.say("init.nothing")

    call.answer(done.as_json(), human)
