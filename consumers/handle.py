"""One batch of one source, in one transaction: load, vouch, decide, write, log, and the next offset.

Lock order: offset row, context row, product rows sorted, log row last. Dies before the commit: the batch is read again.
After: nothing is done twice, because position and effect are the same transaction.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from consumers.core.applicants import is_fraud
from consumers.core.chain import Chain
from consumers.core.decide import Fold, decide_batch
from consumers.core.event import Decided, is_event
from consumers.core.leaf import headers_json, prepared_leaf
from consumers.core.model import Context, TrustedKey
from consumers.core.needs import needs_of
from consumers.core.vouch import Read, Standing, Vouched, Waiting, vouch
from consumers.store import log, position
from consumers.store.load import Loader
from consumers.store.position import Claim
from consumers.store.queues import queue
from consumers.store.store import Store
from consumers.store.write import write_fold
from schemas.city import JOINT_OFFICE, city_word
from schemas.codec import shanghai_day
from schemas.decisions import AssessmentRecorded, DayBegan, Decision
from schemas.envelope import read_envelope
from schemas.events import OBJECTION_ANSWERED
from schemas.ports import Clock, Record


@dataclass(frozen=True)
class BatchReport:
    """What became of a window: outcomes, the claim to go on with, and how many records at its end still wait, and why.

    `reasons` counts (outcome, reason code) where there is a reason.
    """

    claim: Claim
    decided: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: int = 0
    unread: int = 0
    log_size: int = 0


class Handler:
    """Decides windows of records against a store. `first_joint_key`: the joint office's first key, from the trust file."""

    def __init__(self, store: Store, clock: Clock, first_joint_key: TrustedKey | None) -> None:
        self.store = store
        self.clock = clock
        self.first_joint_key = first_joint_key

    def handle(self, claim: Claim, records: Sequence[Record]) -> BatchReport:
        """Decide the longest beginning of `records` that can be decided now, and commit it.

        Raises `Fenced` when another process owns the source, `StoreUnavailable` when the database does not answer.
        """
        reads = [Read(record, read_envelope(record.value)) for record in records]
        with self.store.transaction() as connection:
            position.lock(connection, claim)
            loader = self.store.loader(connection)
            context = loader.context(exclusive=claim.source == JOINT_OFFICE or any(map(_concerns_others, reads)))
            chain = loader.chain(claim.source)
            received = loader.received(claim.source, _sequences(reads))
            standings = self._standings(loader, claim.source, reads, chain, received)
            # A successor may give a record a sequence that the record itself doesn't show.
            received |= loader.received(claim.source, _vouched_sequences(standings) - set(_sequences(reads)))
            ready, waiting = _cut_waiting(reads, standings)
            allowed = self._allowed(connection, claim.source, ready)
            if not allowed:
                report = BatchReport(claim, waiting=waiting, unread=len(ready))
            else:
                report = self._decide(connection, loader, claim, allowed, (chain, context), received)
                left = waiting if len(allowed) == len(ready) else 0
                report = replace(report, waiting=left, unread=len(ready) - len(allowed))
        if not report.decided:
            self._note_waiting(claim, report.waiting)
        return report

    def _standings(
        self, loader: Loader, source: str, reads: Sequence[Read], chain: Chain, received: dict[int, str]
    ) -> list[Standing]:
        keys = {keyid: key for (_, keyid), key in loader.keys(source).items()}
        if source == JOINT_OFFICE and self.first_joint_key is not None:
            keys.setdefault(self.first_joint_key.keyid, self.first_joint_key)
        wanted = {gap.upper_previous: gap.last for gap in chain.gaps if gap.upper_previous}
        return vouch(reads, source, keys, received, wanted)

    def _allowed(self, connection: Connection, source: str, ready: list[tuple[Read, Standing]]) -> list[tuple[Read, Standing]]:
        """What may be decided in this transaction: all of a city's; of the joint office's one kind of decision at a time."""
        if source != JOINT_OFFICE or not ready:
            return ready
        size, today = log.size(connection), shanghai_day(self.clock.now())
        allowed: list[tuple[Read, Standing]] = []
        for read, standing in ready:
            data = read.envelope.data
            if isinstance(data, Decision) and data.log_size > size + len(allowed):
                break
            if isinstance(data, DayBegan) and data.day > today:
                break
            if allowed and not decided_together(allowed[-1][0], read):
                break
            allowed.append((read, standing))
        return allowed

    def _decide(
        self,
        connection: Connection,
        loader: Loader,
        claim: Claim,
        allowed: list[tuple[Read, Standing]],
        before: tuple[Chain, Context],
        received: dict[int, str],
    ) -> BatchReport:
        source = claim.source
        fold = decided_and_written(loader, source, allowed, before, received, shared=source != JOINT_OFFICE)
        entries = prepared(fold)
        times = [d.read.record.timestamp_ms for d in fold.decided if is_event(d.verdict)]
        after = position.advance(connection, claim, allowed[-1][0].record.offset + 1, max(times, default=None))
        first = log.append(connection, self.store.bulk, entries, self.clock.now())
        outcomes = Counter(decided.verdict.outcome for decided in fold.decided)
        reasons = Counter((d.verdict.outcome, d.verdict.reason) for d in fold.decided if d.verdict.reason is not None)
        return BatchReport(after, len(allowed), outcomes, reasons, log_size=first + len(entries))

    def _note_waiting(self, claim: Claim, waiting: int) -> None:
        with self.store.transaction() as connection:
            position.note_waiting(connection, self.store.bulk, claim, waiting)


