"""Releasing what was parked: the first waiting event of an entry is decided again, and then those behind it, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from consumers.core.event import Decided, decide_event, note_subject
from consumers.core.verdicts import Verdict, not_allowed, unknown_object
from consumers.core.vouch import Read
from consumers.core.world import World
from schemas.codec import hash_of
from schemas.decisions import ParkedReleased


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event without a final outcome: its record, its sequence, why it waits, and its entry in the log.

    `index`: of that audit entry; `previous`: the sequence of the same subject's previous event.
    """

    read: Read
    sequence: int
    reason: str
    index: int
    previous: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one subject of one source, in the chain's order, and the world of that source."""

    world: World
    events: tuple[ParkedEvent, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Events of the source of `world` that were decided again; `waiting`: sequence → reason of those that still wait."""

    world: World
    decided: tuple[Decided, ...]
    waiting: dict[int, str]


Queues = Mapping[tuple[str, int], Queue]
"""What waits, by (source, sequence) of each of its events."""


def decide_release(queues: Queues, data: ParkedReleased, sequence: int) -> tuple[Verdict, list[Released]]:
    """The verdict on the decision, and what it released. An event that this hub still can't read goes on waiting."""
    queue = queues.get((data.source, data.sequence))
    if queue is None:
        return unknown_object(f"no parked event {data.sequence} of {data.source}"), []
    first = queue.events[0]
    if first.sequence != data.sequence:
        return not_allowed(f"event {first.sequence} of the same subject waits before it; release that one"), []
    done = released(queue, sequence)
    if first.sequence in done.waiting:
        return not_allowed(f"event {data.sequence} of {data.source} waits for a hub that knows its schema version"), []
    waited = hash_of([event.sequence for event in queue.events])
    return Verdict("applied", before=waited, after=hash_of(sorted(done.waiting))), [done]


def released(queue: Queue, released_by: int) -> Released:
    """Decide the first event, whatever the rule set makes wait, and those behind it until one waits for a reason of its own.

    `released_by`: sequence of the decision. An event that still waits for the old reason gets no new verdict.
    """
    world, decided, waiting = queue.world, list[Decided](), dict[int, str]()
    for event in queue.events:
        envelope = replace(event.read.envelope, sequence=event.sequence)
        if waiting:
            waiting[event.sequence] = event.reason
            continue
        world.parked.pop(envelope.subject, None)
        verdict = decide_event(world, envelope, event.sequence, released=event is queue.events[0])
        if verdict.outcome == "parked":
            waiting[event.sequence] = verdict.reason or ""
        else:
            note_subject(world, envelope, event.sequence, verdict, released=True)
        if verdict.outcome != "parked" or verdict.reason != event.reason:
            decided.append(_decided(world, event, verdict, released_by))
    return Released(world, tuple(decided), waiting)


def _decided(world: World, event: ParkedEvent, verdict: Verdict, released_by: int) -> Decided:
    rule_set, again = world.context.rule_set, verdict.following(event.previous)
    return Decided(event.read, again, event.sequence, rule_set, released_by=released_by, parked_at=event.index)
