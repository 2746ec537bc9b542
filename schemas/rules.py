"""Rule sets: criteria and policies by which the shared side decides; data, carried whole by a decision."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import CityWord, Day, Ordinal

Criterion = Literal[
    "safety", "environment", "quality", "technology", "industrial_policy", "synergy", "innovation", "green", "brand"
]

EntryWord = Literal["listed", "changed", "corrected", "renewed", "suspended", "reinstated", "withdrawn"]


class RuleSet(BaseModel):
    """One version of the rules. A later version replaces the earlier one whole."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Annotated[Ordinal, Field(le=9999)]
    all_of: tuple[Criterion, ...]
    any_of: tuple[Criterion, ...]
    hosts: Annotated[tuple[CityWord, ...], Field(min_length=1)]
    """The turn: batch n is hosted by hosts[(n − 1) mod len]."""
    field_precedence: tuple[Literal["event_time", "city_code"], ...] = ("event_time", "city_code")
    renewal_restores: bool = True
    """A renewal returns a lapsed product without a new batch. Otherwise, after a gap, it waits for one as eligible."""
    review_date: Day | None = None
    """Until the end of this day, products recognised before stay so although they don't qualify under this set."""
    bar_years: Annotated[Ordinal, Field(le=99)] = 5
    """How long an applicant is barred after a withdrawal for fraud, or by the settlement of an objection."""
    objection_days: Annotated[Ordinal, Field(le=365)] = 15
    waits: tuple[EntryWord, ...] = ()
    """Entry events of these types are parked until two people release them."""
    folding_tables: Ordinal = 1
    """Version of the character folding tables that identity uses."""

    def host_of(self, batch_number: int) -> str:
        """The word of the city whose turn the n-th batch is."""
        return self.hosts[(batch_number - 1) % len(self.hosts)]


RULE_SET_1 = RuleSet(
    version=1,
    all_of=("safety", "environment", "quality", "technology", "industrial_policy"),
    any_of=("synergy", "innovation", "green", "brand"),
    hosts=("zhuzhou", "xiangtan", "changsha"),
)
"""The agreement of July 2021: all five criteria and at least one of four grounds; the first batch was Zhuzhou's."""
