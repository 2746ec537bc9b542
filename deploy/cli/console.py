"""`czt console`: the read-only HTTP API on the shared store."""

import typer

from deploy.cli.call import Call
from deploy.cli.command import command


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "console", "czt console")(console)


def console(call: Call) -> None:
    """控制台：共享库的只读 HTTP 接口 · the console: a read-only HTTP API on the shared store, until it is told to stop."""
    from deploy.console import serve
    from deploy.running import Forever
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        serve(wiring, Forever(call.settings))
