"""`czt doctor`: each thing that must be right, checked by itself, so that one failure doesn't hide another."""

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any

from deploy.keys import LOG_KEY, load_public, load_signer, private_file
from deploy.settings import masked, unknown_names
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, SOURCES, source_name
from schemas.errors import CztError, ServiceError
from schemas.signing import keyid_of
from schemas.topics import ALL_TOPICS

if TYPE_CHECKING:
    from sqlalchemy import Engine

MAX_CLOCK_SECONDS = 5.0
"""A database clock further away than this makes leases and receipts' times hard to read; days would begin wrongly."""
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was checked, whether it is right, what was found, what to do; `unreachable`: a service is silent."""

    name: str
    ok: bool
    detail: str
    next_step: str = ""
    unreachable: bool = False

    def as_json(self) -> dict[str, Any]:
        """The line in `czt doctor --json`."""
        return asdict(self)


def examine(wiring: Wiring) -> Iterator[Finding]:
    """Every check, in the order in which a person would mend them."""
    yield _versions()
    yield _names()
    yield _tried("broker", partial(_broker, wiring))
    yield _tried("store", partial(_database, wiring, wiring.settings.store_url, "store"))
    for source in SOURCES:
        name = "outbox" if source == JOINT_OFFICE else "register"
        yield _tried(f"{name} {source_name(source)}", partial(_database, wiring, wiring.source_url(source), "source"))
    yield _tried("clock", partial(_clock, wiring))
    for name in (*(source_name(source) for source in SOURCES), LOG_KEY):
        yield _tried(f"key {name}", partial(_key, wiring, name))
    yield _tried("trust", partial(_trust, wiring))


def _tried(name: str, check: Callable[[], str]) -> Finding:
    """The finding of a check that says what it found, or raises what is wrong."""
    try:
        return Finding(name, True, check())
    except CztError as error:
        return Finding(name, False, error.message, error.next_step, isinstance(error, ServiceError))
    except OSError as error:
        return Finding(name, False, str(error), "Check the path and its permissions.")


def _versions() -> Finding:
    found = f"czt {metadata.version('czt')}, Python {platform.python_version()}"
    return Finding("versions", sys.version_info >= OLDEST_PYTHON, found, "Install Python 3.11 or newer.")


def _names() -> Finding:
    unknown = [name for name in unknown_names() if not name.startswith("CZT_TEST_")]
    if unknown:
        return Finding("settings", False, f"no such settings: {', '.join(unknown)}", "Correct or remove them.")
    return Finding("settings", True, "all names are known")


def _broker(wiring: Wiring) -> str:
    """Reaches the broker and looks for every topic; makes none."""
    address = wiring.settings.broker_url
    for spec in ALL_TOPICS:
        wiring.subscriber.end_offset(spec.name, 0)
    return f"{masked(address)}, {len(ALL_TOPICS)} topics"


def _database(wiring: Wiring, url: str, which: Any) -> str:
    from deploy.databases import check_durable, shown

    engine = wiring.existing(url, which)
    check_durable(engine)
    return f"{shown(url)}, tables are current"


def _clock(wiring: Wiring) -> str:
    """The store's database and this machine must agree on the time."""
    ours, theirs = wiring.clock.now().timestamp(), _database_seconds(wiring.store.writer)
    apart = abs(ours - theirs)
    if apart > MAX_CLOCK_SECONDS:
        raise CztError(f"the store's database and this machine are {apart:.0f} s apart", "Have both follow a time server (NTP).")
    return f"{wiring.clock.now().isoformat(timespec='seconds')}, the store's database agrees"


def _database_seconds(engine: "Engine") -> float:
    from schemas.tables.clock import now_us
    from schemas.tables.transactions import transaction

    with transaction(engine) as connection:
        return float(connection.execute(now_us(engine.dialect.name)).scalar_one()) / 1_000_000


def _key(wiring: Wiring, name: str) -> str:
    directory = wiring.settings.key_dir
    return f"{private_file(directory, name)} {load_signer(directory, name).keyid}"


def _trust(wiring: Wiring) -> str:
    file = wiring.settings.trust_file
    return f"{file} {keyid_of(load_public(file))}"
