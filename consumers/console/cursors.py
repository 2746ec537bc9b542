"""Where a page ended, as the reader gets it: opaque, the same after a restart, good for the listing that gave it and no other."""

import base64
import binascii
from hashlib import sha256

from schemas.errors import Both, UsageError

CHECK_BYTES = 6
"""Enough to notice a cursor that was cut, edited or taken from another listing. It guards no secret: places are not secret."""


def cursor(place: str, listing: str) -> str:
    """The cursor of a place in a listing; `listing` says which: its address and every filter."""
    raw = place.encode()
    return base64.urlsafe_b64encode(_check(raw, listing) + raw).decode().rstrip("=")


def place_of(words: str, listing: str) -> str:
    """The place that a cursor of this listing means; `""` for none. Raises `UsageError` for anything else."""
    if not words:
        return ""
    try:
        found = base64.urlsafe_b64decode(words.encode("ascii") + b"=" * (-len(words) % 4))
        check, raw = found[:CHECK_BYTES], found[CHECK_BYTES:]
        if check == _check(raw, listing) and cursor(raw.decode(), listing) == words:
            return raw.decode()
    except (binascii.Error, UnicodeError):
        pass
    raise UsageError(
        Both("cursor 的值不是这一列表上一页给出的 next。", "cursor: this is not `next` of this listing's last page."),
        Both(
            "请照抄上一页的 next，其余参数不变；从头看起的不加。",
            "Copy it, and leave the other parameters as they were; or leave it out.",
        ),
    )


def _check(raw: bytes, listing: str) -> bytes:
    return sha256(listing.encode() + b"\0" + raw).digest()[:CHECK_BYTES]
