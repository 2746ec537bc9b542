"""Alert rules, dashboard and runbook speak of metrics that exist, and of each other."""

import json
import re
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from deploy.cli.main import tree
from schemas.metrics import CATALOGUE
from tests.support import compose
from tests.support.compose import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "czt.json").read_text("utf-8"))
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"
RUNBOOK = (ROOT / "deploy" / "runbook.md").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
TARGETS = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
LABELS = {sample: {*metric.labels, "le"} for metric in CATALOGUE for sample in metric.samples}
NOT_OURS = {"up": {"job", "instance"}}
"""What Prometheus itself writes about each process."""


def _series(expression: str) -> list[tuple[str, set[str]]]:
    """Each metric of an expression with the labels it is selected by."""
    found = re.findall(r"\b(czt_\w+|up)\b(?:\{([^}]*)\})?", expression)
    return [(name, set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", chosen))) for name, chosen in found]


def _grouped_by(expression: str) -> set[str]:
    return {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}


EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in RULES] + TARGETS


@pytest.mark.parametrize(("name", "expression"), EXPRESSIONS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(EXPRESSIONS)])
def test_expression_uses_the_catalogue_only(name: str, expression: str) -> None:
    """Every metric is exported under this name, and has the labels by which it is chosen and grouped."""
    series = _series(expression)
    assert series, name
    known = LABELS | NOT_OURS
    for metric, chosen in series:
        assert chosen <= known[metric]
    assert _grouped_by(expression) <= set().union(*(known[metric] for metric, _ in series))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alert_says_what_it_means_and_where_to_look(rule: dict[str, Any]) -> None:
    """One line in each language, a severity, and a section of the runbook by its name; words use labels that are left."""
    notes = rule["annotations"]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert re.search("[\u4e00-\u9fff]", notes["zh"])
    assert notes["summary"].isascii()
    assert notes["runbook"] == f"deploy/runbook.md#{rule['alert'].lower()}"
    left = _grouped_by(rule["expr"]) | (NOT_OURS["up"] if rule["expr"].startswith("up") else set())
    assert set(re.findall(r"\$labels\.(\w+)", notes["summary"] + notes["zh"])) <= left


def test_runbook_has_a_section_for_each_alert_and_no_other() -> None:
    """Each section says what to look at and what to do."""
    sections = re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)[1:]
    assert [section.split("\n")[0] for section in sections] == [rule["alert"] for rule in RULES]
    for section in sections:
        assert "* Look: " in section
        assert "* Do: " in section
        assert re.search("· [\u4e00-\u9fff]", section)


def test_runbook_links_lead_somewhere() -> None:
    """Links inside the page name a section, others a file."""
    for target in re.findall(r"\]\(([^)]+)\)", RUNBOOK):
        if target.startswith("#"):
            assert target[1:] in {rule["alert"].lower() for rule in RULES}
        else:
            assert (ROOT / "deploy" / target).is_file()


def test_runbook_names_commands_that_are_there() -> None:
    """Whoever follows it at night finds every command and option."""
    named = re.findall(r"`czt ([^`]+)`", RUNBOOK)
    assert len(named) > 10
    for words in named:
        node: Any = tree()
        left = words.split()
        while hasattr(node, "commands"):
            node = node.commands[left.pop(0)]
        options = {option for parameter in node.params for option in parameter.opts}
        assert {word for word in left if word != "--json"} <= options


def _asked(services: dict[str, compose.Service]) -> set[str]:
    """What Prometheus is told to ask, in its settings and in the files that are mounted where it looks for more."""
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    assert [job["job_name"] for job in jobs] == ["hub", "standby", "console", "relay"]
    looked_for = [f"/etc/prometheus/{name}" for job in jobs for one in job.get("file_sd_configs", ()) for name in one["files"]]
    mounted = {target: compose.ROOT / source for source, target in compose.mounts(services["prometheus"])}
    files = [source for target, source in mounted.items() if any(fnmatch(target, name) for name in looked_for)]
    groups = [group for job in jobs for group in job.get("static_configs", ())]
    groups += [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))]
    return {target for group in groups for target in group["targets"]}


@pytest.mark.parametrize("services", [compose.services(), compose.with_file(compose.FOURTH)], ids=["three cities", "four cities"])
def test_prometheus_asks_the_processes_of_the_compose_file(services: dict[str, compose.Service]) -> None:
    """Every process of ours is asked, at the port that it is told to listen on, and loads the rules that are mounted."""
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    running = [one for one in services.values() if one.is_ours and one.health and one.name != "demo"]
    assert _asked(services) == {f"{one.name}:{one.environment['CZT_METRICS_PORT']}" for one in running}
    mounted = [target for _, target in compose.mounts(services["prometheus"])]
    assert [f"/etc/prometheus/{name}" for name in settings["rule_files"]] == [one for one in mounted if one.endswith("alerts.yml")]


def test_dashboard_is_one_that_grafana_loads() -> None:
    """It has an id of its own, panels side by side without overlap, and the data source that is provisioned."""
    source = yaml.safe_load((PROVISIONING / "datasources" / "czt.yml").read_text("utf-8"))["datasources"][0]
    assert DASHBOARD["uid"] == "czt"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    used = {json.dumps(one["datasource"], sort_keys=True) for panel in DASHBOARD["panels"] for one in (panel, *panel["targets"])}
    assert used == {json.dumps({"type": source["type"], "uid": source["uid"]}, sort_keys=True)}
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert {name for _, expr in TARGETS for name in re.findall(r"\$(\w+)", expr)} <= variables | {"__rate_interval"}


def test_grafana_finds_its_files() -> None:
    """Provisioning, dashboards and start page are mounted where Grafana is told to look; Prometheus is asked by its name."""
    grafana = compose.services()["grafana"]
    mounted = dict(compose.mounts(grafana))
    assert mounted["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    provider = yaml.safe_load((PROVISIONING / "dashboards" / "czt.yml").read_text("utf-8"))["providers"][0]
    assert provider["options"]["path"] == mounted["./deploy/grafana/dashboards"]
    home = grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(f"{provider['options']['path']}/")
    source = yaml.safe_load((PROVISIONING / "datasources" / "czt.yml").read_text("utf-8"))["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    assert source["uid"] == DASHBOARD["panels"][0]["datasource"]["uid"]
