"""The three cities and the other sources of events: the words, codes, addresses and topics they go by.

The word (`changsha`) stands in commands, JSON, topics and addresses; the six-digit code
(GB/T 2260) stands in `register_city`, as everywhere in data.
"""

from enum import StrEnum


class City(StrEnum):
    """A city whose registry takes part. The value is the word."""

    CHANGSHA = "changsha"
    ZHUZHOU = "zhuzhou"
    XIANGTAN = "xiangtan"

    @property
    def code(self) -> str:
        """Six-digit division code, GB/T 2260."""
        return _CODES[self]

    @property
    def zh(self) -> str:
        """Chinese name, e.g. 长沙市."""
        return _NAMES[self]

    @property
    def source(self) -> str:
        """CloudEvents `source` of this city's register."""
        return f"/registers/{self.value}"

    @classmethod
    def from_code(cls, code: str) -> "City":
        """The city of a six-digit code. Raises KeyError for any other code."""
        return _BY_CODE[code]


_CODES = {City.CHANGSHA: "430100", City.ZHUZHOU: "430200", City.XIANGTAN: "430300"}
_NAMES = {City.CHANGSHA: "长沙市", City.ZHUZHOU: "株洲市", City.XIANGTAN: "湘潭市"}
_BY_CODE = {code: city for city, code in _CODES.items()}
_BY_SOURCE = {city.source: city for city in City}

JOINT_OFFICE = "/joint-office"
SHARED_STORE = "/shared-store"

SOURCES: tuple[str, ...] = (*(city.source for city in City), JOINT_OFFICE)
"""Every source of sealed events, in the order in which reports list them."""


def source_name(source: str) -> str:
    """The last part of a source address: `changsha`, `joint-office`; names key files and receipt topics."""
    return source.rsplit("/", 1)[-1]


def source_of(word: str) -> str:
    """The source a person means by `changsha`, `joint-office` or the full address. Raises KeyError if none."""
    for source in SOURCES:
        if word in (source, source_name(source)):
            return source
    raise KeyError(word)


def city_of(source: str) -> City | None:
    """The city whose register `source` is, or None for the joint office."""
    return _BY_SOURCE.get(source)