def decided_and_written(
    loader: Loader,
    source: str,
    allowed: list[tuple[Read, Standing]],
    before: tuple[Chain, Context],
    received: dict[int, str],
    *,
    shared: bool,
) -> Fold:
    """Load what these records need, decide them, and write everything but the rows that name an audit index.

    `before`: chain and context as loaded; `received`: sequence → hash of those decided before; `shared`: other sources
    may write at the same time. Replay folds the log through this function too.
    """
    chain, context = before
    envelopes = [read.envelope for read, _ in allowed]
    needs = needs_of(city_word(source), context, envelopes)
    world = loader.world(source, context, chain, needs, shared=shared)
    forks = loader.forks(source, [e.previous_hash for e in envelopes if e.previous_hash])
    found = {key: queue(loader, *key, context) for key in sorted(needs.parked)}
    queues = {key: waiting for key, waiting in found.items() if waiting is not None}
    fold = decide_batch(world, allowed, received, forks, queues)
    write_fold(loader.connection, loader.bulk, fold, before)
    return fold


def decided_together(before: Read, read: Read) -> bool:
    """Whether two neighbouring decisions of the joint office share a transaction: only assessments do.

    Any other decision may change what the next one has to load. Replay groups the log by the same rule.
    """
    return isinstance(before.envelope.data, AssessmentRecorded) and isinstance(read.envelope.data, AssessmentRecorded)


def _concerns_others(read: Read) -> bool:
    """A bar and an answer show at products wherever they are, so no other batch may be under way."""
    entry = read.envelope.entry
    return is_fraud(entry) if entry is not None else read.envelope.kind is OBJECTION_ANSWERED


def _vouched_sequences(standings: Sequence[Standing]) -> set[int]:
    return {standing.sequence for standing in standings if isinstance(standing, Vouched)}


def _sequences(reads: Sequence[Read]) -> list[int]:
    return [read.envelope.sequence for read in reads if read.envelope.sequence is not None]


def _cut_waiting(reads: Sequence[Read], standings: Sequence[Standing]) -> tuple[list[tuple[Read, Standing]], int]:
    """What stands before the first record that waits, and how many wait or stand behind it."""
    for index, standing in enumerate(standings):
        if isinstance(standing, Waiting):
            return list(zip(reads[:index], standings[:index], strict=True)), len(reads) - index
    return list(zip(reads, standings, strict=True)), 0


def prepared(fold: Fold) -> list[log.Prepared]:
    """The audit entries of a fold, without index and time: one a record, then one for each event decided again."""
    entries = [_prepared(fold.world.source, decided, fold.new_parked) for decided in fold.decided]
    return entries + [_prepared(part.world.source, decided, {}) for part in fold.released for decided in part.decided]


def _prepared(source: str, decided: Decided, new_parked: Mapping[int, tuple[str, str]]) -> log.Prepared:
    record, verdict, sequence = decided.read.record, decided.verdict, decided.sequence
    headers = headers_json(record.headers)
    new = sequence is not None and verdict.outcome != "duplicate"
    parked = new_parked.get(sequence) if new and sequence is not None else None
    return log.Prepared(
        source,
        prepared_leaf(source, decided, headers),
        record.value,
        headers,
        received=(sequence, decided.read.envelope.record_hash) if new and sequence is not None else None,
        again=decided.released_by is not None,
        parked=(sequence, *parked) if parked is not None and sequence is not None else None,
        products=verdict.products,
    )
