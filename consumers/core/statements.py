"""Closing statements: the shared side reproduces a city's count and digest from what was sent, whatever its outcome."""

from collections.abc import Mapping
from dataclasses import replace

from consumers.core.model import Head
from consumers.core.verdicts import Verdict
from consumers.core.world import World
from schemas.events import StatementData
from schemas.statements import digest_of_entries


def digest_of(heads: Mapping[str, Head]) -> tuple[int, str]:
    """Entry count and digest of the entries that were sent; subjects that are no entries don't count."""
    sent = ((subject, head.sent_version or 0, head.sent_hash) for subject, head in heads.items() if head.sent_hash is not None)
    return digest_of_entries(sent)


def decide_statement(world: World, data: StatementData, sequence: int) -> Verdict:
    """`world.heads` holds every subject of the source.

    It can be checked only where everything before it is known and nothing after it: a gap below leaves it unchecked, and
    so does its own late arrival.
    """
    chain = world.chain
    if any(gap.first < sequence for gap in chain.gaps) or sequence < chain.head_sequence:
        world.chain = replace(chain, unchecked=max(chain.unchecked, sequence))
        return Verdict("applied", "statement_unchecked")
    world.chain = replace(chain, unchecked=0)
    count, digest = digest_of(world.heads)
    if (count, digest) != (data.entries, data.digest):
        world.chain = replace(world.chain, differs=sequence)
        return Verdict("applied", "statement_differs", f"{count} entries with digest {digest} were reproduced")
    world.chain = replace(world.chain, verified_through=max(chain.verified_through, sequence), differs=0)
    return Verdict("applied", "statement_agrees")
