"""What files are called when they are put away: nothing that lies there is ever overwritten, and rounds don't pile up."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from producers.answers.write import ANSWER_MARK
from schemas.codec import SHANGHAI

REPORT = ".报告.txt"
REPORT_JSON = ".报告.json"
ANSWER = f"{ANSWER_MARK}.xlsx"
PAPERS = (REPORT, REPORT_JSON, ANSWER)
"""The ends of the names of what is written beside a file."""

_STAMP = re.compile(r"-\d{8}-\d{6}(?:-\d{1,3})?$")
MAX_STEM_BYTES = 180
"""Of a name; file systems take 255 bytes, and what is written beside has a longer end."""


def readable(name: str) -> str:
    """A file's name as text. One that isn't UTF-8 was packed by a Chinese Windows: GB18030."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def split(name: str) -> tuple[str, str]:
    """Stem and type of a readable name; the marks of an answer and of an earlier round are no part of the stem."""
    path = PurePath(name)
    stem = path.stem
    while (bare := _STAMP.sub("", stem.removesuffix(ANSWER_MARK))) != stem and bare:
        stem = bare
    return stem.encode()[:MAX_STEM_BYTES].decode(errors="ignore"), path.suffix


def stems(stem: str, at: datetime) -> Iterator[str]:
    """Names to try, in order: the own one, then with the time, then with the time and a number."""
    yield stem
    stamped = f"{stem}-{at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"
    yield stamped
    number = 2
    while True:
        yield f"{stamped}-{number}"
        number += 1
