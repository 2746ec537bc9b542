"""`czt console` as a process: it answers what the command line answers, tells of changes as they come, and leaves cleanly."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import deploy.console
import deploy.console_status
from consumers.store import log
from deploy.console import Folding
from deploy.console_status import StatusDesk
from deploy.databases import writer_engine
from deploy.environment import read_settings
from deploy.migrate import upgrade
from deploy.wiring import Wiring
from schemas.errors import Overloaded
from tests.support.cities import SOURCES
from tests.support.cli import Cli, ended, favourable, refused, write_sheet
from tests.support.ports import free_port
from tests.support.postgres_server import PostgresServer
from tests.support.stores import opened_store
from tests.support.web import get, until

SAMPLES = Path(__file__).parents[1] / "samples"
DAY = "2021-07-22"
LINKS = {"links": {"checkpoint": "/api/v1/checkpoint"}}


class Console:
    """A running console, asked over the network."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self.process, self.address = process, address

    def __call__(self, path: str, **query: object) -> Any:
        """The JSON of an answer, which must be 200, without its links."""
        status, body = get(self.address, f"/api/v1{path}" + (f"?{urlencode(query)}" if query else ""))
        assert status == 200, body
        found = json.loads(body)
        assert found.pop("links", LINKS["links"]) == LINKS["links"]
        return found


@contextmanager
def _console(cli: Cli, **settings: str) -> Iterator[Console]:
    port = free_port()
    address = f"127.0.0.1:{port}"
    with cli.start("console", CZT_CONSOLE_PORT=str(port), CZT_LOG_FORMAT="json", **settings) as process:
        try:
            until(lambda: process.poll() is not None or get(address, "/healthz") == (200, "ok\n"))
            yield Console(process, address)
        finally:
            if process.poll() is None:
                process.kill()


def _hand_in(cli: Cli, city: str) -> None:
    cli("city", "import", str(SAMPLES / city / "catalogue.xlsx"), "--city", city, "--as-of", DAY)
    cli.ok("city", "relay", "--city", city, "--once")
    cli.ok("hub", "run", "--until-idle")


@pytest.fixture
def line(cli: Cli, tmp_path: Path) -> Cli:
    """Changsha's sample in the shared store, two of its products published."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    _hand_in(cli, "changsha")
    numbers = [one["listings"][0]["certificate_no"] for one in cli.ok("hub", "products", "--status", "candidate")["products"][:2]]
    cli.ok("joint", "assess", str(write_sheet(tmp_path / "sheet.xlsx", [favourable("changsha", one) for one in numbers])))
    cli.ok("hub", "run", "--until-idle")
    cli.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", "--by", "甲", "--agreed-by", "乙")
    cli.ok("hub", "run", "--until-idle")
    return cli


def test_it_answers_as_the_command_line_does(line: Cli) -> None:
    """Each question gives the command's JSON: one implementation is behind both."""
    products = line.ok("hub", "products", "--limit", "1000")
    one = next(product for product in products["products"] if product["status"] == "recognized")
    key, number = one["product_key"], one["listings"][0]["certificate_no"]
    size = products["log_size"]
    with _console(line) as ask:
        assert ask("/products", limit=1000) == products
        narrow = line.ok("hub", "products", "--status", "candidate", "--city", "changsha", "--q", "机", "--day", "2023-12-31")
        assert ask("/products", status="candidate", city="changsha", q="机", day="2023-12-31") == narrow
        entry = line.ok("hub", "entry", "changsha", number)
        district = entry["entry"]["district_code"]
        there = line.ok("hub", "products", "--district", district, "--limit", "1000")
        assert ask("/products", district=district, limit=1000) == there
        assert one in there["products"] != products["products"]
        assert ask(f"/products/{key}") == line.ok("hub", "product", key) | {"at": None}
        buyer = {"uscc": one["uscc"], "product": one["product_name"], "model": one["models"][0]}
        words = [word for name, value in buyer.items() for word in (f"--{name}", value)]
        assert ask("/lookup", **buyer) == line.ok("hub", "lookup", *words)
        assert ask("/lookup", product="无此产品", uscc=one["uscc"])["match"] == "none"
        assert ask("/changes", since=9, limit=4) == line.ok("hub", "changes", "--since", "9", "--limit", "4")
        assert ask(f"/entries/changsha/{number}") == entry
        assert ask("/batches/1") == line.ok("joint", "batch", "show", "1")
        [batch] = ask("/batches")["batches"]
        assert (batch["document"], batch["products"]) == ("〔2021〕12号", 2)
        [was] = line.ok("audit", "as-of", "--at", "20", "--product", key)["products"]
        then = ask(f"/products/{key}", at=20)
        assert {name: value for name, value in then.items() if name in was} | {"fields": was["fields"]} == was
        assert (then["at"]["index"], then["status"], then["log_size"]) == (20, "candidate", 21)
        _same_status(ask("/status"), line.ok("hub", "status"))
        note = get(ask.address, "/api/v1/checkpoint")[1]
        assert note.splitlines()[:2] == ["czt.local/shared-store", str(size)]


def _same_status(found: Any, expected: Any) -> None:
    """But for ages, which pass."""
    for one in (found, expected):
        one["log"].pop("checkpoint_age_seconds")
        for source in one["sources"]:
            source.pop("freshness_seconds")
    assert found == expected


