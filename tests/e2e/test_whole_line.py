"""The line of commands in the contract, as one script: three catalogues in, one batch of recognised products out."""

from pathlib import Path
from typing import Any

import pytest

from schemas.city import City
from schemas.identity import product_key
from tests.support.cli import Cli, favourable, write_sheet

SAMPLES = Path(__file__).parents[1] / "samples"
CITIES = ("changsha", "zhuzhou", "xiangtan")
DAY = "2021-07-22"


def _assessed(imported: dict[str, Any]) -> list[dict[str, str]]:
    """A favourable row for the first five accepted rows of each city that are active and in date."""
    found = []
    for city, answer in imported.items():
        entries = [row["entry"] for row in answer["rows"] if row["outcome"] == "accept"]
        good = [e for e in entries if e["source_status"] == "active" and e["valid_from"] <= DAY <= e["valid_to"]]
        found += [favourable(city, entry["certificate_no"]) for entry in good[:5]]
    return found


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return City.from_code(entry["register_city"]).value, entry["certificate_no"]


def _foundations(czt: Cli) -> None:
    czt.ok("init")
    czt.ok("joint", "init-keys")
    for city in CITIES:
        answer = czt.ok("joint", "key", "trust", city, str(czt.home / "keys" / f"{city}.pub"))
        assert answer["source"] == "/joint-office"
        assert answer["event_id"] == str(answer["sequence"])
        assert answer["published"] is True
    czt.ok("joint", "rules", "activate")
    czt.ok("joint", "day", DAY)


def _catalogues(czt: Cli) -> dict[str, Any]:
    imported = {}
    for city in CITIES:
        ran = czt("city", "import", str(SAMPLES / city / "catalogue.xlsx"), "--city", city, "--as-of", DAY, "--json")
        assert ran.code == 1  # rows are rejected and held; the accepted ones are in the register nevertheless
        imported[city] = ran.json()
        relayed = czt.ok("city", "relay", "--city", city, "--once")
        assert relayed["city"] == city
        assert relayed["published"] == relayed["last_sequence"] == imported[city]["events"]
    return imported


def test_three_catalogues_become_one_list_of_recognised_products(environment: Cli, tmp_path: Path) -> None:
    """Every step of the contract's script does its part, and what comes out can be replayed and checked."""
    czt = environment
    _foundations(czt)
    imported = _catalogues(czt)
    decided = czt.ok("hub", "run", "--until-idle")
    events = sum(answer["events"] for answer in imported.values())
    assert decided["outcomes"] == {"applied": decided["read"]}
    assert decided["read"] == decided["log_size"] >= events + 5

    sheet = write_sheet(tmp_path / "评审表.xlsx", _assessed(imported))
    assessed = czt.ok("joint", "assess", str(sheet))
    assert len(assessed["rows"]) == 15
    czt.ok("hub", "run", "--until-idle")
    assert len(czt.ok("hub", "products", "--status", "eligible")["products"]) == 15

    people = ("--by", "张三", "--agreed-by", "李四")
    czt.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", *people)
    czt.ok("hub", "run", "--until-idle")
    recognised = czt.ok("hub", "products", "--status", "recognized")
    assert recognised["day"] == DAY
    assert recognised["next"] is None
    listed = {(one["city"], one["certificate_no"]) for found in recognised["products"] for one in found["listings"]}
    assert listed == {(row["城市"], row["认定编号"]) for row in _assessed(imported)}
    entries = [row["entry"] for answer in imported.values() for row in answer["rows"] if row["entry"]]
    keys = {product_key(e["uscc"], e["product_name"], e["models"]) for e in entries if _key(e) in listed}
    assert {found["product_key"] for found in recognised["products"]} == keys
    assert {(found["batch"], found["recognized_on"]) for found in recognised["products"]} == {(1, DAY)}

    _check_views(czt, imported)
    assert czt.ok("audit", "replay")["equal"] is True
    assert czt.ok("audit", "verify", "--against-store")["ok"] is True


