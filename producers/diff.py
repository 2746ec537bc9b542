"""From two pictures of a register to typed changes. Pure: what changed is a question of values, not of how they came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from schemas import events
from schemas.entry import RegisterEntry, SourceStatus, StatusReason
from schemas.events import EventType

CONTENT = (
    "enterprise_name",
    "product_name",
    "models",
    "category",
    "category_code",
    "category_scheme_year",
    "standards",
)
"""The thing itself; with `source_status` these make a `changed` (design §6)."""
IDENTITY = ("uscc", "district_code")
"""What was said wrongly when it differs: a code belongs to its firm for life."""
STATUS = ("source_status", "status_reason", "remark")
"""What may differ when the status alone changed; the remark is where a catalogue says why."""

MISSING_REASON = StatusReason(code="other", text="未列入完整目录")

_STATUS_EVENT = {
    SourceStatus.ACTIVE: events.REINSTATED,
    SourceStatus.SUSPENDED: events.SUSPENDED,
    SourceStatus.WITHDRAWN: events.WITHDRAWN,
}


@dataclass(slots=True)  # not frozen: a big catalogue has a hundred thousand, and each would take six times as long to make
class Change:
    """One event to come: its type, the whole entry as it is afterwards, and its version."""

    kind: EventType
    entry: RegisterEntry
    version: int


Register = Mapping[str, tuple[RegisterEntry, int]]
"""certificate_no → (entry, version)."""


def change_of(before: RegisterEntry, after: RegisterEntry, *, correction: bool = False) -> EventType | None:
    """The type of event that leads from one entry to the other; None when they are the same.

    One event carries the whole entry, so the type that says most about the thing wins: a status alone, then the thing
    itself, then what was said wrongly, then a new validity. A difference that the design doesn't name is a correction.
    """
    differing = {name for name in RegisterEntry.model_fields if getattr(before, name) != getattr(after, name)}
    if not differing:
        return None
    if "source_status" in differing and differing <= set(STATUS):
        return _STATUS_EVENT[after.source_status]
    if correction:
        return events.CORRECTED
    if differing & {*CONTENT, "source_status"}:
        return events.CHANGED
    if differing & set(IDENTITY):
        return events.CORRECTED
    if after.valid_to > before.valid_to and after.valid_from >= before.valid_from:
        return events.RENEWED
    return events.CORRECTED


def diff(register: Register, accepted: Iterable[RegisterEntry], *, correction: bool = False) -> list[Change]:
    """The changes that accepted entries make, in their order."""
    found = []
    for entry in accepted:
        known = register.get(entry.certificate_no)
        if known is None:
            found.append(Change(events.LISTED, entry, 1))
            continue
        before, version = known
        kind = change_of(before, entry, correction=correction)
        if kind is not None:
            found.append(Change(kind, entry, version + 1))
    return found


def shown(register: Register, change: Change) -> list[dict[str, object]]:
    """What a change does, field by field: `{object, key, event, field, before, after}`, values as they stand in events."""
    said = {"object": "entry", "key": change.entry.certificate_no, "event": change.kind.word}
    known = register.get(change.entry.certificate_no)
    after = change.entry.as_json()
    if known is None:
        return [{**said, "field": "product_name", "before": None, "after": after["product_name"]}]
    before = known[0].as_json()
    return [
        {**said, "field": name, "before": before[name], "after": value} for name, value in after.items() if before[name] != value
    ]


def missing(register: Register, present: Iterable[str]) -> list[str]:
    """Certificate numbers that the register lists, not withdrawn, and a complete file doesn't name; sorted."""
    named = set(present)
    return sorted(
        number
        for number, (entry, _) in register.items()
        if entry.source_status is not SourceStatus.WITHDRAWN and number not in named
    )


def withdrawal_limit(register: Register, share: float, withdrawn: int = 0) -> int:
    """How many entries one file, or one day of a table, may withdraw by not naming them, without a person's word.

    `withdrawn`: how many the day has withdrawn already; they count as listed.
    """
    listed = sum(1 for entry, _ in register.values() if entry.source_status is not SourceStatus.WITHDRAWN) + withdrawn
    return floor(listed * Fraction(str(share)))  # as written: in floats, 0.29 of 100 are 28


def withdrawals(register: Register, numbers: Iterable[str], reason: StatusReason = MISSING_REASON) -> list[Change]:
    """The withdrawal of each of these entries."""
    found = []
    for number in numbers:
        entry, version = register[number]
        update = {"source_status": SourceStatus.WITHDRAWN, "status_reason": reason}
        found.append(Change(events.WITHDRAWN, entry.model_copy(update=update), version + 1))
    return found
