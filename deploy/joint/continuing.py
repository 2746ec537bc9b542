"""Where a source's chain goes on: the decision of two people, checked against what the shared side has accepted."""

from consumers.store import log
from deploy.joint.desk import office
from deploy.joint.office import Answer
from deploy.joint.proposals import source_continued
from deploy.wiring import Wiring
from schemas.city import source_name
from schemas.errors import AnswerIsNo

Range = tuple[int, int]


def continue_source(
    wiring: Wiring, source: str, sequence: int | None, digest: str | None, lost: tuple[Range, ...], people: tuple[str, str]
) -> Answer:
    """Decide it. Without a sequence the chain goes on after the last accepted event.

    Raises `AnswerIsNo` when the source has no such gap, or was accepted beyond that sequence.
    """
    with wiring.store.snapshot() as loader:
        chain, size = loader.chain(source), log.size(loader.connection)
    gaps = {(gap.first, gap.last) for gap in chain.gaps}
    unknown = sorted(set(lost) - gaps)
    if unknown:
        open_gaps = " ".join(f"{first}-{last}" for first, last in sorted(gaps)) or "none"
        raise AnswerIsNo(
            f"{source_name(source)} has no gap {unknown[0][0]}-{unknown[0][1]}; open gaps: {open_gaps}.",
            "Give up a whole gap, as czt hub status shows it.",
        )
    if sequence is not None and sequence < chain.head_sequence:
        raise AnswerIsNo(
            f"{source_name(source)} was accepted up to {chain.head_sequence}; it can't go on from {sequence}.",
            "Leave --sequence and --hash away: the chain goes on after the last accepted event.",
        )
    if not lost and not chain.forked and sequence is None:
        raise AnswerIsNo(f"{source_name(source)} has not forked, and nothing is given up.", "Nothing to decide.")
    place = (chain.head_sequence, chain.head_hash) if sequence is None or digest is None else (sequence, digest)
    return office(wiring).decide([source_continued(source, place, lost, people, size)])[0]