def _check_views(czt: Cli, imported: dict[str, Any]) -> None:
    """What the other commands say of the same."""
    status = czt.ok("hub", "status")
    assert status["day"] == DAY
    assert status["products"]["recognized"] == 15
    assert status["dead_letters"] == 0
    assert status["log"]["size"] == status["log"]["checkpoint_size"]
    through = {one["source"]: (one["received_through"], one["settled_through"], one["lag"]) for one in status["sources"]}
    assert through["/registers/changsha"] == (imported["changsha"]["events"], imported["changsha"]["events"], 0)
    batch = czt.ok("joint", "batch", "show", "1")
    assert (batch["host"], batch["document"], len(batch["products"])) == ("zhuzhou", "〔2021〕12号", 15)
    receipts = czt.ok("city", "receipts", "--city", "zhuzhou")
    assert [one["sequence"] for one in receipts["receipts"]] == list(range(1, imported["zhuzhou"]["events"] + 1))
    number = receipts and imported["xiangtan"]["rows"][0]["certificate_no"]
    entry = czt.ok("hub", "entry", "xiangtan", number)
    assert entry["history"][0]["type"] == "cn.czt.entry.listed.v1"
    assert entry["history"][0]["changes"][0]["before"] is None
    page = czt.ok("hub", "events", "--source", "changsha", "--limit", "2")
    assert [one["sequence"] for one in page["events"]] == [1, 2]
    rest = czt.ok("hub", "events", "--source", "changsha", "--limit", "2", "--cursor", str(page["next"]))
    assert [one["sequence"] for one in rest["events"]] == [3, 4]
    assert czt.ok("hub", "dead-letters", "list") == {"dead_letters": [], "next": None}
    assert [one["index"] for one in czt.ok("audit", "log", "--limit", "3")["entries"]] == [0, 1, 2]
    assert czt.ok("doctor")["ok"] is True


def test_the_same_files_again_change_nothing(cli: Cli) -> None:
    """A file seen before gives the same rows and the same exit code, and no events."""
    cli.ok("init")
    words = ("city", "import", str(SAMPLES / "zhuzhou" / "catalogue.xlsx"), "--city", "zhuzhou", "--json")
    first, again = cli(*words), cli(*words)
    assert again.code == first.code == 1
    assert again.json()["rows"] == first.json()["rows"]
    assert again.json()["events"] == 0
    relayed = cli.ok("city", "relay", "--city", "zhuzhou", "--once")
    assert relayed["sealed"] == first.json()["events"]
    assert cli.ok("city", "relay", "--city", "zhuzhou", "--once")["sealed"] == 0


def test_init_may_run_again(cli: Cli) -> None:
    """Everything is made once; embedded, the joint office has decided its first four things."""
    first, again = cli.ok("init"), cli.ok("init")
    assert [one["sequence"] for one in first["decisions"]] == [1, 2, 3, 4]
    assert set(first["keys"]) == {"changsha", "zhuzhou", "xiangtan", "joint-office", "shared-store"}
    assert again == {"databases": [], "topics": [], "keys": [], "decisions": []}


def test_init_finishes_what_was_left(cli: Cli) -> None:
    """A first run that made the keys and died goes on with the decisions."""
    cli.ok("joint", "init-keys")
    assert [one["sequence"] for one in cli.ok("init")["decisions"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_for_people(cli: Cli, lang: str) -> None:
    """Without `--json` a clerk reads the row, what happened, why, and what to do, in the language asked for."""
    cli("init")
    file = str(SAMPLES / "changsha" / "catalogue.xlsx")
    ran = cli("--lang", lang, "city", "import", file, "--city", "changsha", "--as-of", DAY)
    words = ("退回", "uscc_checksum", "校验") if lang == "zh" else ("rejected", "uscc_checksum", "check")
    assert all(word in ran.out for word in words)
    assert ran.err == ""
