"""Where a source's chain goes on: the decision of two people, checked against what the shared side has accepted."""

from consumers.store import log
from deploy.joint.desk import office
from deploy.joint.office import Answer
from deploy.joint.proposals import source_continued
from deploy.wiring import Wiring
from schemas.city import source_name
from schemas.errors import AnswerIsNo, Both

Range = tuple[int, int]


def continue_source(
    wiring: Wiring, source: str, sequence: int | None, digest: str | None, lost: tuple[Range, ...], people: tuple[str, str]
) -> Answer:
    """Decide it. Without a sequence the chain goes on after the last accepted event.

    Raises `AnswerIsNo` when the source has no such gap, or was accepted beyond that sequence.
    """
    with wiring.store.snapshot() as loader:
        chain, size = loader.chain(source), log.size(loader.connection)
    name = source_name(source)
    gaps = {(gap.first, gap.last) for gap in chain.gaps}
    unknown = sorted(set(lost) - gaps)
    if unknown:
        open_gaps = " ".join(f"{first}-{last}" for first, last in sorted(gaps)) or "none"
        raise AnswerIsNo(
            Both(
                f"{name} 没有缺号 {unknown[0][0]}-{unknown[0][1]}；现有缺号：{open_gaps}。",
                f"{name} has no gap {unknown[0][0]}-{unknown[0][1]}; open gaps: {open_gaps}.",
            ),
            Both("请按 czt hub status 所列，整段放弃。", "Give up a whole gap, as czt hub status shows it."),
        )
    if sequence is not None and sequence < chain.head_sequence:
        raise AnswerIsNo(
            Both(
                f"{name} 已收到 {chain.head_sequence} 号，不能从 {sequence} 号接续。",
                f"{name} was accepted up to {chain.head_sequence}; it can't go on from {sequence}.",
            ),
            Both(
                "不写 --sequence 和 --hash：从最后接受的一号接续。",
                "Leave --sequence and --hash away: the chain goes on after the last accepted event.",
            ),
        )
    if not lost and not chain.forked and sequence is None:
        raise AnswerIsNo(
            Both(f"{name} 没有分叉，也没有要放弃的缺号。", f"{name} has not forked, and nothing is given up."),
            Both("无需决定。", "Nothing to decide."),
        )
    place = (chain.head_sequence, chain.head_hash) if sequence is None or digest is None else (sequence, digest)
    return office(wiring).decide([source_continued(source, place, lost, people, size)])[0]
