"""Entity tags from the log's size: an answer changes when the log grows, and not before (RFC 9110 §8.8.3, §13.1.2)."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from consumers.store.load import Loader
from schemas.tables import store as t

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def log_tag(loader: Loader, version: str) -> str:
    """The tag of whatever is read in this snapshot: the log's size, the time of its last entry, the program's version.

    The time tells a store that was restored and went on otherwise from the one before; an upgrade may change the answers' form.
    """
    size, last_us = loader.connection.execute(select(t.audit_log.c.size, t.audit_log.c.last_recorded_us)).one()
    return f'"{size}.{last_us:x}.{version}"'


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader has already: tags of If-None-Match, or anything (`*`)."""

    tags: frozenset[str] = frozenset()
    anything: bool = False

    def __contains__(self, tag: object) -> bool:
        return self.anything or tag in self.tags


def known_tags(header: str) -> Known:
    """The tags of an If-None-Match header, weak ones like strong ones. What can't be read is no tag."""
    return Known(frozenset(_TAG.findall(header)), header.strip() == "*")
