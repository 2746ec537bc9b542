"""docker-compose.yml says what Compose, the command line and the settings understand, and lets no process do more than it must.

The schema is that of the Compose Specification as check-jsonschema brings it (Apache-2.0, kept by its maintainers).
"""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.cli.main import tree
from deploy.environment import read_settings, unknown_names
from tests.support import compose
from tests.support.cities import ALL_TOPICS, CITIES
from tests.support.compose import FILE, FOURTH, ROOT, SECURE, Service
from tests.support.fourth_city import WORD, city_text

SERVICES = compose.services()
OURS = [service for service in SERVICES.values() if service.is_ours]
OTHERS = [service for service in SERVICES.values() if not service.is_ours]
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text("utf-8")
WATCHES = {f"watch-{city}" for city in ("changsha", "zhuzhou", "xiangtan")}
OF_THE_INSTALLATION = ("./inbox/", "./cities")
"""Folders that whoever installs it makes."""
NOT_SETTINGS = {"PGPASSWORD_FILE"}
"""What the entry point reads."""


def _by_name(service: Service) -> str:
    return service.name


@pytest.mark.parametrize("file", [FILE, SECURE, FOURTH], ids=lambda path: path.name)
def test_file_fits_the_schema_of_the_specification(file: Any) -> None:
    """Compose knows every key and takes every value."""
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text("utf-8"))
    document = compose.load(file)
    Draft202012Validator(schema).validate(document)
    document["services"]["hub"]["comand"] = ["hub"]
    assert not Draft202012Validator(schema).is_valid(document)


def test_services_of_each_profile() -> None:
    """Without a profile it is the line; each profile adds what its name says."""
    by_profile: dict[str, set[str]] = {}
    for service in SERVICES.values():
        for profile in service.profiles or ("",):
            by_profile.setdefault(profile, set()).add(service.name)
    watching = {"prometheus", "alertmanager", "grafana"}
    assert by_profile == {
        "": {
            *("kafka", "postgres", "init", "joint-keys", "hub"),
            *("relay-changsha", "relay-zhuzhou", "relay-xiangtan", "relay-joint"),
        },
        "demo": {"demo"},
        "observability": watching,
        "full": {*watching, "hub-standby", "console"},
        "commands": {"czt"},
        "watch": WATCHES,
    }


@pytest.mark.parametrize("service", OURS, ids=_by_name)
def test_command_is_one_of_the_command_line(service: Service) -> None:
    """The words name a command, and it takes the options."""
    if service.name == "czt":
        assert service.command == ("--help",)
        return
    node: Any = tree()
    words, name = list(service.command), "czt"
    while hasattr(node, "commands"):
        name = words.pop(0)
        node = node.commands[name]
    node.make_context(name, words)


