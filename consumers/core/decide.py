"""One batch of one source: every record gets its verdict, in order, from what is known. The only entrance to the core."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from consumers.core.chain import Accepted, Known, place
from consumers.core.entries import decide_entry
from consumers.core.joint import decide_joint
from consumers.core.model import EVENT_OUTCOMES, Head, Verdict
from consumers.core.objections import decide_answered
from consumers.core.statements import decide_statement
from consumers.core.vouch import Read, Refused, Standing, Vouched
from consumers.core.world import World
from schemas.city import JOINT_OFFICE, city_of
from schemas.decisions import Decision
from schemas.entry import entry_hash
from schemas.envelope import Envelope
from schemas.events import EntryData, ObjectionAnswered, StatementData


@dataclass(frozen=True, slots=True)
class Decided:
    """A record with its verdict; `sequence` is set for everything that is an event of the chain, duplicates included.

    `forked_at`: the sequence under which a record was vouched for that contradicts the chain.
    """

    read: Read
    verdict: Verdict
    sequence: int | None
    rule_set: int
    forked_at: int | None = None


def decide_batch(world: World, reads: list[tuple[Read, Standing]], received: Mapping[int, str], forks: set[str]) -> "Fold":
    """Fold the records of one batch over `world`.

    `received`: sequence → hash for every readable sequence of the batch that was decided before; `forks`: hashes of refused
    fork records among the batch's predecessors. No standing may be `Waiting`: the caller cuts the batch before the first.
    """
    fold = Fold(world, dict(received), set(forks))
    for read, standing in reads:
        fold.add(read, standing)
    return fold


class Fold:
    """The running state of a batch: verdicts so far, new sequences, new fork records."""

    def __init__(self, world: World, received: dict[int, str], forks: set[str]) -> None:
        self.world = world
        self.decided: list[Decided] = []
        self.new_received: dict[int, str] = {}
        self.new_forks: set[str] = set()
        self.new_parked: dict[int, tuple[str, str]] = {}
        self._received = received
        self._forks = forks

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
        verdict = replace(
            _verdict(self.world, envelope, sequence),
            previous=head.last_sequence if head else None,
        )
        if verdict.outcome == "parked":
            self.new_parked[sequence] = (envelope.subject, verdict.reason or "")
            self.world.parked.setdefault(envelope.subject, []).append(sequence)
        if envelope.subject:
            self.world.put_head(envelope.subject, _head_after(head, envelope, sequence, verdict))
        return verdict


def _placed(envelope: Envelope, sequence: int) -> Envelope:
    """The event under the sequence its chain gives it; one that claims another number can't be accepted."""
    if envelope.problem is None and envelope.sequence != sequence:
        return replace(envelope, problem="schema_invalid", detail=f"its successor gives it sequence {sequence}", sequence=sequence)
    return replace(envelope, sequence=sequence)


def _verdict(world: World, envelope: Envelope, sequence: int) -> Verdict:
    if envelope.subject in world.parked:
        return Verdict("parked", "behind_parked")
    if envelope.problem == "schema_unknown":
        return Verdict("parked", "schema_unknown", envelope.detail)
    if envelope.problem is not None:
        return Verdict("rejected", envelope.problem, envelope.detail)
    city, data = city_of(world.source), envelope.data
    if world.source == JOINT_OFFICE and isinstance(data, Decision):
        return decide_joint(world, data, sequence)
    if city is not None and isinstance(data, EntryData):
        return decide_entry(world, city, envelope, data)
    if city is not None and isinstance(data, StatementData):
        return decide_statement(world, data, sequence)
    if city is not None and isinstance(data, ObjectionAnswered):
        return decide_answered(world, city, data)
    if isinstance(data, EntryData):
        return Verdict("rejected", "wrong_issuer", "the joint office keeps no register")
    return Verdict("rejected", "decision_not_allowed", f"{envelope.type} is not for {world.source} to say")


def _head_after(head: Head | None, envelope: Envelope, sequence: int, verdict: Verdict) -> Head:
    before = head or Head(last_sequence=0)
    version, sent_hash = before.sent_version, before.sent_hash
    if envelope.entry_json is not None and envelope.entry_version is not None and envelope.entry_version > (version or 0):
        version, sent_hash = envelope.entry_version, entry_hash(envelope.entry_json)
    rejected = before.rejected_sequence
    if verdict.outcome == "rejected":
        rejected = sequence
    elif verdict.outcome == "applied":
        rejected = None
    return Head(sequence, version, sent_hash, rejected)


def is_event(verdict: Verdict) -> bool:
    """Whether the verdict is on an event (consumes a sequence) rather than on a mere record."""
    return verdict.outcome in EVENT_OUTCOMES
