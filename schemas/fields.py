"""Field types that several models share: days as text, strict numbers and truths. Lax coercion would accept what nobody wrote."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StringConstraints

from schemas.city import SOURCE_PATTERN, WORD_PATTERN


def _day(value: Any) -> Any:
    """Only `YYYY-MM-DD` is a day: pydantic alone would take 0 for 1970-01-01."""
    if type(value) is date or (isinstance(value, str) and len(value) == 10 and value.isascii()):
        return value
    raise ValueError("expected a day as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Count = Annotated[StrictInt, Field(ge=0, le=2**53)]
Ordinal = Annotated[StrictInt, Field(ge=1, le=2**53)]
Truth = StrictBool | None
CityWord = Annotated[str, StringConstraints(pattern=f"^{WORD_PATTERN}$")]
CityCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
"""A division code of a city, GB/T 2260."""
SourceUri = Annotated[str, StringConstraints(pattern=f"^{SOURCE_PATTERN}$")]