@pytest.mark.parametrize(
    "service", [*OURS, *[one for one in compose.services(SECURE).values() if one.name != "kafka"]], ids=_by_name
)
def test_every_variable_is_a_setting(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable exists, and the settings take its value."""
    names = {name for name in service.environment if name not in NOT_SETTINGS}
    assert unknown_names([city.word for city in CITIES], dict.fromkeys(names, "")) == []
    for name in names:
        # Files of the container; whether they are there is not for the settings of this machine to say.
        if not name.startswith("CZT_KAFKA_"):
            monkeypatch.setenv(name, service.environment[name])
    read_settings()


def test_every_party_has_an_account_of_its_own() -> None:
    """With accounts, no two parties share one; only tables and topics, and single commands, are the administrator's."""
    accounts = {one.name: one.environment.get("CZT_KAFKA_USERNAME") for one in compose.services(SECURE).values()}
    assert accounts == {
        "kafka": None,
        **dict.fromkeys(("init", "joint-keys", "czt"), "admin"),
        **dict.fromkeys(("hub", "hub-standby"), "hub"),
        "console": "console",
        **{f"relay-{city}": city for city in ("changsha", "zhuzhou", "xiangtan")},
        "relay-joint": "joint-office",
    }
    # Who watches a folder writes a register and never sees Kafka.
    assert accounts.keys() == {one.name for one in OURS if one.name != "demo"} - WATCHES | {"kafka"}


@pytest.mark.parametrize("service", SERVICES.values(), ids=_by_name)
def test_no_process_may_do_more_than_it_must(service: Service) -> None:
    """No privileges, no new ones; ours can write to its volumes only; every image has a tag that does not move."""
    assert service.raw["cap_drop"] == ["ALL"]
    assert service.raw["security_opt"] == ["no-new-privileges:true"]
    assert service.raw.get("read_only") is (None if service.name == "kafka" else True)
    assert re.fullmatch(r"[a-z/]+:v?\d+(\.\d+)+", service.image)
    assert all(port.startswith("127.0.0.1:") for port in service.raw.get("ports", ()))


@pytest.mark.parametrize("service", SERVICES.values(), ids=_by_name)
def test_what_it_names_is_there(service: Service) -> None:
    """Files it mounts are in this repository, and volumes, secrets and networks are declared."""
    document = compose.load()
    for source, target in compose.mounts(service):
        assert target.startswith("/")
        there = (ROOT / source).exists() if source.startswith(".") else source in document["volumes"]
        assert there or source.startswith(OF_THE_INSTALLATION)
    assert set(service.raw.get("secrets", ())) <= document["secrets"].keys()
    assert set(service.raw["networks"]) <= document["networks"].keys()


def test_nothing_is_declared_in_vain() -> None:
    """Every volume and secret is somebody's."""
    document = compose.load()
    used = {source for service in SERVICES.values() for source, _ in compose.mounts(service) if not source.startswith(".")}
    assert used == document["volumes"].keys()
    assert {name for service in SERVICES.values() for name in service.raw.get("secrets", ())} == document["secrets"].keys()


@pytest.mark.parametrize("service", SERVICES.values(), ids=_by_name)
def test_who_runs_on_is_looked_after(service: Service) -> None:
    """What runs on has a health check and comes back; what ends by itself has neither."""
    ends = service.name in {"init", "joint-keys", "czt"}
    assert bool(service.health) is not ends
    assert service.raw.get("restart") == (None if ends else "unless-stopped")


def test_health_is_asked_where_the_process_answers() -> None:
    """The port of the health check is the one that the process is told to listen on."""
    for service in OURS:
        if service.health:
            port = service.environment["CZT_METRICS_PORT"]
            assert f"http://127.0.0.1:{port}/readyz" in service.health[-1]


def test_hub_and_standby_differ_in_nothing() -> None:
    """The standby can do whatever the hub can."""
    hub, standby = dict(SERVICES["hub"].raw), dict(SERVICES["hub-standby"].raw)
    assert standby.pop("profiles") == ["full"]
    assert standby == hub


def test_image_is_built_from_hashes_alone() -> None:
    """Each installing line of the Dockerfile asks for hashes, but the one that installs what was just built."""
    instructions = DOCKERFILE.replace("\\\n", " ").replace("&&", "\n")
    installing = [line for line in instructions.splitlines() if re.search(r"pip install", line)]
    assert len(installing) == 4
    assert [line for line in installing if "--require-hashes" not in line] == [line for line in installing if "dist/*.whl" in line]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-[a-z]+", bases[0])
    assert set(bases[1:]) == {"base"}


def test_image_runs_as_a_user_without_rights() -> None:
    """Its process is not root's, and folders for volumes are that user's alone."""
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    made = re.search(r"install -d -o czt -g czt -m 0700 (.*)", DOCKERFILE)
    assert made
    targets = {target for service in OURS for source, target in compose.mounts(service) if not source.startswith(".")}
    assert targets <= set(made[1].split())


def test_rights_at_kafka_are_those_of_the_topics() -> None:
    """Each topic has its writers in access.sh and no others: a source its own, the hub what the shared store sends."""
    script = (ROOT / "deploy" / "kafka" / "access.sh").read_text("utf-8")
    named = set(re.findall(r"czt\.[a-z-]+(?:\.[a-z$-]+)?", script))
    cities = ("changsha", "zhuzhou", "xiangtan")
    assert {one.replace("$city", city) for one in named for city in cities} == {spec.name for spec in ALL_TOPICS}


def test_a_fourth_city_is_one_file_more() -> None:
    """Its relay is as the others' are, and whoever reads events knows its file; nothing that exists is edited."""
    merged = compose.with_file(FOURTH)
    assert merged.keys() - SERVICES.keys() == {f"relay-{WORD}"}
    added, others = (json.dumps(merged[f"relay-{word}"].raw, sort_keys=True) for word in (WORD, "changsha"))
    assert json.loads(added.replace(WORD, "changsha").replace(WORD.upper(), "CHANGSHA")) == json.loads(others)
    for service in (one for one in merged.values() if one.is_ours and one.name != "demo"):
        assert service.environment["CZT_CITY_DIR"] == "/etc/czt/cities"
        assert ("./cities", "/etc/czt/cities") in compose.mounts(service)
        before = SERVICES.get(service.name)
        assert before is None or before.environment.items() <= service.environment.items()
        assert before is None or set(compose.mounts(before)) <= set(compose.mounts(service))
    address = "CZT_REGISTER_URL_LOUDI"
    assert {one.name for one in merged.values() if address in one.environment} == {"init", "joint-keys", "czt", f"relay-{WORD}"}


def test_a_fourth_citys_relay_has_settings_that_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each variable is one that the settings know where its file lies, and its command names that city."""
    (tmp_path / f"{WORD}.toml").write_text(city_text(), "utf-8")
    relay = compose.with_file(FOURTH)[f"relay-{WORD}"]
    for name, value in relay.environment.items():
        monkeypatch.setenv(name, str(tmp_path) if name == "CZT_CITY_DIR" else value)
    settings = read_settings()
    assert settings.cities.named(WORD) is not None
    assert relay.command == ("city", "relay", "--city", WORD)
    assert settings.register_of(WORD).endswith(f"/register_{WORD}")
    names = {name for name in relay.environment if name not in NOT_SETTINGS}
    assert unknown_names([city.word for city in settings.cities], dict.fromkeys(names, "")) == []
