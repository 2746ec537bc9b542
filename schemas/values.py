"""Values: small classes of which every event makes several. Their fields are set once, which mypy checks and the run need not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar, dataclass_transform, overload

Made = TypeVar("Made")
Found = TypeVar("Found")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(made: type[Made]) -> type[Made]:
    """A class decorator: a dataclass, frozen for mypy alone; what is made less often than events is `dataclass(frozen=True)`.

    At run time `frozen=True` sets each field through `object.__setattr__`, which takes five times as long: of the fields that
    one event sets in its values, a seventh of the hub's time. Without a dictionary each is made quicker; `once` needs one.
    """
    kept = any(isinstance(one, once) for one in vars(made).values())
    return dataclass(unsafe_hash=True, slots=not kept)(made)


class once(Generic[Found]):  # noqa: N801  it reads like `property`
    """A property that is worked out when it is first asked for, and kept.

    `functools.cached_property` is the same, and takes a lock each time before Python 3.12: as long as a hash of a row.
    """

    def __init__(self, work_out: Callable[[Any], Found]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Found: ...
    def __get__(self, instance: object | None, owner: type) -> Found | Self:
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._work_out(instance)
        return found