def test_the_feed_while_the_hub_writes(cli: Cli) -> None:
    """A reader who follows the feed over a long poll has, when the cities are done, what the store has; SIGTERM ends both well."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    cli.ok("hub", "run", "--until-idle")
    with _console(cli) as ask, ThreadPoolExecutor(1) as thread:
        seen, indexes = dict[str, Any](), list[int]()

        def follow() -> int:
            since = 0
            while (page := ask("/changes", since=since, limit=5, wait=60))["changes"]:
                indexes.extend(one["audit_index"] for one in page["changes"])
                seen.update({one["product"]["product_key"]: one["product"] for one in page["changes"]})
                since = page["next"]
            return int(since)

        _leave_while_waiting(ask, cli.ok("hub", "status")["log"]["size"])
        following = thread.submit(follow)
        for city in ("changsha", "zhuzhou"):
            _hand_in(cli, city)
        products = cli.ok("hub", "products", "--limit", "1000")
        until(lambda: following.done() or len(seen) == len(products["products"]))
        assert not following.done()
        ask.process.send_signal(signal.SIGTERM)
        assert following.result() == products["log_size"]  # the stop gave it an empty page
        left = ended(ask.process)
    assert left.code == 0
    assert seen == {one["product_key"]: one for one in products["products"]}
    assert indexes == sorted(set(indexes))
    lines = [json.loads(line) for line in left.err.splitlines()]
    assert [(one["event"], one.get("address")) for one in lines] == [("listening", ask.address)]


def _leave_while_waiting(ask: Console, size: int) -> None:
    """A reader who hangs up is not waited for: his request is over long before its time."""
    host, port = ask.address.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"GET /api/v1/changes?since={size}&wait=60 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    began = time.monotonic()
    until(lambda: 'czt_http_requests_total{route="/api/v1/changes"' in get(ask.address, "/metrics")[1])
    assert time.monotonic() - began < 50


def test_its_database_goes_away_and_comes_back(
    cli: Cli, start_postgres: Callable[..., PostgresServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile it is alive and not ready, questions get 503 with the reason; afterwards it goes on by itself."""
    server = start_postgres("fsync=off")  # only the process is killed, and then it starts within moments again
    engine = writer_engine(server.create_database("store"))
    upgrade(engine, "store")
    opened_store(engine).prepare(SOURCES)
    engine.dispose()
    monkeypatch.setenv("CZT_STORE_URL", engine.url.render_as_string(hide_password=False))
    metrics = f"127.0.0.1:{free_port()}"
    with _console(cli, CZT_METRICS_PORT=metrics.split(":")[1]) as ask:
        assert get(ask.address, "/readyz") == get(metrics, "/readyz") == (200, "ok\n")
        assert ask("/products")["products"] == []
        server.kill()
        status, body = get(ask.address, "/api/v1/products")
        assert (status, json.loads(body)["reason"]) == (503, "store_unreachable")
        assert get(ask.address, "/readyz")[0] == get(metrics, "/readyz")[0] == 503
        assert get(ask.address, "/healthz") == (200, "ok\n")
        server.start()
        until(lambda: get(ask.address, "/readyz")[0] == 200)
        assert ask("/products")["products"] == []
        counted = get(ask.address, "/metrics")[1]
        assert 'czt_http_requests_total{route="/api/v1/products",status="503"} 1.0' in counted
        assert 'route="/api/v1/products",status="503"} 1.0' in get(metrics, "/metrics")[1]
        too_long = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n"
        for request in (too_long, b"\x00\xff nonsense\r\n\r\n"):
            assert _raw(ask.address, request).startswith(b"HTTP/1.1 4")


def _raw(address: str, request: bytes) -> bytes:
    """The beginning of what is answered to these bytes."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        return connection.recv(100)


def test_it_says_why_it_can_not_start(cli: Cli) -> None:
    """Without tables, or on a port that is taken, it ends with one clear message."""
    refused(cli, ("console",), 2, "schema_outdated", "czt init")
    cli.ok("init")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CZT_CONSOLE_PORT", str(taken.getsockname()[1]))
        refused(cli, ("console",), 2, "usage", "CZT_CONSOLE_PORT")


def test_questions_about_the_past_are_bounded(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time, none longer than it may take or than the process stays; whatever became of one, the next is answered."""
    cli.ok("init")
    cli.ok("hub", "run", "--until-idle")
    with Wiring(read_settings()) as wiring:
        stop = threading.Event()
        folding = Folding(wiring, stop)
        with folding.then(3) as loader:
            assert log.size(loader.connection) == 4
            with pytest.raises(Overloaded, match="Another"), folding.then(1):
                pass
        monkeypatch.setattr(deploy.console, "FOLD_ENTRIES", 1)
        stop.set()
        with pytest.raises(Overloaded, match="longer"), folding.then(3):
            pass
        stop.clear()
        monkeypatch.setattr(deploy.console, "FOLD_SECONDS", -1)
        with pytest.raises(Overloaded, match="longer"), folding.then(3):
            pass
        with folding.then(0) as loader:
            assert log.size(loader.connection) == 1


def test_the_status_without_a_broker(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the broker can't be asked the lag is unknown and everything else is there, found once for all who ask at the time."""
    cli.ok("init")
    cli.ok("hub", "run", "--until-idle")
    monkeypatch.setenv("CZT_BROKER_URL", f"sqlite:///{cli.home}/gone.db")
    settings = read_settings()
    with Wiring(settings) as wiring, StatusDesk(settings, wiring.clock) as desk:
        monkeypatch.setattr(deploy.console_status, "KEPT_SECONDS", 3600)
        found = desk.status()
        assert {one["lag"] for one in found["sources"]} == {None}
        assert found["log"]["size"] == 4
        assert desk.status() is found
