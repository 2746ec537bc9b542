"""One file per city says what only the city knows: its columns, numbers, words and limits. This reads it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from schemas.city import City
from schemas.entry import Kind, SourceStatus
from schemas.errors import Both, SettingsInvalid

FIELDS = (
    "seq",
    "enterprise_name",
    "uscc",
    "district",
    "product_name",
    "models",
    "category",
    "standards",
    "certificate_no",
    "batch",
    "valid_from",
    "valid_to",
    "validity",
    "status",
    "remark",
)
"""Columns a catalogue may have. `validity` holds a range or a term; `seq` is the running number, never kept."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """Words of one status: `words` are the city's own, `synonyms` are understood with a warning."""

    words: frozenset[str]
    synonyms: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaptureMapping:
    """How a table of the city's own is a catalogue. `table` may be `schema.table`; `key` is the column that names a row.

    `columns` maps fields to the table's columns, `fixed` gives fields that no column holds the same text in every row.
    """

    table: str
    key: str
    columns: Mapping[str, str]
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CityFile:
    """A city's file, checked. Regular expressions match the whole canonical text; label lists go from best to last.

    `capture` is None in a city whose register no program writes.
    """

    city: City
    kind: Kind
    withdrawal_share: float
    certificate_pattern: re.Pattern[str]
    other_prefixes: Mapping[str, City]
    columns: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    contact_words: tuple[str, ...]
    not_in_labels: tuple[str, ...]
    statuses: Mapping[SourceStatus, StatusWords]
    withdrawn_remark: re.Pattern[str]
    suspended_remark: re.Pattern[str]
    status_reasons: Mapping[str, re.Pattern[str]]
    batch_forms: tuple[re.Pattern[str], ...]
    district_aliases: Mapping[str, str]
    capture: CaptureMapping | None = None


def load_city_file(city: City) -> CityFile:
    """The file that comes with the program. Raises `SettingsInvalid` when it is wrong."""
    return parse_city_file(resources.files("producers").joinpath("cities", f"{city.value}.toml").read_text("utf-8"))


def parse_city_file(text: str) -> CityFile:
    """A city's file from its TOML text. Raises `SettingsInvalid` naming what is wrong."""
    try:
        return _city_file(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError, re.error) as error:
        raise SettingsInvalid(
            Both(f"城市配置文件有误：{error!r}", f"A city's file is wrong: {error!r}"),
            Both("请对照 producers/cities/ 下的其他城市文件改正。", "Compare it with the other files in producers/cities/."),
        ) from error


def _city_file(raw: Mapping[str, Any]) -> CityFile:
    columns = {name: tuple(labels) for name, labels in raw["columns"].items()}
    if unknown := set(columns) - set(FIELDS):
        raise ValueError(f"unknown columns {sorted(unknown)}")
    share = float(raw["withdrawal_share"])
    if not 0 <= share <= 1:
        raise ValueError("withdrawal_share is not between 0 and 1")
    return CityFile(
        city=City(raw["city"]),
        kind=Kind(raw["kind"]),
        withdrawal_share=share,
        certificate_pattern=re.compile(raw["certificate"]["pattern"]),
        other_prefixes={prefix: City(word) for prefix, word in raw["certificate"]["other_prefixes"].items()},
        columns=columns,
        needed=tuple(tuple(one.split("|")) for one in raw["header"]["needed"]),
        contact_words=tuple(raw["header"]["contact_words"]),
        not_in_labels=tuple(raw["header"]["not_in_labels"]),
        statuses={SourceStatus(name): _status_words(words) for name, words in raw["status"].items()},
        withdrawn_remark=re.compile(raw["remark"]["withdrawn"]),
        suspended_remark=re.compile(raw["remark"]["suspended"]),
        status_reasons={code: re.compile(pattern) for code, pattern in raw["remark"]["reasons"].items()},
        batch_forms=tuple(re.compile(form) for form in raw["batch"]["forms"]),
        district_aliases=dict(raw["districts"]["aliases"]),
        capture=_capture(raw["capture"], raw["header"]) if "capture" in raw else None,
    )


_SQL_NAME = re.compile(r"[^\s.\"'$\\\x00-\x1f\x7f]{1,63}")
"""A name of a table or column that can stand in quotation marks as it is; 63 bytes are PostgreSQL's limit."""


def _capture(raw: Mapping[str, Any], header: Mapping[str, Any]) -> CaptureMapping:
    """Raises ValueError when a needed field is not there, or a column is not to be captured."""
    columns, fixed = dict(raw["columns"]), {field: str(text) for field, text in raw.get("fixed", {}).items()}
    if unknown := ({*columns, *fixed} - set(FIELDS)) | ({"seq"} & {*columns, *fixed}) | (set(columns) & set(fixed)):
        raise ValueError(f"capture: unknown or doubled fields {sorted(unknown)}")
    if "certificate_no" not in columns:
        raise ValueError("capture: certificate_no needs a column")
    schema, _, table = raw["table"].rpartition(".")
    names = [*([schema] if schema else []), table, raw["key"], *columns.values()]
    if odd := [name for name in names if not _SQL_NAME.fullmatch(name)]:
        raise ValueError(f"capture: no names of a table or column: {odd}")
    if private := [name for name in columns.values() if any(word.lower() in name.lower() for word in header["contact_words"])]:
        raise ValueError(f"capture: contact columns never leave the city: {private}")
    for choice in header["needed"]:
        if not {*columns, *fixed} & set(choice.split("|")):
            raise ValueError(f"capture: nothing gives {choice}")
    return CaptureMapping(raw["table"], raw["key"], columns, fixed)


def _status_words(raw: Mapping[str, Any]) -> StatusWords:
    return StatusWords(frozenset(raw["words"]), frozenset(raw["synonyms"]))
