"""A fourth city joins with a file, keys and a topic, and no line of code."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli
from tests.support.fourth_city import CODE, HEADER, WORD, city_text, line, write_catalogue

DAY = "2021-07-22"
SOURCE = f"/registers/{WORD}"
THEIR_WORDS = {"持证主体": "企业名称", "两型证号": "认定编号"}


def _founded(czt: Cli) -> None:
    """Three cities at work; Changsha lists the first product of the fourth city's as well, and a number that isn't its own."""
    czt.ok("init")
    czt.ok("joint", "init-keys")
    czt.ok("joint", "key", "trust", "changsha", str(czt.home / "keys" / "changsha.pub"))
    czt.ok("joint", "rules", "activate")
    czt.ok("joint", "day", DAY)


def _changsha(czt: Cli, folder: Path) -> Any:
    rows = [line(1, "CSLX-00001", district="岳麓区", status="有效"), line(2, "LD2021-002", district="岳麓区", status="有效")]
    header = {THEIR_WORDS.get(column, column): field for column, field in HEADER.items()}
    file = write_catalogue(folder / "长沙.xlsx", rows, header)
    imported = czt("city", "import", str(file), "--city", "changsha", "--as-of", DAY, "--json").json()
    czt.ok("city", "relay", "--city", "changsha", "--once")
    return imported


def _join(czt: Cli) -> Any:
    """What the runbook says: the file, then `czt init` once more."""
    folder = czt.home / "cities"
    folder.mkdir()
    (folder / f"{WORD}.toml").write_text(city_text(), "utf-8")
    return czt.ok("init")


def _status(czt: Cli) -> Any:
    return {one["source"]: one for one in czt.ok("hub", "status")["sources"]}


def test_a_fourth_city_joins(environment: Cli, tmp_path: Path) -> None:
    """A file, keys and a topic: its events wait for the joint office's trust, then they are decided, answered and replayed."""
    czt = environment
    _founded(czt)
    assert SOURCE not in _status(czt)
    made = _join(czt)
    assert made["keys"] == [WORD]
    assert sorted(made["topics"]) == [f"czt.receipts.{WORD}", f"czt.register.{WORD}"]
    assert len(made["databases"]) == 1
    again = czt.ok("init")
    assert (again["keys"], again["topics"], again["databases"]) == ([], [], [])

    assert [row["reasons"] for row in _changsha(czt, tmp_path)["rows"]] == [[], ["wrong_issuer"]]
    rows = [line(1, "LD2021-001"), line(2, "LD2021-002"), line(3, "CSLX-00009"), line(4, "LD21-4")]
    file = write_catalogue(tmp_path / "娄底.xlsx", rows)
    imported = czt("city", "import", str(file), "--city", WORD, "--as-of", DAY, "--json").json()
    assert [row["reasons"] for row in imported["rows"]] == [[], [], ["wrong_issuer"], ["certificate_pattern"]]
    assert imported["rows"][0]["entry"]["register_city"] == CODE
    assert imported["rows"][0]["entry"]["district_code"] == "431302"
    assert czt.ok("city", "relay", "--city", WORD, "--once")["last_sequence"] == 2

    czt.ok("hub", "run", "--until-idle")
    assert (_status(czt)[SOURCE]["received_through"], _status(czt)[SOURCE]["unvouched"]) == (0, 2)
    czt.ok("joint", "key", "trust", WORD, str(czt.home / "keys" / f"{WORD}.pub"))
    czt.ok("hub", "run", "--until-idle")
    stated = czt.ok("city", "statement", "--city", WORD)
    assert (stated["entries"], stated["published"]) == (2, True)
    czt.ok("hub", "run", "--until-idle")
    now = _status(czt)[SOURCE]
    assert (now["received_through"], now["verified_through"], now["outcomes"]) == (3, 3, {"applied": 3})
    _check_views(czt)


def _check_views(czt: Cli) -> None:
    receipts = czt.ok("city", "receipts", "--city", WORD)["receipts"]
    assert [(one["sequence"], one["outcome"]) for one in receipts] == [(1, "applied"), (2, "applied"), (3, "applied")]
    products = czt.ok("hub", "products", "--city", WORD)["products"]
    assert [[listing["city"] for listing in one["listings"]] for one in products] in (
        [["changsha", WORD], [WORD]],
        [[WORD], ["changsha", WORD]],
    )
    assert czt.ok("hub", "entry", WORD, "LD2021-001")["entry"]["register_city"] == CODE
    assert czt.ok("hub", "check-source", WORD)["equal"] is True
    assert {case["outcome"] for case in czt.ok("city", "check", "--city", WORD)["cases"]} == {"ok", "not_run"}
    assert czt.ok("audit", "replay")["equal"] is True
    assert czt.ok("audit", "verify", "--against-store")["ok"] is True
    checks = {one["name"]: one for one in czt.ok("doctor")["checks"]}
    assert f"{WORD} {CODE}" in checks["cities"]["detail"]
    assert {f"register {WORD}", f"key {WORD}"} <= set(checks)


def test_a_wrong_city_file_stops_commands_and_is_named(cli: Cli) -> None:
    """Nothing works with half a file: the message names file and key, `czt doctor` too."""
    cli.ok("init")
    folder = cli.home / "cities"
    folder.mkdir()
    (folder / f"{WORD}.toml").write_text(city_text().replace("娄底市", "长沙市", 1), "utf-8")
    ran = cli("hub", "status", "--json")
    assert (ran.code, ran.error()["reason"]) == (2, "settings_invalid")
    assert f"{WORD}.toml: zh = '长沙市' is in changsha.toml already" in ran.error()["message"]
    doctor = cli("doctor", "--json")
    assert doctor.code == 2
    assert f"{WORD}.toml" in doctor.json()["checks"][1]["detail"]


def test_a_file_of_the_same_name_stands_for_the_programs(cli: Cli) -> None:
    """A city changes its columns in the installation's folder, not in the program."""
    folder = cli.home / "cities"
    folder.mkdir(parents=True)
    text = city_text()
    for old, new in {f'"{WORD}"': '"changsha"', CODE: "430100", "娄底市": "长沙市", '"431302" = "娄星区"\n': ""}.items():
        text = text.replace(old, new, 1)
    (folder / "changsha.toml").write_text(text, "utf-8")
    cli.ok("init")
    file = write_catalogue(cli.home / "目录.xlsx", [line(1, "LD2021-001", district="岳麓区")])
    imported = cli("city", "import", str(file), "--city", "changsha", "--as-of", DAY, "--json").json()
    assert imported["totals"]["accept"] == 1


@pytest.fixture
def real_settings(real_settings: dict[str, str], postgres_server: Any, request: pytest.FixtureRequest) -> Any:
    """With a database for the fourth city's register."""
    name = f"cli_{WORD}_{id(request.node):x}"
    yield {**real_settings, "CZT_REGISTER_URL_LOUDI": postgres_server.create_database(name)}
    postgres_server.drop_database(name)
