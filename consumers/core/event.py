"""One event of the chain: the verdict on it, whoever sent it, and what is known of its subject afterwards."""

from consumers.core.entries import decide_entry
from consumers.core.joint import decide_joint
from consumers.core.model import Head
from consumers.core.objections import decide_answered
from consumers.core.statements import decide_statement
from consumers.core.verdicts import EVENT_OUTCOMES, Verdict
from consumers.core.vouch import Read
from consumers.core.world import World
from schemas.city import JOINT_OFFICE, city_word
from schemas.decisions import Decision
from schemas.envelope import Envelope
from schemas.events import ObjectionAnswered, StatementData
from schemas.values import value

NEVER_HEARD_OF = Head(last_sequence=0)


@value
class Decided:
    """A record with its verdict; `sequence` is set for everything that is an event of the chain, duplicates included.

    `forked_at`: the sequence under which a record was vouched for that contradicts the chain. A parked event that is decided
    again names the decision that released it (`released_by`, a sequence) and the audit entry it had until then (`parked_at`).
    """

    read: Read
    verdict: Verdict
    sequence: int | None
    rule_set: int
    forked_at: int | None = None
    released_by: int | None = None
    parked_at: int | None = None


def is_event(verdict: Verdict) -> bool:
    """Whether the verdict is on an event (consumes a sequence) rather than on a mere record."""
    return verdict.outcome in EVENT_OUTCOMES


def decide_event(world: World, envelope: Envelope, sequence: int, *, released: bool = False) -> Verdict:
    """The verdict on an event; `world` is then as it says. `released`: people said that it need not wait any longer."""
    if envelope.subject in world.parked:
        return Verdict("parked", "behind_parked")
    if envelope.problem == "schema_unknown":
        return Verdict("parked", "schema_unknown", envelope.detail)
    if envelope.problem is not None:
        return Verdict("rejected", envelope.problem, envelope.detail)
    if _must_wait(world, envelope) and not released:
        return Verdict("parked", "rule_set_waits")
    city, data = city_word(world.source), envelope.data
    if world.source == JOINT_OFFICE and isinstance(data, Decision):
        return decide_joint(world, data, sequence)
    if city is not None and envelope.entry is not None:
        return decide_entry(world, city, envelope, envelope.entry)
    if city is not None and isinstance(data, StatementData):
        return decide_statement(world, data, sequence)
    if city is not None and isinstance(data, ObjectionAnswered):
        return decide_answered(world, city, data)
    if envelope.entry is not None:
        return Verdict("rejected", "wrong_issuer", "the joint office keeps no register")
    return Verdict("rejected", "decision_not_allowed", f"{envelope.type} is not for {world.source} to say")


def _must_wait(world: World, envelope: Envelope) -> bool:
    """Whether the rule set wants two people to look at entry events of this type first."""
    rules, kind = world.context.rules, envelope.kind
    return rules is not None and bool(rules.waits) and kind is not None and kind.is_entry and kind.word in rules.waits


def note_subject(world: World, envelope: Envelope, sequence: int, verdict: Verdict, *, released: bool = False) -> None:
    """Keep what the event says of its subject: the version sent, whatever its outcome, and an open rejection.

    A released event stays where it was in the subject's history.
    """
    if not envelope.subject:
        return
    before = world.heads.get(envelope.subject, NEVER_HEARD_OF)
    version, sent_hash = before.sent_version, before.sent_hash
    if envelope.entry_version is not None and envelope.entry_version > (version or 0):
        version, sent_hash = envelope.entry_version, envelope.entry_hash
    rejected = before.rejected_sequence
    if verdict.outcome == "rejected":
        rejected = sequence
    elif verdict.outcome == "applied":
        rejected = None
    last = before.last_sequence if released else sequence
    world.put_head(envelope.subject, Head(last, version, sent_hash, rejected))
