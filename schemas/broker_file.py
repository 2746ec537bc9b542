"""The embedded broker's file: its tables, how headers are written in it, which partition a key belongs to."""

import base64
import binascii
import json
import zlib
from pathlib import Path

from schemas.errors import Both, TopicMissing
from schemas.ports import Headers

TABLES = """
CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY NOT NULL,
    partitions INTEGER NOT NULL,
    compacted INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS record (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL DEFAULT 0 CHECK (typeof(partition) = 'integer'),
    offset INTEGER NOT NULL CHECK (typeof(offset) = 'integer' AND offset >= 0),
    key BLOB,
    value BLOB,
    headers TEXT DEFAULT '[]',
    timestamp INTEGER DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
    PRIMARY KEY (topic, partition, offset)
);
"""
"""`record` is not WITHOUT ROWID: with events of about 1 KB that took three times the space and half the speed.

Any program may append rows with plain SQL (offset = max + 1), and text for a value is as good as a blob. Only what
orders the log is checked.
"""

NEXT_STEP = Both(
    "请运行 czt init；已运行过的，请检查 CZT_BROKER_URL 和 CZT_HOME。",
    "Run `czt init`; if it was run, check CZT_BROKER_URL and CZT_HOME",
)
BUSY_TIMEOUT_SECONDS = 30.0
"""How long to wait for another process's transaction. A publish of 2,000 records takes about 0.1 s."""


def missing(file: Path) -> Both:
    """What to say when the broker's file is not there, or is a folder."""
    if file.is_dir():
        return Both(f"内置消息文件 {file} 是一个文件夹。", f"The embedded broker's file {file} is a folder.")
    return Both(f"没有内置消息文件 {file}。", f"There is no embedded broker's file {file}.")


def failed(file: Path, error: Exception) -> Both:
    """What to say when SQLite can't use it: no database, locked for too long, read-only, a full disk."""
    return Both(f"内置消息文件 {file} 用不了：{error}", f"The embedded broker's file {file} can't be used: {error}")


def no_partition(topic: str, partition: int) -> TopicMissing:
    """The error for a topic or partition that `czt init` did not make."""
    return TopicMissing(
        Both(
            f"内置消息文件里没有主题 {topic} 的 {partition} 号分区。",
            f"The embedded broker has no partition {partition} of topic {topic}",
        ),
        NEXT_STEP,
    )


def partition_of(key: bytes | None, partitions: int) -> int:
    """The partition a key belongs to, of `partitions`; 0 without a key."""
    return zlib.crc32(key) % partitions if key is not None else 0


def written(headers: Headers) -> str:
    """Headers as the file holds them: a JSON list of [name, base64]."""
    return json.dumps([[name, base64.b64encode(value).decode("ascii")] for name, value in headers])


def headers_of(stored: object) -> Headers:
    """The headers in a `headers` cell (text as bytes); none when it is anything but a JSON list of [name, base64]."""
    if not isinstance(stored, bytes):
        return ()
    try:
        return tuple(_header(item) for item in json.loads(stored))
    except (ValueError, TypeError, RecursionError):  # binascii's and Unicode's errors are ValueErrors
        return ()


def _header(item: object) -> tuple[str, bytes]:
    """Raises ValueError or TypeError for anything but [name, base64]."""
    if not isinstance(item, list) or len(item) != 2:
        raise ValueError
    name, value = item
    if not isinstance(name, str) or not isinstance(value, str):
        raise ValueError
    name.encode()  # a lone surrogate can't be stored or sent on
    return name, binascii.a2b_base64(value, strict_mode=True)


def octets(stored: object) -> bytes | None:
    """A `key` or `value` cell (text as bytes) as bytes: a number as its decimal digits, NULL as None."""
    if stored is None or isinstance(stored, bytes):
        return stored
    return str(stored).encode()


def milliseconds(stored: object) -> int:
    """A `timestamp` cell; 0 when it isn't an integer."""
    return stored if isinstance(stored, int) else 0
