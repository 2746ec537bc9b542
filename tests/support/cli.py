"""The command line as the tests call it: in this process where that says the same, as a process where it matters."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from deploy.cli.main import main
from deploy.joint.sheet import COLUMNS

ROOT = Path(__file__).parents[2]
SCRIPT = (sys.executable, "-c", "from deploy.cli.main import run; run()")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one object on stdout."""
        return json.loads(self.out)

    def error(self) -> Any:
        """The error on stderr, when called with `--json`; stdout must be empty then."""
        assert self.out == ""
        return json.loads(self.err.splitlines()[-1])["error"]


class Cli:
    """`czt` with one set of settings. What else the environment holds of ours is taken away."""

    def __init__(self, patch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("CZT_") and not name.startswith("CZT_TEST_")]:
            patch.delenv(name)
        for name, value in {"LC_ALL": "C.UTF-8", **settings}.items():
            patch.setenv(name, value)
        self.home = Path(settings["CZT_HOME"])

    def __call__(self, *words: str) -> Ran:
        """Run a command in this process."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(words)
        return Ran(code, out.getvalue(), err.getvalue())

    def ok(self, *words: str) -> Any:
        """Run a command that must succeed; its JSON."""
        ran = self(*words, "--json")
        assert ran.code == 0, (words, ran)
        return ran.json()

    def start(self, *words: str, **settings: str) -> "subprocess.Popen[str]":
        """Start `czt` as a process of its own."""
        environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [*SCRIPT, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )


def ended(process: "subprocess.Popen[str]", timeout_seconds: float = 180) -> Ran:
    """How a started process ends by itself; one that doesn't is killed, and the test fails."""
    try:
        out, err = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ran(process.returncode, out, err)


def write_sheet(file: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """An assessment sheet with a title above its header; a missing column of a row is a blank cell."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["两型产品互认评审表"])
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row.get(name) for name in COLUMNS])
    book.save(file)
    return file


def favourable(city: str, certificate_no: str) -> dict[str, str]:
    """A row that meets rule set 1."""
    criteria = dict.fromkeys(("安全", "环保", "质量", "技术", "产业政策", "科技创新"), "是")
    return {"认定编号": certificate_no, "城市": city, **criteria, "依据": "评审会", "评审人": "王五", "日期": "2021-07-21"}


def founded(czt: Cli) -> None:
    """Tables, keys, rules and the first day, step by step as people do it (contract, the whole line as one script)."""
    czt.ok("init")
    czt.ok("joint", "init-keys")
    for city in ("changsha", "zhuzhou", "xiangtan"):
        answer = czt.ok("joint", "key", "trust", city, str(czt.home / "keys" / f"{city}.pub"))
        assert answer["source"] == "/joint-office"
        assert answer["event_id"] == str(answer["sequence"])
        assert answer["published"] is True
    czt.ok("joint", "rules", "activate")
    czt.ok("joint", "day", "2021-07-22")


CHINESE = re.compile("[\u4e00-\u9fff]")


def refused(cli: Cli, words: Sequence[str], code: int, reason: str, *said: str) -> None:
    """The command stops with this exit code and reason, in one clear message with the next step, and answers nothing.

    In Chinese, in English (which holds `said`) and as JSON; never with a traceback.
    """
    chinese, english, as_json = (cli(*words, *manner) for manner in (("--lang", "zh"), ("--lang", "en"), ("--json",)))
    for ran in (chinese, english, as_json):
        assert (ran.code, ran.out) == (code, ""), ran
        assert "Traceback" not in ran.err
    assert "→" in chinese.err
    assert "→" in english.err
    assert CHINESE.search(chinese.err)
    assert not CHINESE.search(english.err.splitlines()[0]), english.err
    assert all(word in english.err for word in said), english.err
    found = as_json.error()
    assert set(found) == {"reason", "message", "next_step"}
    assert found["reason"] == reason
    assert found["message"]
    assert found["next_step"]
