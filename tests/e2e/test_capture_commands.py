"""`czt city capture` and `czt city review` as people call them."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, refused
from tests.support.own_tables import COLUMNS, with_capture
from tests.support.products import product
from tests.unit.producers.catalogue.catalogues import grid, row, xlsx

CITY = ("--city", "changsha")


@pytest.fixture
def captured(cli: Cli) -> Cli:
    """A fresh installation whose Changsha writes a table of its own, with ten products."""
    with_capture(cli.home / "cities")
    assert cli("init").code == 0
    with _program(cli) as program:
        program.execute(f"CREATE TABLE products ({COLUMNS})")
        for number in range(1, 11):
            _insert(program, number)
    return cli


def _program(cli: Cli) -> sqlite3.Connection:
    """The city's program; leaving its context commits."""
    return sqlite3.connect(cli.home / "register-changsha.db")


def _insert(program: sqlite3.Connection, number: int, **changes: object) -> None:
    row = product(number, **changes)
    program.execute(f"INSERT INTO products VALUES ({', '.join('?' * len(row))})", list(row.values()))  # noqa: S608  our own table


def _codes(question: dict[str, Any]) -> list[str]:
    return [each["code"] for each in question["reasons"]]


def test_a_program_writes_the_register(captured: Cli) -> None:
    """Installed, written, relayed, reviewed and removed: what people type, and the files that others parse."""
    cli = captured
    assert cli.ok("city", "capture", "status", *CITY)["installed"] is False
    assert "czt city capture install" in cli("city", "capture", "status", *CITY).out
    assert cli.ok("city", "capture", "install", *CITY) == {"city": "changsha", "table": "products", "rows": 10, "again": False}
    assert cli.ok("city", "relay", *CITY, "--once")["published"] == 10
    with _program(cli) as program:
        program.execute("UPDATE products SET cpmc = '节能水泵' WHERE id = 1")
        program.execute("DELETE FROM products WHERE id > 5")
        _insert(program, 11, zt="不清楚")
        _insert(program, 12, bh="CSLX2021012")
    assert cli.ok("city", "capture", "status", *CITY)["waiting"] == 8
    assert cli.ok("city", "relay", *CITY, "--once")["published"] == 1
    status = cli.ok("city", "capture", "status", *CITY)
    assert (status["waiting"], status["held"], status["held_withdrawals"], status["only_in_register"]) == (0, 2, 5, 5)
    rows = cli.ok("city", "review", "list", *CITY)["rows"]
    unknown, pattern, *gone = rows
    assert (_codes(unknown), unknown["key"], unknown["decidable"]) == (["status_unknown"], "11", False)
    assert (_codes(pattern), pattern["decidable"]) == (["certificate_pattern"], True)
    assert {one["kind"] for one in gone} == {"withdrawal"}
    page = cli.ok("city", "review", "list", *CITY, "--limit", "1")
    assert cli.ok("city", "review", "list", *CITY, "--cursor", str(page["next"]))["rows"] == rows[1:]
    human = cli("city", "review", "list", *CITY, "--lang", "zh").out
    assert "状态的写法不在本市的用词表中" in human
    assert "要先给出正确的值" in human
    assert "12300000001" not in human

    answering = (*CITY, "--by", "张三")
    answer = ("city", "review", "accept", str(unknown["id"]), *answering)
    assert cli(*answer, "--json").code == 1
    assert cli.ok("city", "review", "list", *CITY)["rows"] == rows
    accepted = cli.ok(*answer, "--set", "status=有效")
    assert accepted["events"] == 1
    assert (accepted["rows"][0]["outcome"], accepted["rows"][0]["certificate_no"]) == ("accept", "CSLX-00011")
    assert cli.ok("city", "review", "refuse", str(pattern["id"]), *answering, "--because", "编号写错")["events"] == 0
    confirming = ("city", "review", "accept", *answering, "--confirm-withdrawals")
    refused(cli, (*confirming, "4"), 1, "answer_is_no", "5 withdrawals")
    assert cli.ok(*confirming, "5")["events"] == 5
    assert cli.ok("city", "review", "list", *CITY) == {"city": "changsha", "rows": [], "next": None}
    assert cli.ok("city", "relay", *CITY, "--once")["published"] == 6
    assert cli.ok("city", "capture", "remove", *CITY)["removed"] is True
    assert "nothing to remove" in cli("city", "capture", "remove", *CITY).out
    assert cli("joint", "day", "2021-07-22").code == 0
    assert cli.ok("hub", "run", "--until-idle")["outcomes"]["applied"] >= 17
    entry = cli.ok("hub", "entry", "changsha", "CSLX-00006")["entry"]
    assert (entry["source_status"], entry["status_reason"]["code"]) == ("withdrawn", "other")


def test_held_row_of_a_file(cli: Cli, tmp_path: Path) -> None:
    """A row that an import held goes into the register at a person's word, under the file and row it came from."""
    assert cli("init").code == 0
    file = tmp_path / "目录.xlsx"
    file.write_bytes(xlsx(grid([row(1), row(2, status="不清楚")])))
    assert cli("city", "import", str(file), *CITY).code == 1
    (held,) = cli.ok("city", "review", "list", *CITY)["rows"]
    assert (held["kind"], held["file"], held["row"], held["cells"]["status"]) == ("file", "目录.xlsx", 4, "不清楚")
    ran = cli("city", "review", "accept", str(held["id"]), *CITY, "--by", "张三", "--set", "status=有效", "--lang", "zh")
    assert (ran.code, "产生变更 1 条" in ran.out) == (0, True)
    assert cli.ok("city", "relay", *CITY, "--once")["published"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("accept",), "Which ones"),
        (("accept", "1", "--confirm-withdrawals", "1"), "Which ones"),
        (("accept", "1", "--set", "status"), "not FIELD=VALUE"),
        (("accept", "1", "--set", "phone=1"), "not FIELD=VALUE"),
        (("accept", "1", "2", "--set", "status=有效"), "exactly one id"),
    ],
)
def test_wrong_calls(cli: Cli, words: tuple[str, ...], said: str) -> None:
    """What can't be meant is refused before anything is looked up."""
    refused(cli, ("city", "review", *words, *CITY, "--by", "张三"), 2, "usage", said)


def test_unknown_id(cli: Cli) -> None:
    """A question that is not open is the answer no."""
    cli("init")
    refused(cli, ("city", "review", "refuse", "7", *CITY, "--by", "张三", "--because", "x"), 1, "answer_is_no", "7 doesn't wait")


def test_table_that_is_not_there(cli: Cli) -> None:
    """Install says what is wrong with the table and what to do; a city without a mapping is told so."""
    cli("init")
    refused(cli, ("city", "capture", "install", *CITY), 2, "table_refused", "no [capture]")
    with_capture(cli.home / "cities")
    refused(cli, ("city", "capture", "install", *CITY), 2, "table_refused", "no table products")
