"""`czt demo`: an empty directory, the story, and on request the hub left running."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from deploy.demo.audit_acts import Told
from deploy.demo.session import Czt, Session
from deploy.demo.story import tell
from deploy.demo.teller import Teller
from schemas.errors import Both, UsageError

MARKER = ".czt-demo"
"""Lies in a directory that the demo made: only such a one is emptied."""

METRICS_PORT = "9464"
KEPT = frozenset({"CZT_METRICS_PORT", "CZT_METRICS_HOST", "CZT_LANG", "CZT_LOG_FORMAT", "CZT_LOG_LEVEL"})
"""The caller's settings that `--serve` keeps; addresses and keys are the demo's."""


def run_demo(
    directory: Path, czt: Czt, line: Callable[[str], None], word: Callable[[str], str], *, chinese: bool, full: bool = False
) -> dict[str, Any]:
    """Tell the story in `directory`, line by line; the answer of `czt demo --json`.

    `czt` runs a command, `word` gives an outcome or a status in the reader's language; `full`: catalogues of the real size.
    Raises `UsageError` when the directory holds something that the demo didn't make.
    """
    home = _empty(directory)

    def say(zh: str, en: str) -> None:
        line(zh if chinese else en)
        sys.stdout.flush()

    told = tell(Teller(Session(czt, home), say, word), full=full)
    say(f"\n日志 {told.size} 条，根 {told.root}", f"\nlog size {told.size}, root {told.root}")
    say(f"再查一遍：{check_again(home)}", f"to check again: {check_again(home)}")
    say(f"再查被改的那份：{check_tampered(home)}", f"to check the edited copy: {check_tampered(home)}")
    return answer(home, told)


def answer(home: Path, told: Told) -> dict[str, Any]:
    """What `czt demo --json` says."""
    return {
        "tampering_found": told.found,
        "findings": list(told.findings),
        "directory": str(home),
        "size": told.size,
        "root": told.root,
        "check_again": check_again(home),
        "check_tampered": check_tampered(home),
    }


def check_again(home: Path) -> str:
    """The command that checks the demo's store once more."""
    return f"CZT_HOME={home} {_program()} audit verify --against-store"


def check_tampered(home: Path) -> str:
    """The command that finds the tampering once more, and exits 1."""
    return f"CZT_HOME={home} CZT_STORE_URL=sqlite:///{home / 'tampered' / 'store.db'} {_program()} audit verify"


def _program() -> str:
    """How the reader calls this program: by its name if the shell finds it, else by its path from here."""
    beside = Path(sys.executable).with_name("czt")
    found = shutil.which("czt")
    if not beside.exists() or (found is not None and Path(found) == beside):
        return "czt"
    return str(beside.relative_to(Path.cwd())) if beside.is_relative_to(Path.cwd()) else str(beside)


def _empty(directory: Path) -> Path:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).exists():
            raise UsageError(
                Both(f"{directory} 里有别的文件，不是演示建的目录。", f"{directory} is not empty and was not made by the demo."),
                Both("请用 --dir 另指一个目录。", "Name another directory with --dir."),
            )
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).touch()
    return directory


def serve(czt: Czt, home: Path, line: Callable[[str], None], *, chinese: bool) -> int:
    """Leave the hub running on the demo's store until somebody stops it."""
    for name in [name for name in os.environ if name.startswith("CZT_") and name not in KEPT]:
        del os.environ[name]
    os.environ["CZT_HOME"] = str(home)
    os.environ.setdefault("CZT_METRICS_PORT", METRICS_PORT)
    address = f"http://{os.environ.get('CZT_METRICS_HOST', '127.0.0.1')}:{os.environ['CZT_METRICS_PORT']}"
    pages = f"{address}/metrics  {address}/healthz  {address}/readyz"
    line(f"共享端继续运行，按 Ctrl-C 停止：{pages}" if chinese else f"the hub goes on until Ctrl-C: {pages}")
    sys.stdout.flush()
    with redirect_stdout(sys.stderr):  # the demo's answer is out already
        return czt(["hub", "run"])
