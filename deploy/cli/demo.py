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
        full: Annotated[
            bool, typer.Option("--full", help="实际规模：第一批 150 家企业 263 个产品，滚动第二批 · catalogues of the real size")
        ] = False,
        serve: Annotated[bool, typer.Option("--serve", help="演示后继续运行 · leave it running afterwards")] = False,
    ) -> int:
        """演示：三市目录到共享库，再查出篡改 · the whole line on this machine, and a tampering that is found."""
        from deploy.demo.run import run_demo
        from deploy.demo.run import serve as go_on

        chinese = call.manner.lang == "zh"
        line = call.remark if call.manner.as_json else call.line
        told = run_demo(directory, czt, line, call.text, chinese=chinese, full=full)
        call.answer(told, lambda: None)
        if not told["tampering_found"]:
            return 1
        return go_on(czt, directory, line, chinese=chinese) if serve else 0

    command(app, "demo", "czt demo --serve")(demo)
