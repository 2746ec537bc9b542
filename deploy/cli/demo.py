"""`czt demo`: the whole story on this machine."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.call import Call
from deploy.cli.command import command

DIRECTORY = Path("var/demo")


def register(app: typer.Typer, czt: Callable[[Sequence[str]], int]) -> None:
    """Add the command; `czt` runs the others, which it shows at work."""

    def demo(
        call: Call,
        directory: Annotated[Path, typer.Option("--dir", help="演示文件放在哪里 · where its files go")] = DIRECTORY,
        serve: Annotated[bool, typer.Option("--serve", help="演示后继续运行 · leave it running afterwards")] = False,
    ) -> int:
        """演示：三市目录到共享库，再查出篡改 · the whole line on this machine, and a tampering that is found."""
        from deploy.demo.run import run_demo

        return run_demo(directory, czt, call.line, serve=serve, chinese=call.manner.lang == "zh")

    command(app, "demo", "czt demo --serve")(demo)
