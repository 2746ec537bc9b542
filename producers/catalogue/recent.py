"""What a function made of the last few thousand things: a catalogue repeats its firms, districts and days row after row."""

from collections.abc import Callable, Hashable
from typing import TypeVar

MAX_RECENT = 8_192
"""Things of one generation. Two are kept, so that what comes again within so many others is not forgotten."""

Known = TypeVar("Known", bound=Hashable)
Made = TypeVar("Made")


class Recent(dict[Known, Made]):
    """A function of one thing, asked as `recent[thing]`: for what is known the interpreter finds it without a call."""

    __slots__ = ("_make", "_older")

    def __init__(self, make: Callable[[Known], Made]) -> None:
        super().__init__()
        self._make = make
        self._older: dict[Known, Made] = {}

    def __missing__(self, thing: Known) -> Made:
        made = self._older.pop(thing, None)
        if made is None:
            made = self._make(thing)
        if len(self) >= MAX_RECENT:
            self._older = dict(self)
            self.clear()
        self[thing] = made
        return made
