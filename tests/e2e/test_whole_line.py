"""The line of commands in the contract, as one script: three catalogues in, one batch of recognised products out."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, favourable, founded, write_sheet
from tests.support.samples import CSV, DAY, PRODUCT_FIELDS, XLSX, recognised_products, sample, sound_rows, word_of

CITIES = ("changsha", "zhuzhou", "xiangtan")


def _catalogues(czt: Cli, file: str) -> dict[str, Any]:
    imported = {}
    for city in CITIES:
        ran = czt("city", "import", sample(city, file), "--city", city, "--as-of", DAY, "--json")
        assert ran.code == 1  # rows are rejected and held; the accepted ones are in the register nevertheless
        imported[city] = ran.json()
        relayed = czt.ok("city", "relay", "--city", city, "--once")
        assert relayed["city"] == city
        assert relayed["published"] == relayed["last_sequence"] == imported[city]["events"]
    return imported


def test_three_catalogues_become_one_list_of_recognised_products(environment: Cli, tmp_path: Path) -> None:
    """The contract's script ends, with either kind of broker and database, in the products of the answer keys, provably."""
    recognised = _whole_line(environment, tmp_path, XLSX)
    assert recognised == recognised_products()
    _check_views(environment, len(recognised))
    assert environment.ok("audit", "replay")["equal"] is True
    assert environment.ok("audit", "verify", "--against-store")["ok"] is True


def test_csv_files_give_the_same_recognised_products(cli: Cli, tmp_path: Path) -> None:
    """The samples as CSV files in GB18030 end in the very same list."""
    assert _whole_line(cli, tmp_path, CSV) == recognised_products()


def _whole_line(czt: Cli, folder: Path, file: str) -> list[dict[str, Any]]:
    """The contract's script up to its last command; the recognised products with the contract's fields."""
    founded(czt)
    imported = _catalogues(czt, file)
    decided = czt.ok("hub", "run", "--until-idle")
    events = sum(answer["events"] for answer in imported.values())
    assert decided["outcomes"] == {"applied": decided["read"]}
    assert decided["read"] == decided["log_size"] >= events + 5

    sound = [favourable(word_of(row["register_city"]), row["certificate_no"]) for row in sound_rows()]
    assessed = czt.ok("joint", "assess", str(write_sheet(folder / "评审表.xlsx", sound)))
    assert len(assessed["rows"]) == len(sound)
    czt.ok("hub", "run", "--until-idle")
    assert len(czt.ok("hub", "products", "--status", "eligible")["products"]) == len(sound)

    people = ("--by", "张三", "--agreed-by", "李四")
    czt.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", *people)
    czt.ok("hub", "run", "--until-idle")
    recognised = czt.ok("hub", "products", "--status", "recognized")
    assert (recognised["day"], recognised["next"]) == (DAY, None)
    return [{name: product[name] for name in PRODUCT_FIELDS} for product in recognised["products"]]


def _check_views(czt: Cli, recognised: int) -> None:
    """What the other commands say of the same."""
    status = czt.ok("hub", "status")
    assert status["day"] == DAY
    assert status["products"]["recognized"] == recognised
    assert status["dead_letters"] == 0
    assert status["log"]["size"] == status["log"]["checkpoint_size"]
    through = {one["source"]: (one["received_through"], one["settled_through"], one["lag"]) for one in status["sources"]}
    assert through["/registers/changsha"] == (24, 24, 0)  # accepted rows of the answer key
    batch = czt.ok("joint", "batch", "show", "1")
    assert (batch["host"], batch["document"], len(batch["products"])) == ("zhuzhou", "〔2021〕12号", recognised)
    receipts = czt.ok("city", "receipts", "--city", "zhuzhou")
    assert [one["sequence"] for one in receipts["receipts"]] == list(range(1, 25))
    entry = czt.ok("hub", "entry", "xiangtan", "XTLX-00132")
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
    words = ("city", "import", sample("zhuzhou"), "--city", "zhuzhou", "--json")
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
    ran = cli("--lang", lang, "city", "import", sample("changsha"), "--city", "changsha", "--as-of", DAY)
    words = ("退回", "uscc_checksum", "校验") if lang == "zh" else ("rejected", "uscc_checksum", "check")
    assert all(word in ran.out for word in words)
    assert ran.err == ""
