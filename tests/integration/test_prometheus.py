"""Prometheus itself reads our rules, its settings, the dashboard's queries, and a running hub."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.http_health import HealthServer
from deploy.hub import begin_counting
from deploy.telemetry import Metrics
from schemas import metrics as m
from tests.support.cities import SOURCES
from tests.support.compose import ROOT
from tests.support.ports import free_port
from tests.support.process import ServerProcess
from tests.support.promtool import problems, tool

FOLDER = ROOT / "deploy" / "prometheus"
CASES = Path(__file__).parents[1] / "support" / "prometheus" / "alerts.test.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "czt.json"
PATIENCE_SECONDS = 120


def test_settings_and_rules_are_prometheus_own() -> None:
    """`promtool check config` reads both files, `amtool` the routes of the alerts."""
    assert problems("promtool", "check", "config", "prometheus.yml", folder=FOLDER) == ""
    assert problems("amtool", "check-config", str(FOLDER / "alertmanager.yml")) == ""


def test_each_alert_speaks_when_it_must(tmp_path: Path) -> None:
    """Over made-up histories each alert fires, none does while all is well, and a rule that never fires is found."""
    rules = (FOLDER / "alerts.yml").read_text("utf-8")
    assert problems("promtool", "test", "rules", str(_case(tmp_path, rules))) == ""
    deaf = rules.replace("max by (source) (czt_gaps) > 0", "max by (source) (czt_gaps) > 5")
    assert "GapOpen" in problems("promtool", "test", "rules", str(_case(tmp_path, deaf)))


def test_every_alert_has_its_history() -> None:
    """No alert is left out of the histories."""
    told = set(re.findall(r'alertname(?:: |=")(\w+)', CASES.read_text("utf-8")))
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"]
    assert told == {rule["alert"] for group in groups for rule in group["rules"]}


def test_dashboard_queries_are_promql(tmp_path: Path) -> None:
    """Each query of the dashboard parses, with Grafana's variables filled in."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    filled = [query.replace("$__rate_interval", "5m").replace("$source", "x") for query in queries]
    rules = [{"record": f"dashboard:query:{number}", "expr": query} for number, query in enumerate(filled)]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    assert problems("promtool", "check", "rules", str(file)) == ""


def _case(folder: Path, rules: str) -> Path:
    (folder / "alerts.yml").write_text(rules, "utf-8")
    file = folder / "case.yml"
    file.write_text(CASES.read_text("utf-8").replace("@ALERTS@", str(folder / "alerts.yml")), "utf-8")
    return file


@pytest.fixture
def metrics_address() -> Iterator[str]:
    """Where a process's port answers with every metric of the catalogue."""
    metrics = Metrics()
    begin_counting(metrics, SOURCES)
    metrics.put(m.FORKED, 1, {"source": "/registers/zhuzhou"})
    metrics.observe(m.BATCH_SECONDS, 0.02, {"source": "/registers/zhuzhou"})
    server = HealthServer(metrics.registry, lambda: None, "127.0.0.1", 0)
    yield server.address
    server.close()


@pytest.fixture
def prometheus(metrics_address: str, tmp_path: Path) -> Iterator[tuple[ServerProcess, str]]:
    """A Prometheus, and its address, that has the rules of the compose file and asks `metrics_address` each second."""
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    settings["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(FOLDER / "alerts.yml")]
    del settings["alerting"]
    hub = next(job for job in settings["scrape_configs"] if job["job_name"] == "hub")
    hub["static_configs"] = [{"targets": [metrics_address]}]
    file, address = tmp_path / "prometheus.yml", f"127.0.0.1:{free_port()}"
    file.write_text(yaml.safe_dump({**settings, "scrape_configs": [hub]}), "utf-8")
    command = [tool("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    process = ServerProcess([*command, f"--web.listen-address={address}", "--log.level=warn"], tmp_path / "output.log")
    yield process, address
    process.kill_tree()


def _asked(address: str, path: str, **query: str) -> Any:
    try:
        with urllib.request.urlopen(f"http://{address}{path}?{urllib.parse.urlencode(query)}", timeout=30) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


def test_prometheus_reads_a_process_and_sounds_the_alarm(prometheus: tuple[ServerProcess, str], metrics_address: str) -> None:
    """What the port answers passes Prometheus' lint, is read without an error, and a forked source becomes an alert."""
    process, address = prometheus

    def forked() -> bool:
        found = _asked(address, "/api/v1/query", query='ALERTS{alertname="SourceForked",alertstate="firing"}')
        return bool(found) and [one["metric"]["source"] for one in found["result"]] == ["/registers/zhuzhou"]

    process.wait_until(forked, PATIENCE_SECONDS, "the alert")
    [target] = _asked(address, "/api/v1/targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    known = _asked(address, "/api/v1/metadata", limit="1000")
    described = {name: (found[0]["type"], found[0]["help"]) for name, found in known.items()}
    assert {one.name: (one.kind.value, one.help_en) for one in m.CATALOGUE}.items() <= described.items()
    with urllib.request.urlopen(f"http://{metrics_address}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    assert problems("promtool", "check", "metrics", given=text) == ""
