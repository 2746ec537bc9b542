"""What was known when: the products right after an audit entry, or at a time, on any day."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli

CATALOGUE = str(Path(__file__).parents[1] / "samples" / "changsha" / "catalogue.xlsx")
DAY = "2021-07-22"


@pytest.fixture
def two_states(cli: Cli) -> tuple[Any, Any]:
    """The products before and after a separation of the first listing."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    cli("city", "import", CATALOGUE, "--city", "changsha", "--as-of", DAY)
    cli.ok("city", "relay", "--city", "changsha", "--once")
    cli.ok("hub", "run", "--until-idle")
    before = cli.ok("hub", "products", "--limit", "1000")["products"]
    listing = before[0]["listings"][0]
    name = f"{listing['city']}/{listing['certificate_no']}"
    cli.ok("joint", "identity", "separate", name, "--by", "甲", "--agreed-by", "乙")
    cli.ok("hub", "run", "--until-idle")
    return before, cli.ok("hub", "products", "--limit", "1000")["products"]


def test_an_index_is_a_state(cli: Cli, two_states: tuple[Any, Any]) -> None:
    """After the last entry it is the store of today, one entry earlier that of before."""
    before, after = two_states
    size = cli.ok("hub", "status")["log"]["size"]
    assert before != after
    assert cli.ok("audit", "as-of", "--at", str(size - 1))["products"] == after
    earlier = cli.ok("audit", "as-of", "--at", str(size - 2))
    assert (earlier["products"], earlier["index"], earlier["valid_on"]) == (before, size - 2, DAY)
    assert cli.ok("audit", "as-of", "--at", earlier["recorded_at"])["products"] == before


def test_one_product_on_another_day(cli: Cli, two_states: tuple[Any, Any]) -> None:
    """By its key or by an entry of it; the status is judged on the day asked for."""
    before, _ = two_states
    at = str(cli.ok("hub", "status")["log"]["size"] - 2)
    one = next(product for product in before if product["status"] == "candidate")
    listing = one["listings"][0]
    named = ("--entry", f"{listing['city']}/{listing['certificate_no']}")
    assert cli.ok("audit", "as-of", "--at", at, "--product", one["product_key"])["products"] == [one]
    assert cli.ok("audit", "as-of", "--at", at, *named)["products"] == [one]
    later = cli.ok("audit", "as-of", "--at", at, *named, "--valid-on", "2099-01-01")
    assert (later["valid_on"], later["products"][0]["status"]) == ("2099-01-01", "inactive")


@pytest.mark.parametrize(("at", "code"), [("1000000", 1), ("1999-01-01T00:00:00+08:00", 1), ("gestern", 2), ("-1", 2)])
def test_a_moment_that_is_not_in_the_log(cli: Cli, at: str, code: int) -> None:
    """No entry, or no time at all: said in one sentence."""
    cli.ok("init")
    ran = cli("audit", "as-of", f"--at={at}")
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert ran.err
