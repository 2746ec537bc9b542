"""`czt doctor`: each thing that must be right, checked by itself, so that one failure doesn't hide another."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal

from deploy.environment import OF_TESTS, masked, unknown_names
from deploy.keys import LOG_KEY, load_signer, private_file
from deploy.trust import check_trust
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, source_name
from schemas.errors import Both, CztError, ServiceError, SettingsInvalid
from schemas.ports import Clock
from schemas.topics import all_topics

if TYPE_CHECKING:
    from sqlalchemy import Engine

MAX_CLOCK_SECONDS = 5.0
"""A database clock further away than this makes leases and receipts' times hard to read; days would begin wrongly."""
Lang = Literal["zh", "en"]
CHECK_PATH = Both("请检查路径和权限。", "Check the path and its permissions.")


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


def examine(wiring: Wiring, lang: Lang) -> Iterator[Finding]:
    """Every check, in the order in which a person would mend them, told in this language."""
    yield versions()
    yield _tried(lang, "settings", partial(_names, wiring))
    yield _tried(lang, "cities", partial(_cities, wiring))
    yield _tried(lang, "broker", partial(_broker, wiring))
    yield _tried(lang, "store", partial(_database, wiring, wiring.settings.store_url, "store"))
    for source in wiring.sources:
        name = "outbox" if source == JOINT_OFFICE else "register"
        yield _tried(lang, f"{name} {source_name(source)}", partial(_database, wiring, wiring.source_url(source), "source"))
    yield _tried(lang, "clock", partial(_clock, wiring))
    for name in (*(source_name(source) for source in wiring.sources), LOG_KEY):
        yield _tried(lang, f"key {name}", partial(_key, wiring, name))
    yield _tried(lang, "trust", partial(check_trust, wiring))


def wrong_settings(error: SettingsInvalid, lang: Lang) -> list[Finding]:
    """All that can be said while settings are wrong."""
    message, next_step = error.said(lang) or (error.message, error.next_step)
    return [versions(), Finding("settings", False, message, next_step)]


def _tried(lang: Lang, name: str, check: Callable[[], str | Both]) -> Finding:
    """The finding of a check that says what it found, or raises what is wrong."""
    try:
        found = check()
        return Finding(name, True, found.in_(lang) if isinstance(found, Both) else found)
    except CztError as error:
        message, next_step = error.said(lang) or (error.message, error.next_step)
        return Finding(name, False, message, next_step, isinstance(error, ServiceError))
    except OSError as error:
        return Finding(name, False, str(error), CHECK_PATH.in_(lang))


def versions() -> Finding:
    """This program's and Python's. `czt` does not start on a Python that is too old."""
    return Finding("versions", True, f"czt {metadata.version('czt')}, Python {platform.python_version()}")


def _names(wiring: Wiring) -> Both:
    words = [city.word for city in wiring.settings.cities]
    unknown = [name for name in unknown_names(words) if not name.startswith(OF_TESTS)]
    if unknown:
        names = ", ".join(unknown)
        raise SettingsInvalid(
            Both(f"没有这样的设置：{names}", f"no such settings: {names}"),
            Both("请改正写错的名称，或去掉。", "Correct or remove them."),
        )
    return Both("名称都认识，取值都合规", "all names are known, all values fit")


def _cities(wiring: Wiring) -> Both:
    named = [(city.zh, f"{city.word} {city.code}") for city in wiring.settings.cities]
    return Both("、".join(f"{zh}（{en}）" for zh, en in named), ", ".join(en for _, en in named))


def _broker(wiring: Wiring) -> Both:
    """Reaches the broker and looks for every topic; makes none."""
    address = masked(wiring.settings.broker_url)
    topics = all_topics(wiring.sources)
    for spec in topics:
        wiring.subscriber.end_offset(spec.name, 0)
    return Both(f"{address}，主题 {len(topics)} 个", f"{address}, {len(topics)} topics")


def _database(wiring: Wiring, url: str, which: Literal["store", "source"]) -> Both:
    from deploy.databases import check_durable, shown

    engine = wiring.existing(url, which)
    check_durable(engine)
    return Both(f"{shown(url)}，表结构是当前版本", f"{shown(url)}, tables are current")


def _clock(wiring: Wiring) -> Both:
    """The store's database and this machine must agree on the time."""
    require_same_time(wiring.clock, wiring.store.writer)
    now = wiring.clock.now().isoformat(timespec="seconds")
    return Both(f"{now}，与共享库所在机器一致", f"{now}, the store's database agrees")


def require_same_time(clock: Clock, engine: "Engine") -> None:
    """Raises `CztError` when the database's clock is too far from this machine's, `StoreUnavailable`."""
    from schemas.tables.clock import now_us
    from schemas.tables.transactions import transaction

    with transaction(engine) as connection:
        theirs = float(connection.execute(now_us(engine.dialect.name)).scalar_one()) / 1_000_000
    apart = abs(clock.now().timestamp() - theirs)
    if apart > MAX_CLOCK_SECONDS:
        raise CztError(
            Both(
                f"数据库所在机器与本机的时间相差 {apart:.0f} 秒", f"the database's clock and this machine's are {apart:.0f} s apart"
            ),
            Both("请让两台机器都与时间服务器（NTP）同步。", "Have both follow a time server (NTP)."),
        )


def _key(wiring: Wiring, name: str) -> str:
    directory = wiring.settings.key_dir
    return f"{private_file(directory, name)} {load_signer(directory, name).keyid}"
