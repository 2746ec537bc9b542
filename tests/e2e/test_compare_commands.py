"""What an operator asks: is the topic what the store says, is the store what the log says."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, refused

CATALOGUE = str(Path(__file__).parents[1] / "samples" / "changsha" / "catalogue.xlsx")
DAY = "2021-07-22"


@pytest.fixture
def line(cli: Cli) -> Cli:
    """One city's products, decided and sent."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    cli("city", "import", CATALOGUE, "--city", "changsha", "--as-of", DAY)
    cli.ok("city", "relay", "--city", "changsha", "--once")
    cli.ok("hub", "run", "--until-idle")
    return cli


def test_topic_and_store(line: Cli) -> None:
    """Equal is exit 0; somebody's record on the topic is exit 1, named with its field, and mended on request."""
    products = line.ok("hub", "products", "--limit", "1000")["products"]
    found = line.ok("hub", "check-products")
    assert (found["equal"], found["published"], found["waiting"]) == (True, len(products), 0)
    with closing(sqlite3.connect(line.home / "broker.db")) as broker, broker:
        topic = ("czt.recognized-products",)
        partition, key, value = broker.execute('SELECT partition, "key", value FROM record WHERE topic = ?', topic).fetchone()
        said = json.loads(value)
        said["data"]["status"] = "recognized"
        end = broker.execute("SELECT max(offset) + 1 FROM record WHERE topic = ? AND partition = ?", (*topic, partition)).fetchone()
        row = (*topic, partition, end[0], key, json.dumps(said).encode())
        broker.execute('INSERT INTO record (topic, partition, offset, "key", value) VALUES (?, ?, ?, ?, ?)', row)
    ran = line("hub", "check-products", "--json")
    assert ran.code == 1
    assert [(one["key"], one["field"], one["before"]) for one in ran.json()["differences"]] == [
        (said["data"]["product_key"], "status", "recognized")
    ]
    assert "--publish-again" in line("hub", "check-products", "--lang", "en").out
    assert line.ok("hub", "check-products", "--publish-again")["equal"]
    assert line("hub", "check-products").code == 0


def test_a_product_is_looked_up(line: Cli) -> None:
    """By code, name and model as a buyer writes them: status, basis, day, log size, and what recognition is; exit 1 for none."""
    one = line.ok("hub", "products", "--status", "candidate")["products"][0]
    asked = ("hub", "lookup", "--uscc", f" {one['uscc'].lower()}", "--product", one["product_name"])
    found = line.ok(*asked, "--model", one["models"][0])
    assert (found["match"], found["status"], found["product"]) == ("exact", "candidate", one)
    assert one["listings"][0]["certificate_no"] in found["basis"]
    assert (found["day"], found["log_size"], found["preference"]) == (
        DAY,
        line.ok("hub", "status")["log"]["size"],
        "同等条件下优先",
    )
    nothing = line(*asked, "--model", "NO-SUCH-1", "--json")
    assert (nothing.code, nothing.json()["match"], nothing.json()["product"]) == (1, "model_differs", None)


def test_the_feed_leads_to_what_the_store_has(line: Cli) -> None:
    """Followed from 0 in small pages it gives every product as it is, in the log's order; then only what changes later."""
    products = {one["product_key"]: one for one in line.ok("hub", "products", "--limit", "1000")["products"]}
    found: dict[str, Any] = {}
    since, indexes = 0, list[int]()
    size = line.ok("hub", "status")["log"]["size"]
    while since < size:
        page = line.ok("hub", "changes", "--since", str(since), "--limit", "3")
        assert page["next"] > since
        found |= {one["product"]["product_key"]: one["product"] for one in page["changes"]}
        indexes += [one["audit_index"] for one in page["changes"]]
        since = page["next"]
    assert (found, indexes) == (products, sorted(indexes))
    listing = next(iter(products.values()))["listings"][0]
    name = f"{listing['city']}/{listing['certificate_no']}"
    line.ok("joint", "identity", "separate", name, "--by", "甲", "--agreed-by", "乙")
    line.ok("hub", "run", "--until-idle")
    later = line.ok("hub", "changes", "--since", str(since))
    assert (len(later["changes"]), later["next"], later["log_size"]) == (2, size + 1, size + 1)
    refused(line, ("hub", "changes", "--since", str(size + 2)), 2, "usage", "the log became shorter")
