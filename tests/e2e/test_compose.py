"""docker-compose.yml without containers: its commands, as processes on real Kafka and PostgreSQL, do what the demo does."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

import deploy.wiring
from tests.support import compose
from tests.support.cities import CITIES, ZHUZHOU
from tests.support.cli import Cli, favourable, write_sheet
from tests.support.composed import Composed, kafka_options, postgres_options
from tests.support.fleet import until
from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer
from tests.support.promtool import problems
from tests.support.samples import DAY, PRODUCT_FIELDS, recognised_products, sample, sound_rows, word_of

NOON = datetime.fromisoformat(f"{DAY}T12:00:00+08:00")
LONGEST_SECONDS = 150.0
RUNNING = ["relay-changsha", "relay-zhuzhou", "relay-xiangtan", "relay-joint", "hub", "hub-standby", "console"]


@pytest.fixture
def composed(start_kafka: Callable[..., KafkaServer], start_postgres: Callable[..., PostgresServer], tmp_path: Path) -> Composed:
    """The processes, not yet started, beside a broker and a database that were set up with the files that are mounted."""
    postgres = start_postgres(*postgres_options())
    script = (compose.ROOT / "deploy" / "docker" / "databases.sql").read_text("utf-8")
    with psycopg.connect(postgres.url().replace("+psycopg", ""), autocommit=True) as connection:
        for statement in script.split(";"):
            connection.execute(statement.encode())
    return Composed(tmp_path, start_kafka(kafka_options()).bootstrap, postgres.url(), NOON)


def test_services_end_in_the_recognised_products_of_the_demo(
    composed: Composed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Started in order they become healthy, carry the contract's script to the same products, and leave when told to."""
    services = {name: one for name, one in compose.services().items() if not one.profiles or "full" in one.profiles}
    with composed:
        composed.up(services)
        composed.wait_ready(services)
        czt = _command_line(composed, monkeypatch)
        assert _line(czt, composed, tmp_path) == recognised_products()
        assert czt.ok("audit", "verify", "--against-store")["ok"] is True
        assert czt.ok("audit", "replay")["equal"] is True
        assert composed.unhealthy(services) == []
        _check_metrics(composed)
        told = json.loads(composed.answer("console api", "/api/v1/products?status=recognized&limit=1000"))
        assert told["products"] == czt.ok("hub", "products", "--status", "recognized", "--limit", "1000")["products"]
        assert {one["lag"] for one in json.loads(composed.answer("console api", "/api/v1/status"))["sources"]} == {0}
        assert composed.down(services) == dict.fromkeys(RUNNING, 0)


def _command_line(composed: Composed, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`docker compose run --rm czt …`, in this process and on that day."""
    passed = datetime.now(UTC) - NOON

    class ThatDay(deploy.wiring.SystemClock):
        def now(self) -> datetime:
            return super().now() - passed

    monkeypatch.setattr(deploy.wiring, "SystemClock", ThatDay)
    environment = composed.environment(compose.services()["czt"])
    monkeypatch.setenv("PGPASSWORD", Path(environment.pop("PGPASSWORD_FILE")).read_text().strip())
    return Cli(monkeypatch, environment)


def _line(czt: Cli, composed: Composed, folder: Path) -> list[dict[str, Any]]:
    """The contract's script, whose relays and hub run by themselves; the recognised products."""
    for city in CITIES:
        czt.ok("joint", "key", "trust", city.word, str(czt.home / "keys" / f"{city.word}.pub"))
    czt.ok("joint", "rules", "activate")
    czt.ok("joint", "day", DAY)
    sent = {}
    for city in CITIES:
        ran = czt("city", "import", sample(city.word), "--city", city.word, "--as-of", DAY, "--json")
        assert ran.code == 1  # rows are rejected and held; the accepted ones are in the register nevertheless
        sent[city] = ran.json()["events"]
    for city, events in sent.items():
        _wait(composed, "czt_settled_through", events, source=city.source)  # or further: a relay states by itself what it sent
    sound = [favourable(word_of(row["register_city"]), row["certificate_no"]) for row in sound_rows()]
    czt.ok("joint", "assess", str(write_sheet(folder / "评审表.xlsx", sound)))
    _wait(composed, "czt_products", len(sound), status="eligible")
    people = ("--by", "张三", "--agreed-by", "李四")
    czt.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", *people)
    _wait(composed, "czt_products", len(sound), status="recognized")
    _wait(composed, "czt_outbound_lag_entries", 0)
    receipts = czt.ok("city", "receipts", "--city", "zhuzhou")["receipts"]
    assert [one["sequence"] for one in receipts][: sent[ZHUZHOU]] == list(range(1, sent[ZHUZHOU] + 1))
    found = czt.ok("hub", "products", "--status", "recognized")
    return [{name: product[name] for name in PRODUCT_FIELDS} for product in found["products"]]


def _wait(composed: Composed, metric: str, value: int, **labels: str) -> None:
    """Until the hub's metrics say so, as a person watching the dashboard would wait. `czt_settled_through` may be further."""
    chosen = "{" + ",".join(f'{name}="{label}"' for name, label in labels.items()) + "}" if labels else ""
    line = re.compile(rf"^{re.escape(metric + chosen)} (\S+)$", re.MULTILINE)

    def there() -> bool:
        found = line.search(composed.answer("hub", "/metrics"))
        told = float(found[1]) if found else -1.0
        return told >= value if metric == "czt_settled_through" else told == value

    until(there, LONGEST_SECONDS, f"{metric}{chosen} {value}")


def _check_metrics(composed: Composed) -> None:
    """What Prometheus would read of each process passes its own lint, and of the hub it is what the log says."""
    for name in RUNNING:
        text = composed.answer(name, "/metrics")
        assert "czt_" in text
        if shutil.which("promtool"):  # where it is missing, tests/integration/test_prometheus.py says so
            assert problems("promtool", "check", "metrics", given=text) == ""
        if name == "hub":
            assert f'czt_products{{status="recognized"}} {len(recognised_products())}.0' in text
