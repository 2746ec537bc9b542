"""Values: small classes of which every event makes several. Their fields are set once, which mypy checks and the run need not."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(made: type[Made]) -> type[Made]:
    """A class decorator: a dataclass, frozen for mypy alone; what is made less often than events is `dataclass(frozen=True)`.

    At run time `frozen=True` sets each field through `object.__setattr__`, which takes five times as long: of the fields that
    one event sets in its values, a seventh of the hub's time.
    """
    return dataclass(unsafe_hash=True)(made)
