"""Cities and the other sources of events: the words, codes and addresses they go by.

The word (`changsha`) stands in commands, JSON, topics and addresses; the six-digit code (GB/T 2260) stands in
`register_city`, as everywhere in data. Which cities take part is data of an installation (`deploy/cities`), so nothing
here lists them: what an address is, and whose, follows from its form alone.
"""

import re
from dataclasses import dataclass

JOINT_OFFICE = "/joint-office"
SHARED_STORE = "/shared-store"

_REGISTERS = "/registers/"
WORD_PATTERN = "[a-z]{1,40}"
"""Of a city's word: it names topics, files and settings, so nothing else may stand in it."""
SOURCE_PATTERN = f"/(registers/{WORD_PATTERN}|joint-office)"


@dataclass(frozen=True, slots=True)
class City:
    """A city whose registry takes part: word, six-digit division code (GB/T 2260), Chinese name, e.g. 长沙市."""

    word: str
    code: str
    zh: str

    def __str__(self) -> str:
        return self.word

    @property
    def source(self) -> str:
        """CloudEvents `source` of this city's register."""
        return register_source(self.word)


def register_source(word: str) -> str:
    """CloudEvents `source` of the register of the city with this word."""
    return _REGISTERS + word


def source_name(source: str) -> str:
    """The last part of a source address: `changsha`, `joint-office`; names key files and receipt topics."""
    return source.rsplit("/", 1)[-1]


def is_source(source: str) -> bool:
    """Whether this is the address of a source of sealed events: a city's register or the joint office."""
    return re.fullmatch(SOURCE_PATTERN, source) is not None


def city_word(source: str) -> str | None:
    """The word of the city whose register `source` is, or None for any other source."""
    return source.removeprefix(_REGISTERS) if source.startswith(_REGISTERS) else None
