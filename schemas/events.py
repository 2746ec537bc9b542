"""Every type of event on the source topics: its name, its data, and the schema it is written under.

CloudEvents 1.0 in structured JSON; the attributes are read by `schemas.envelope`, the data by the models here.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas import decisions
from schemas.decisions import Hash, ObjectionId, ProductKey, Words
from schemas.entry import Origin, RegisterEntry, SourceStatus
from schemas.fields import Count

ENTRY_SCHEMA = "urn:czt:register-entry:1"


class EntryData(BaseModel):
    """Data of an entry event: the whole entry as it is afterwards, and where it came from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entry: RegisterEntry
    origin: Origin | None = None


class ListedData(EntryData):
    """An entry appears in the register, in whatever status."""


class ChangedData(EntryData):
    """The thing itself changed: name, models, category, standards, status."""


class CorrectedData(EntryData):
    """What was said before was wrong; the thing is the same."""


class RenewedData(EntryData):
    """A new validity follows the old one."""


class _WithReason(EntryData):
    @model_validator(mode="after")
    def _has_reason(self) -> "_WithReason":
        if self.entry.status_reason is None:
            raise ValueError("status_reason is required")
        return self


class SuspendedData(EntryData):
    """The city suspends the entry."""


class ReinstatedData(EntryData):
    """The city takes a suspension or withdrawal back."""


class WithdrawnData(_WithReason):
    """The city withdraws the entry; `status_reason` is required."""


STATUS_AFTER: dict[type, SourceStatus] = {
    SuspendedData: SourceStatus.SUSPENDED,
    ReinstatedData: SourceStatus.ACTIVE,
    WithdrawnData: SourceStatus.WITHDRAWN,
}
"""The status that the entry must have after an event of this type."""


class StatementData(BaseModel):
    """A closing statement over all events before it: entry count and the RFC 6962 root over the sorted entries."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    entries: Count
    digest: Hash


class ObjectionAnswered(BaseModel):
    """A city's answer to an objection to one of its products."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    objection: ObjectionId
    product_key: ProductKey
    text: Annotated[Words, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class EventType:
    """One published type: CloudEvents `type`, the model of `data`, `dataschema`, and whether its subject is a register entry."""

    name: str
    data: type[BaseModel]
    dataschema: str
    is_entry: bool = False

    @property
    def word(self) -> str:
        """What happened, in one word: `listed`."""
        return self.stem.rpartition(".")[2]

    @property
    def stem(self) -> str:
        """The name without its major version: `cn.czt.entry.listed`."""
        return self.name.rpartition(".v")[0]


def _entry(word: str, data: type[EntryData]) -> EventType:
    return EventType(f"cn.czt.entry.{word}.v1", data, ENTRY_SCHEMA, is_entry=True)


def _other(word: str, data: type[BaseModel]) -> EventType:
    return EventType(f"cn.czt.{word}.v1", data, f"urn:czt:{word.replace('.', '-')}:1")


LISTED = _entry("listed", ListedData)
CHANGED = _entry("changed", ChangedData)
CORRECTED = _entry("corrected", CorrectedData)
RENEWED = _entry("renewed", RenewedData)
SUSPENDED = _entry("suspended", SuspendedData)
REINSTATED = _entry("reinstated", ReinstatedData)
WITHDRAWN = _entry("withdrawn", WithdrawnData)
STATEMENT = _other("register.statement", StatementData)
OBJECTION_ANSWERED = _other("objection.answered", ObjectionAnswered)

KEY_TRUSTED = _other("key.trusted", decisions.KeyTrusted)
KEY_REVOKED = _other("key.revoked", decisions.KeyRevoked)
RULES_ACTIVATED = _other("rules.activated", decisions.RulesActivated)
DAY_BEGAN = _other("day.began", decisions.DayBegan)
ASSESSMENT_RECORDED = _other("assessment.recorded", decisions.AssessmentRecorded)
BATCH_PUBLISHED = _other("batch.published", decisions.BatchPublished)
OBJECTION_RAISED = _other("objection.raised", decisions.ObjectionRaised)
OBJECTION_SETTLED = _other("objection.settled", decisions.ObjectionSettled)
IDENTITY_JOINED = _other("identity.joined", decisions.IdentityJoined)
IDENTITY_SEPARATED = _other("identity.separated", decisions.IdentitySeparated)
PARKED_RELEASED = _other("parked.released", decisions.ParkedReleased)
SOURCE_CONTINUED = _other("source.continued", decisions.SourceContinued)

CITY_TYPES: dict[str, EventType] = {
    kind.name: kind
    for kind in (
        LISTED,
        CHANGED,
        CORRECTED,
        RENEWED,
        SUSPENDED,
        REINSTATED,
        WITHDRAWN,
        STATEMENT,
        OBJECTION_ANSWERED,
    )
}
"""What a city may publish."""

JOINT_TYPES: dict[str, EventType] = {
    kind.name: kind
    for kind in (
        KEY_TRUSTED,
        KEY_REVOKED,
        RULES_ACTIVATED,
        DAY_BEGAN,
        ASSESSMENT_RECORDED,
        BATCH_PUBLISHED,
        OBJECTION_RAISED,
        OBJECTION_SETTLED,
        IDENTITY_JOINED,
        IDENTITY_SEPARATED,
        PARKED_RELEASED,
        SOURCE_CONTINUED,
    )
}
"""What the joint office may publish."""

ALL_TYPES: dict[str, EventType] = {**CITY_TYPES, **JOINT_TYPES}

RECEIPT_ISSUED = "cn.czt.receipt.issued.v1"
PRODUCT_PUBLISHED = "cn.czt.product.published.v1"
RESEND_REQUESTED = "cn.czt.resend.requested.v1"
STATEMENT_REQUESTED = "cn.czt.statement.requested.v1"


def event_attributes(
    kind: EventType,
    *,
    source: str,
    sequence: int,
    previous_hash: str,
    subject: str,
    time: str,
    data: dict[str, Any],
    entry_version: int | None = None,
) -> dict[str, Any]:
    """The CloudEvent as it is sealed; its canonical bytes are the record value."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(sequence),
        "source": source,
        "type": kind.name,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": kind.dataschema,
        "sequence": f"{sequence:020d}",
        "previoushash": previous_hash,
        "data": data,
    }
    if entry_version is not None:
        event["entryversion"] = entry_version
    return event
