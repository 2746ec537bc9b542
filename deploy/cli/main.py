"""The entry point: the tree of commands, and what becomes of every error."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from io import TextIOWrapper
from typing import Any

import typer
import typer.main

from deploy.cli import audit, city, console, demo, doctor, hub, init, joint
from deploy.cli.call import Manner
from deploy.cli.command import group
from deploy.cli.errors import INTERRUPTED, report_no_access, report_refusal, report_unexpected, report_wrong_call
from schemas.errors import CztError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(epilog="例 · example:  czt demo")
def czt() -> None:
    """长株潭两型产品互认 · three cities' product registers as one provable shared store."""


init.register(app)
doctor.register(app)
city.register(group(app, "city", "城市登记机构 · a city's registry"))
hub.register(group(app, "hub", "共享端 · the shared store"))
joint.register(group(app, "joint", "联席办 · the joint office"))
console.register(app)
audit.register(group(app, "audit", "审计 · auditors"))


def run() -> None:
    """What the `czt` script calls."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Files and pipes get UTF-8 whatever the locale; a terminal that can't show a character gets `?`.
            stream.reconfigure(errors="replace") if stream.isatty() else stream.reconfigure(encoding="utf-8")
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Somebody's `head` has read enough. Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


@cache
def tree() -> Any:
    """The click commands of `app`, made once: the demo calls `main` some sixty times, and typer would make them for each call."""
    return typer.main.get_command(app)


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Nothing is raised, whatever happens."""
    manner = Manner.of(arguments)
    try:
        return int(tree()(list(moved(arguments)), obj=manner, standalone_mode=False, prog_name="czt") or 0)
    except CztError as error:
        return report_refusal(error, manner)
    except typer.Exit as stopped:
        return stopped.exit_code
    except typer.TyperException as error:
        return report_wrong_call(error, manner)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as error:
        return report_no_access(error, manner)
    except Exception as error:  # noqa: BLE001  the outermost edge: a defect must not greet a clerk with a traceback
        return report_unexpected(error, manner)


def moved(arguments: Sequence[str]) -> list[str]:
    """Shared options may stand before the command as well: `czt --lang en hub status`."""
    front: list[str] = []
    rest = list(arguments)
    while rest and (rest[0] in ("--json", "--debug", "--lang") or rest[0].startswith("--lang=")):
        count = 2 if rest[0] == "--lang" else 1
        front += rest[:count]
        rest = rest[count:]
    return [*rest, *front] if rest else list(arguments)


demo.register(app, main)
