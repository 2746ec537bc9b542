"""What a wave of row images makes of the register: entries that change, rows that wait, entries that vanished. Pure.

A row of the table stands for the entry under whose number it was accepted last, until another row is accepted under that
number. The entry is withdrawn when no row stands for it any more; too many at once, or in a day, wait for a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from producers.capture.images import Image, Wave
from producers.capture.mapping import data_row
from producers.catalogue.conflicts import conflicts
from producers.catalogue.fill import DataRow
from producers.catalogue.read import result_of
from producers.catalogue.remembered import Reads
from producers.catalogue.report import RowResult
from producers.catalogue.rows import Judged, judge
from producers.city_file import CaptureMapping, CityFile
from producers.diff import Change, diff, withdrawal_limit, withdrawals
from schemas.entry import RegisterEntry, SourceStatus, StatusReason

GONE_REASON = StatusReason(code="other", text="名录库中已删除")


@dataclass(frozen=True, slots=True)
class Waits:
    """A row that the rules don't accept. `id` names its question; None: nobody was asked yet."""

    row: DataRow
    reasons: tuple[str, ...]
    certificate_no: str | None
    origin: Mapping[str, str]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A change with the cells it came from, as typed, and when the row was written (`captured_at`)."""

    change: Change
    cells: Mapping[str, str]
    time: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is judged: newly written, or waiting since an earlier wave (`asked`)."""

    key: str
    row: DataRow
    time: str
    asked: int | None = None


class Known:
    """What is known of the city's table and its register; each wave changes it.

    `stands_for` holds every row by its key, None for one that was never accepted; `waits` the rows that wait, `vanished`
    the entries whose withdrawal waits with the id of its question; `withdrawn` counts today's withdrawals by vanishing.
    """

    def __init__(
        self,
        register: Mapping[str, tuple[RegisterEntry, int]],
        stands_for: Mapping[str, str | None],
        waits: Mapping[str, Waits],
        vanished: Mapping[str, int | None],
        withdrawn: int = 0,
    ) -> None:
        self.register = dict(register)
        self.stands_for = dict(stands_for)
        self.waits = dict(waits)
        self.vanished = dict(vanished)
        self.withdrawn = withdrawn
        self._row_of = {number: key for key, number in stands_for.items() if number is not None}
        self._by_word: dict[str, set[str]] = {}
        for entry, _ in self.register.values():
            self._remember(entry)

    def _remember(self, entry: RegisterEntry) -> None:
        for word in (entry.uscc, entry.enterprise_name):
            self._by_word.setdefault(word, set()).add(entry.certificate_no)

    def enter(self, change: Change) -> None:
        """Take note of a change of the register."""
        self.register[change.entry.certificate_no] = (change.entry, change.version)
        self._remember(change.entry)

    def related(self, rows: Iterable[Judged], leaving: set[str]) -> dict[str, RegisterEntry]:
        """The entries that name a firm of these rows, without those on which the rows no longer stand."""
        words = {word for one in rows for word in (one.uscc, one.enterprise_name) if word}
        numbers = {number for word in words for number in self._by_word.get(word, ())} - leaving
        return {number: self.register[number][0] for number in numbers}

    def owner(self, number: str) -> str | None:
        """The row that stands for an entry."""
        return self._row_of.get(number)

    def stand(self, key: str, number: str) -> str | None:
        """Let a row stand for an entry; the entry it stood for before, when that is another."""
        other, before = self._row_of.get(number), self.stands_for.get(key)
        if other is not None and other != key:
            self.stands_for[other] = None
        self.stands_for[key] = number
        self._row_of[number] = key
        if before is None or before == number:
            return None
        self._leave(key, before)
        return before

    def drop(self, key: str) -> str | None:
        """A row is gone; the entry it stood for."""
        self.waits.pop(key, None)
        number = self.stands_for.pop(key, None)
        if number is not None:
            self._leave(key, number)
        return number

    def _leave(self, key: str, number: str) -> None:
        if self._row_of.get(number) == key:
            del self._row_of[number]


@dataclass
class Rules:
    """The city's rules on a day: `as_of` changes warnings only."""

    city_file: CityFile
    mapping: CaptureMapping
    as_of: date
    reads: Reads = field(init=False)

    def __post_init__(self) -> None:
        self.reads = Reads(self.city_file, 1900)

    def judge(self, row: DataRow) -> Judged:
        """One row by itself."""
        return judge(row, self.city_file, self.reads)


