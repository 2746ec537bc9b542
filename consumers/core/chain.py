"""Where a vouched record belongs in its source's chain: next, after a gap, inside one, known already, or on a fork."""

from dataclasses import replace

from schemas.codec import ZERO_HASH
from schemas.values import value


@value
class Gap:
    """Missing sequences first..last; the hash of the record before them and the predecessor the record after them names."""

    first: int
    last: int
    lower_hash: str
    upper_previous: str


@value
class Chain:
    """The accepted chain of a source: highest event, gaps below it in rising order, and whether it forked.

    `verified_through`: the last statement that was reproduced; `unchecked`: the last that could not be checked and was not
    followed by one that was; `differs`: the last that differed and was not followed by one that agrees. 0 for none.
    """

    head_sequence: int = 0
    head_hash: str = ZERO_HASH
    gaps: tuple[Gap, ...] = ()
    forked: bool = False
    verified_through: int = 0
    unchecked: int = 0
    differs: int = 0

    def extended(self, sequence: int, record_hash: str) -> "Chain":
        """With the event that follows the highest one; no fork is open any more. Every event makes one: `replace` is slow."""
        return Chain(sequence, record_hash, self.gaps, False, self.verified_through, self.unchecked, self.differs)

    @property
    def received_through(self) -> int:
        """Highest N for which all of 1..N were read."""
        return self.gaps[0].first - 1 if self.gaps else self.head_sequence


@value
class Accepted:
    """The record extends or fills the chain, which is then `chain`."""

    chain: Chain


@value
class Known:
    """These bytes were decided before."""


@value
class Forked:
    """The record contradicts the accepted chain: `reason` says how; `chain` is the source's, now forked."""

    reason: str
    chain: Chain


Placement = Accepted | Known | Forked


def place(
    chain: Chain,
    sequence: int,
    record_hash: str,
    previous_hash: str | None,
    known_hash: str | None,
    fork: bool,
) -> Placement:
    """Place a vouched record.

    `previous_hash` None: the record can't be read, only its successor vouches for it. `known_hash`: the bytes decided under
    this sequence before. `fork`: its predecessor was refused as a fork.
    """
    if known_hash is not None:
        return Known() if known_hash == record_hash else _forked(chain, "sequence_reused")
    if fork and previous_hash != chain.head_hash:  # unless people said that the chain goes on from that very record
        return _forked(chain, "chain_broken")
    if sequence > chain.head_sequence:
        return _beyond_head(chain, sequence, record_hash, previous_hash)
    for gap in chain.gaps:
        if gap.first <= sequence <= gap.last:
            return _inside(chain, gap, sequence, record_hash, previous_hash)
    # A sequence that was given up as lost: the chain went on without it, and no fork of it is one now.
    return Forked("sequence_reused", chain)


def _forked(chain: Chain, reason: str) -> Forked:
    return Forked(reason, replace(chain, forked=True))


def _beyond_head(chain: Chain, sequence: int, record_hash: str, previous_hash: str | None) -> Placement:
    if sequence == chain.head_sequence + 1:
        if previous_hash not in (None, chain.head_hash):
            return _forked(chain, "chain_broken")
        return Accepted(chain.extended(sequence, record_hash))
    # An unreadable record is reached only through its successor, which then already opened the gap below itself.
    gap = Gap(chain.head_sequence + 1, sequence - 1, chain.head_hash, previous_hash or "")
    return Accepted(replace(chain, head_sequence=sequence, head_hash=record_hash, gaps=(*chain.gaps, gap)))


def _inside(chain: Chain, gap: Gap, sequence: int, record_hash: str, previous_hash: str | None) -> Placement:
    at_top, at_bottom = sequence == gap.last, sequence == gap.first
    if at_top and gap.upper_previous not in ("", record_hash):
        return _forked(chain, "chain_broken")
    if at_bottom and previous_hash not in (None, gap.lower_hash):
        return _forked(chain, "chain_broken")
    rest: list[Gap] = []
    if not at_bottom:
        rest.append(Gap(gap.first, sequence - 1, gap.lower_hash, previous_hash or ""))
    if not at_top:
        rest.append(Gap(sequence + 1, gap.last, record_hash, gap.upper_previous))
    gaps = tuple(part for other in chain.gaps for part in (rest if other is gap else (other,)))
    return Accepted(replace(chain, gaps=gaps))


def continued(chain: Chain, sequence: int, record_hash: str, lost: tuple[tuple[int, int], ...]) -> Chain:
    """The chain after people said where it goes on: from `record_hash` at `sequence`; the gaps `lost` stay empty for good."""
    gaps = tuple(gap for gap in chain.gaps if (gap.first, gap.last) not in lost)
    return replace(chain, head_sequence=sequence, head_hash=record_hash, gaps=gaps, forked=False)
