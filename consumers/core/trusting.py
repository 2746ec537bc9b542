"""Which keys the joint office trusts, from its topic alone: what its first key vouches for, decided as the hub decides it."""

from collections.abc import Iterable, Sequence

from consumers.core.chain import Chain
from consumers.core.decide import Fold
from consumers.core.model import Context, TrustedKey
from consumers.core.vouch import Read, Waiting, vouch
from consumers.core.world import World
from schemas.city import JOINT_OFFICE
from schemas.decisions import KeyRevoked, KeyTrusted
from schemas.envelope import read_envelope
from schemas.ports import Record


def trusted_keys(records: Iterable[Record], first: TrustedKey) -> dict[tuple[str, str], TrustedKey]:
    """Keys by (source, keyid) after these records, the joint office's topic from its start; `first` is the trust file's.

    No listing and no product is loaded, so decisions about one come out as rejected; none of those changes a key.
    """
    reads = [Read(record, read_envelope(record.value)) for record in records]
    fold = Fold(World(JOINT_OFFICE, Context(), Chain()), {}, set(), {})
    while decided := _decide_on(fold, reads, first):
        reads = reads[decided:]
    return fold.world.keys


def _decide_on(fold: Fold, reads: Sequence[Read], first: TrustedKey) -> int:
    """Decide up to the first record that waits, or whose decision changes who may sign the next; how many were decided."""
    world = fold.world
    own = {keyid: key for (source, keyid), key in world.keys.items() if source == JOINT_OFFICE}
    wanted = {gap.upper_previous: gap.last for gap in world.chain.gaps if gap.upper_previous}
    standings = vouch(reads, JOINT_OFFICE, {first.keyid: first} | own, fold.new_received, wanted)
    for place, (read, standing) in enumerate(zip(reads, standings, strict=True)):
        if isinstance(standing, Waiting):
            return place
        fold.add(read, standing)
        data = read.envelope.data
        if isinstance(data, KeyTrusted | KeyRevoked) and data.source == JOINT_OFFICE:
            return place + 1
    return len(reads)
