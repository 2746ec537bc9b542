"""Bytes of record: canonical JSON, hashes and the times that stand in events.

Leaves, entries and decisions hold only strings, integers, booleans, null, lists and objects, so sorted compact
`orjson` equals RFC 8785 for them as long as keys sort alike by UTF-16 and by code point (ours are ASCII);
the tests compare with the `rfc8785` package.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Days are days here. A fixed offset: China has had no daylight saving since 1991."""

ZERO_HASH = "0" * 64
"""`previoushash` of a source's first event."""


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value made of strings, integers below 2^53, booleans, null, lists and objects with ASCII keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def hash_of(value: Any) -> str:
    """SHA-256 over the canonical bytes of a value."""
    return sha256_hex(canonical(value))


def utc_micros(moment: datetime) -> str:
    """`2021-07-22T01:02:03.000004Z`: the form of `recorded_at`; sorts as text. `moment` must be aware."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def moment_of(words: str) -> datetime:
    """The aware moment that a person writes as a day or an ISO 8601 time; without an offset it is Shanghai's. Raises ValueError."""
    moment = datetime.fromisoformat(words)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def shanghai_time(moment: datetime) -> str:
    """RFC 3339 with `+08:00` and seconds: the form of an event's `time`. `moment` must be aware."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def shanghai_day(moment: datetime) -> date:
    """The day it is in Shanghai at `moment` (aware)."""
    return moment.astimezone(SHANGHAI).date()
