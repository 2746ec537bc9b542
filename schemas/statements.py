"""The digest of a closing statement: the city makes it from its register, the shared side from what it was sent."""

from collections.abc import Iterable

from schemas.codec import canonical
from schemas.tree import root_of


def digest_of_entries(entries: Iterable[tuple[str, int, str]]) -> tuple[int, str]:
    """Entry count and RFC 6962 root (hex) over (certificate number, version, entry hash), sorted by the number's UTF-8 bytes."""
    leaves = [
        canonical({"certificate_no": number, "entry_hash": digest, "entry_version": version})
        for number, version, digest in sorted(entries, key=lambda entry: entry[0].encode())
    ]
    return len(leaves), root_of(leaves).hex()
