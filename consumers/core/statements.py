"""Closing statements: the shared side reproduces a city's count and digest from what was sent, whatever its outcome."""

from collections.abc import Mapping
from dataclasses import replace

from consumers.core.model import Head, Verdict
from consumers.core.world import World
from schemas.codec import canonical
from schemas.events import StatementData
from schemas.tree import root_of


def digest_of(heads: Mapping[str, Head]) -> tuple[int, str]:
    """Entry count and RFC 6962 root (hex) over the sent entries, sorted by the UTF-8 bytes of the certificate number."""
    leaves = [
        canonical({"certificate_no": subject, "entry_hash": head.sent_hash, "entry_version": head.sent_version})
        for subject, head in sorted(heads.items(), key=lambda item: item[0].encode())
        if head.sent_hash is not None
    ]
    return len(leaves), root_of(leaves).hex()


def decide_statement(world: World, data: StatementData, sequence: int) -> Verdict:
    """`world.heads` holds every subject of the source. A gap below the statement leaves it unchecked."""
    if any(gap.first < sequence for gap in world.chain.gaps):
        return Verdict("applied", "statement_unchecked")
    count, digest = digest_of(world.heads)
    if (count, digest) != (data.entries, data.digest):
        return Verdict("applied", "statement_differs", f"{count} entries with digest {digest} were reproduced")
    world.chain = replace(world.chain, verified_through=max(world.chain.verified_through, sequence))
    return Verdict("applied", "statement_agrees")
