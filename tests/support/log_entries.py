"""Entries for the audit log whose content doesn't matter."""

from consumers.store.log import Prepared
from schemas.codec import sha256_hex
from tests.support.cities import CHANGSHA


def prepared(number: int, *products: str, source: str = CHANGSHA.source) -> Prepared:
    """An entry of the source's event with this sequence; it touched these products."""
    value = b"record %d" % number
    leaf = (b'{"recorded_at":"', b'","sequence":%d}' % number)
    return Prepared(source, leaf, value, "[]", received=(number, sha256_hex(value)), products=products)
