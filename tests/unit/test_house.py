"""The house itself: its rooms, its files and its lock are what they are said to be."""

import os
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "producers", "consumers", "deploy")
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_other_distribution_claims_our_names(room: str) -> None:
    """Flat packages are safe only while nothing else that is installed brings a package of the same name."""
    assert set(metadata.packages_distributions().get(room, [])) <= {PROJECT["name"]}


@pytest.mark.parametrize("room", ROOMS)
def test_the_name_means_our_folder(room: str) -> None:
    """What `import` finds under a room's name is this tree's folder."""
    assert Path(__import__(room).__file__ or "").parent == ROOT / room


@pytest.mark.parametrize("path", ["docker-compose.yml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md", "SECURITY.md"])
def test_file_is_there(path: str) -> None:
    """The files a newcomer looks for stand at the top."""
    assert (ROOT / path).is_file()


def test_build_command_can_be_run() -> None:
    """`.ci/run` is executable, as a build server calls it."""
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_lock_names_no_host() -> None:
    """The lock holds names, versions and hashes, so that it works with any registry."""
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-|\S+ @ )(?!-hash=)", LOCK, re.MULTILINE)


def test_lock_pins_and_hashes_everything() -> None:
    """Each line of the lock is one exact version with at least one SHA-256, or a hash."""
    for block in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==\S+", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


def test_lock_holds_every_dependency() -> None:
    """What pyproject.toml asks for, for running and for building, is in the lock: `make lock` was not forgotten."""
    locked = {_normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE)}
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {_normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in asked} <= locked


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_room_for_odds_and_ends(room: str) -> None:
    """Nothing is called utils, helpers or common: such a name says where code was put, not what it is for."""
    names = {path.stem for path in (ROOT / room).rglob("*") if "__pycache__" not in path.parts}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}
