"""One product as one city lists it: the entry that every city event carries whole."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.codec import hash_of
from schemas.fields import CityCode, Day, Ordinal


class SourceStatus(StrEnum):
    """What the city itself says of the entry."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """What is listed: goods, comprehensive utilisation of resources, or a service."""

    GOODS = "goods"
    COMPREHENSIVE_UTILISATION = "comprehensive_utilisation"
    SERVICE = "service"


Short = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(max_length=2000)]


StatusCode = Literal["fraud", "expired", "merged", "voluntary", "other"]


class StatusReason(BaseModel):
    """Why an entry is suspended or withdrawn: a code, and the city's own words."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: StatusCode
    text: Annotated[str, StringConstraints(max_length=500)] = ""


class RegisterEntry(BaseModel):
    """One product as one city lists it. Key: (register_city, certificate_no). Days are inclusive, Asia/Shanghai.

    Shapes are checked here (strings, lengths, forms); whether the values are possible (USCC checksum, order of days,
    code tables) is `schemas.possible`'s question, because an impossible value is answered, not dropped.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    register_city: CityCode
    certificate_no: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    batch: Short | None = None
    kind: Kind = Kind.GOODS
    uscc: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    enterprise_name: Name
    district_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    product_name: Name
    models: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    category: Name | None = None
    category_code: Short | None = None
    category_scheme_year: Annotated[Ordinal, Field(ge=1949, le=2999)] | None = None
    standards: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    valid_from: Day
    valid_to: Day
    source_status: SourceStatus = SourceStatus.ACTIVE
    status_reason: StatusReason | None = None
    remark: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry as it stands in `data.entry`: every field, days as `YYYY-MM-DD`, absent ones null."""
        reason = self.status_reason
        return {
            **self.__dict__,  # quicker than pydantic's own dump, which asks each field's serializer
            "kind": self.kind._value_,  # `value` is a function of the class, and ten times slower
            "models": list(self.models),
            "standards": list(self.standards),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat(),
            "source_status": self.source_status._value_,
            "status_reason": None if reason is None else {"code": reason.code, "text": reason.text},
        }


def entry_hash(entry: dict[str, Any]) -> str:
    """SHA-256 of the RFC 8785 bytes of `data.entry` as received: what statements and listings compare."""
    return hash_of(entry)


class Origin(BaseModel):
    """Where an entry came from; outside the entry, its hash and the diff. Never holds contact data."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file_sha256: str | None = None
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    cells: dict[str, str] = {}
