"""One batch of one source: every record gets its verdict, in order, from what is known. The only entrance to the core."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from consumers.core.chain import Accepted, Known, place
from consumers.core.event import Decided, decide_event, note_subject
from consumers.core.release import Queues, Released, decide_release
from consumers.core.verdicts import Verdict
from consumers.core.vouch import Read, Refused, Standing, Vouched
from consumers.core.world import World
from schemas.decisions import ParkedReleased
from schemas.envelope import Envelope


def decide_batch(
    world: World,
    reads: list[tuple[Read, Standing]],
    received: Mapping[int, str],
    forks: set[str],
    queues: Queues = MappingProxyType({}),
) -> "Fold":
    """Fold the records of one batch over `world`.

    `received`: sequence → hash for every readable sequence of the batch that was decided before; `forks`: hashes of refused
    fork records among the batch's predecessors; `queues`: what decisions of the batch may release.
    No standing may be `Waiting`: the caller cuts the batch before the first.
    """
    fold = Fold(world, dict(received), set(forks), queues)
    for read, standing in reads:
        fold.add(read, standing)
    return fold


class Fold:
    """The running state of a batch: verdicts so far, new sequences, new fork records, and what decisions released."""

    def __init__(self, world: World, received: dict[int, str], forks: set[str], queues: Queues) -> None:
        self.world = world
        self.decided: list[Decided] = []
        self.new_received: dict[int, str] = {}
        self.new_forks: set[str] = set()
        self.new_parked: dict[int, tuple[str, str]] = {}
        self.released: list[Released] = []
        self._received = received
        self._forks = forks
        self._queues = queues

    def add(self, read: Read, standing: Standing) -> None:
        """Decide one record."""
        sequence: int | None = None
        forked_at: int | None = None
        if isinstance(standing, Vouched):
            verdict, sequence = self._place(read.envelope, standing.sequence)
            forked_at = standing.sequence if sequence is None else None
        elif isinstance(standing, Refused):
            verdict = Verdict("refused", standing.reason)
        else:
            raise ValueError("a waiting record can't be decided")
        self.decided.append(Decided(read, verdict, sequence, self.world.context.rule_set, forked_at))

    def _place(self, envelope: Envelope, sequence: int) -> tuple[Verdict, int | None]:
        placement = place(
            self.world.chain,
            sequence,
            envelope.record_hash,
            envelope.previous_hash,
            self._received.get(sequence),
            envelope.previous_hash in self._forks,
        )
        if isinstance(placement, Known):
            return Verdict("duplicate"), sequence
        self.world.chain = placement.chain
        if not isinstance(placement, Accepted):
            self._forks.add(envelope.record_hash)
            self.new_forks.add(envelope.record_hash)
            return Verdict("refused", placement.reason), None
        self._received[sequence] = envelope.record_hash
        self.new_received[sequence] = envelope.record_hash
        return self._event(_placed(envelope, sequence), sequence), sequence

    def _event(self, envelope: Envelope, sequence: int) -> Verdict:
        """The verdict on an event of the chain, and what is known of its subject afterwards."""
        head = self.world.heads.get(envelope.subject)
        verdict = self._verdict(envelope, sequence).following(head.last_sequence if head else None)
        if verdict.outcome == "parked":
            self.new_parked[sequence] = (envelope.subject, verdict.reason or "")
            self.world.parked.setdefault(envelope.subject, []).append(sequence)
        note_subject(self.world, envelope, sequence, verdict)
        return verdict

    def _verdict(self, envelope: Envelope, sequence: int) -> Verdict:
        verdict = decide_event(self.world, envelope, sequence)
        if verdict.outcome == "applied" and isinstance(envelope.data, ParkedReleased):
            verdict, released = decide_release(self._queues, envelope.data, sequence)
            self.released += released
        return verdict


def _placed(envelope: Envelope, sequence: int) -> Envelope:
    """The event under the sequence its chain gives it; one that claims another number can't be accepted."""
    if envelope.problem is None and envelope.sequence != sequence:
        return replace(envelope, problem="schema_invalid", detail=f"its successor gives it sequence {sequence}", sequence=sequence)
    return envelope if envelope.sequence == sequence else replace(envelope, sequence=sequence)
