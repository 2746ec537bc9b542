"""`czt demo` as its two readers meet it: it tells the story, finds the tampering, and goes on serving when asked."""

import signal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.support.cli import Cli, ended, refused
from tests.support.ports import free_port
from tests.support.web import get, until

STORY = ("[1]", "sent back", "Fill in", "one product", "last receipt", "rule set 1", "batch 1", "equal to the store", "found:")
LATER = (
    "printed: 32 enterprises, 60 products",
    "whoever looks now sees: recognized · disputed",
    "settle it without effect; now: recognized;",
    "3 products lapse, ZZLX-00148 is lapsed",
    "it is recognized again without a new batch",
    "asked, not merged",
    "is that of before",
)
"""What the joint office's chapters say."""


def test_it_goes_on_serving(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--serve` leaves the hub on the demo's store, whatever the caller's settings; SIGTERM ends it; all can be checked again."""
    address, home = f"127.0.0.1:{free_port()}", tmp_path / "demo"
    others = {"CZT_STORE_URL": "sqlite:////nowhere/store.db", "CZT_HOME": "/nowhere", "COLUMNS": "80", "NO_COLOR": "1"}
    demo = cli.start("demo", "--serve", "--json", "--dir", str(home), CZT_METRICS_PORT=address.split(":")[1], **others)
    with demo:
        try:
            until(lambda: get(address, "/readyz") == (200, "ok\n"))
            until(lambda: 'czt_products{status="recognized"} 58.0' in get(address, "/metrics")[1])
            assert get(address, "/healthz")[0] == 200
            demo.send_signal(signal.SIGTERM)
            ran = ended(demo)
        finally:
            if demo.poll() is None:
                demo.kill()
    assert ran.code == 0, ran
    assert all(words in ran.err for words in (*STORY, *LATER, f"http://{address}/metrics"))
    assert "\x1b" not in ran.err
    assert "Traceback" not in ran.err
    told = ran.json()
    assert (told["tampering_found"], told["directory"]) == (True, str(home))
    _check_again(cli, monkeypatch, told["check_again"], 0)
    _check_again(cli, monkeypatch, told["check_tampered"], 1)


def _check_again(cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, code: int) -> None:
    """Run a command that the demo names, as a shell would."""
    words = command.split()
    for setting in [word for word in words if word.startswith("CZT_")]:
        monkeypatch.setenv(*setting.split("=", 1))
    found = cli(*words[words.index("audit") :], "--json")
    assert (found.code, found.json()["ok"]) == (code, code == 0)


def test_it_empties_nothing_of_others(cli: Cli, tmp_path: Path) -> None:
    """A folder with other files is refused and left alone."""
    (tmp_path / "mine.txt").write_text("keep")
    refused(cli, ("demo", "--dir", str(tmp_path)), 2, "usage", "was not made by the demo", "--dir")
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_batches_of_the_real_size(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """150 enterprises with 263 products are imported, assessed, published and printed; a rolling second batch adds its own."""
    told = cli.ok("demo", "--full", "--dir", str(tmp_path / "demo"))
    assert told["tampering_found"] is True
    monkeypatch.setenv("CZT_HOME", str(tmp_path / "demo"))
    hosts = []
    for number, enterprises, products in ((1, 150, 263), (2, 38, 60)):
        batch = cli.ok("joint", "batch", "show", str(number))
        hosts.append(batch["host"])
        assert {one["status"] for one in batch["products"]} == {"recognized"}
        assert not any(one["changed"] for one in batch["products"])
        page = (tmp_path / "demo" / "papers" / f"batch-{number}.html").read_text("utf-8")
        assert f"共 {enterprises} 家企业、{products} 个产品" in page
        rows = list(load_workbook(tmp_path / "demo" / "papers" / f"batch-{number}.xlsx").worksheets[0].iter_rows(values_only=True))
        printed = [row for row in rows if isinstance(row[0], int)]
        assert (len(printed), len({row[2] for row in printed})) == (products, enterprises)
        assert {str(row[-1]) for row in printed} == {one["product_key"] for one in batch["products"]}
        assert all("DEM0" in str(row[2]) for row in printed)
    assert hosts == ["zhuzhou", "xiangtan"]
    assert cli.ok("hub", "status")["products"]["recognized"] == 323
