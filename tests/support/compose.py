"""docker-compose.yml as the tests read it: variables filled in, services in their order, commands without containers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
SECURE = ROOT / "deploy" / "kafka" / "secure.compose.yml"
FOURTH = ROOT / "deploy" / "docker" / "fourth-city.yml"
IMAGE = "czt:"
"""How the image of our own processes begins."""

COMPLETED, HEALTHY = "service_completed_successfully", "service_healthy"

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+):-(?P<default>[^}]*)\}")


@dataclass(frozen=True)
class Service:
    """One service with what the tests need of it; `waits_for` maps services to conditions."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    profiles: tuple[str, ...]
    waits_for: Mapping[str, str]
    health: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_ours(self) -> bool:
        """Whether it runs `czt`."""
        return self.image.startswith(IMAGE)


def text(file: Path = FILE) -> str:
    """A compose file with the default of each variable in its place."""
    filled = _VARIABLE.sub(lambda found: found["default"], file.read_text("utf-8"))
    assert "${" not in filled, "a variable without a default"
    return filled


def load(file: Path = FILE) -> dict[str, Any]:
    """The file as data, anchors and merge keys resolved."""
    loaded: dict[str, Any] = yaml.safe_load(text(file))
    return loaded


def services(file: Path = FILE) -> dict[str, Service]:
    """Every service of a file by name, in the file's order."""
    return {name: _service(name, raw) for name, raw in load(file)["services"].items()}


def with_file(other: Path) -> dict[str, Service]:
    """Every service when Compose is given `docker-compose.yml` and another file (Compose Specification, Merge)."""
    found = load()["services"]
    for name, raw in load(other)["services"].items():
        found[name] = _merged(found.get(name, {}), raw)
    return {name: _service(name, raw) for name, raw in found.items()}


def _merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, what is mounted on the same place is replaced, other lists are put together, plain values replaced."""
    found = dict(before)
    for key, value in after.items():
        if isinstance(value, dict):
            found[key] = _merged(found.get(key, {}), value)
        elif key == "volumes":
            found[key] = list({one.split(":")[1]: one for one in (*found.get(key, ()), *value)}.values())
        elif isinstance(value, list) and key not in ("command", "entrypoint", "test"):
            found[key] = [*found.get(key, ()), *value]
        else:
            found[key] = value
    return found


def _service(name: str, raw: Mapping[str, Any]) -> Service:
    return Service(
        name=name,
        image=raw.get("image", ""),
        command=tuple(str(word) for word in raw.get("command", ())),
        environment={key: str(value) for key, value in raw.get("environment", {}).items()},
        profiles=tuple(raw.get("profiles", ())),
        waits_for={other: how["condition"] for other, how in raw.get("depends_on", {}).items()},
        health=tuple(raw.get("healthcheck", {}).get("test", ())),
        raw=raw,
    )


def in_order(found: Mapping[str, Service]) -> Iterator[Service]:
    """Services so that each comes after all it waits for, as Compose starts them."""
    done: set[str] = set()
    left = dict(found)
    while left:
        ready = [service for service in left.values() if done.issuperset(service.waits_for)]
        assert ready, f"they wait for each other, or for what is not there: {sorted(left)}"
        for service in ready:
            yield left.pop(service.name)
            done.add(service.name)


def mounts(service: Service) -> list[tuple[str, str]]:
    """What is mounted, as (source, target); a source that begins with `.` is a path of this repository."""
    parts = [str(volume).split(":") for volume in service.raw.get("volumes", ())]
    return [(source, target) for source, target, *_ in parts]