def decide(known: Known, wave: Wave, rules: Rules) -> list[Taken]:
    """The changes a wave makes, in the order in which they are to be sent."""
    freed = {number for key in _gone(known, wave) if (number := known.drop(key)) is not None}
    candidates = _candidates(known, wave, rules)
    taken: list[Taken] = []
    for candidate, result in zip(candidates, _results(known, candidates, freed, rules), strict=True):
        if result.entry is not None:
            taken += _accept(known, candidate, result, result.entry, freed)
        else:
            _hold(known, candidate, result)
    return taken + _withdraw(known, freed, wave.last_at, rules.city_file.withdrawal_share)


def _gone(known: Known, wave: Wave) -> list[str]:
    gone = [key for key, image in wave.rows.items() if image is None]
    return gone + [key for key in known.stands_for if key not in wave.rows] if wave.emptied else gone


def _candidates(known: Known, wave: Wave, rules: Rules) -> list[Candidate]:
    """Rows that wait are judged again with the new ones: what stood against them may be gone. The newest image counts."""
    fresh: dict[str, Image] = {key: image for key, image in wave.rows.items() if image is not None}
    waiting = [(key, one.row, wave.last_at, one.id) for key, one in known.waits.items() if key not in fresh]
    new = [(key, data_row(one.row or "{}", rules.mapping, 0), one.captured_at, None) for key, one in fresh.items()]
    return [
        Candidate(key, DataRow(number, row.own, row.cells, filled=row.filled, epoch=row.epoch), time, asked)
        for number, (key, row, time, asked) in enumerate([*waiting, *new], 1)
    ]


def _results(known: Known, candidates: list[Candidate], freed: set[str], rules: Rules) -> list[RowResult]:
    judged = [rules.judge(candidate.row) for candidate in candidates]
    keys = {candidate.key for candidate in candidates}
    stood = {number for key in keys if (number := known.stands_for.get(key)) is not None}
    found = conflicts(judged, known.related(judged, freed | stood))
    results = []
    for one in judged:
        owner = known.owner(one.certificate_no) if one.certificate_no else None
        doubled = {"dup_certificate"} if owner is not None and owner not in keys else frozenset[str]()
        results.append(result_of(one, found.get(one.number, frozenset()) | doubled, rules.as_of))
    return results


def _accept(known: Known, candidate: Candidate, result: RowResult, entry: RegisterEntry, freed: set[str]) -> list[Taken]:
    known.waits.pop(candidate.key, None)
    known.vanished.pop(entry.certificate_no, None)
    before = known.stand(candidate.key, entry.certificate_no)
    if before is not None:
        freed.add(before)
    changes = diff(known.register, [entry])
    for change in changes:
        known.enter(change)
    return [Taken(change, result.origin, candidate.time) for change in changes]


def _hold(known: Known, candidate: Candidate, result: RowResult) -> None:
    """The row waits. It stands for the registered entry whose number it names, unless another row does: it is not gone."""
    number = result.certificate_no
    known.waits[candidate.key] = Waits(candidate.row, result.reasons, number, result.origin, candidate.asked)
    known.stands_for.setdefault(candidate.key, None)
    if number is None:
        return
    known.vanished.pop(number, None)
    if known.stands_for[candidate.key] is None and number in known.register and known.owner(number) is None:
        known.stand(candidate.key, number)


def _withdraw(known: Known, freed: set[str], time: str, share: float) -> list[Taken]:
    """The entries that no row stands for any more, or nothing when they are too many without a person's word."""
    gone = sorted(number for number in freed if known.owner(number) is None and _is_listed(known, number))
    if not gone:
        return []
    if known.withdrawn + len(gone) > withdrawal_limit(known.register, share, withdrawn=known.withdrawn):
        known.vanished |= {number: known.vanished.get(number) for number in gone}
        return []
    known.withdrawn += len(gone)
    changes = withdrawals(known.register, gone, GONE_REASON)
    for change in changes:
        known.enter(change)
    return [Taken(change, {}, time) for change in changes]


def _is_listed(known: Known, number: str) -> bool:
    found = known.register.get(number)
    return found is not None and found[0].source_status is not SourceStatus.WITHDRAWN
