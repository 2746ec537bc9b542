"""What an operator asks: is the topic what the store says, is the store what the log says."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.cli import Cli

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
