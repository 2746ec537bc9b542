"""The events that are measured: register changes of invented firms, sealed and signed as a relay does, ~825 bytes each."""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from producers.relay import SIGN_EVERY
from schemas.city import City
from schemas.events import CHANGED, LISTED
from schemas.ports import Message
from schemas.signing import plain_headers, signed_headers
from schemas.topics import topic_of
from schemas.uscc import complete
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import Source

KEYS = 100_000
"""Certificates over all cities; each event is of one of them at random, so that changes meet listings of any age."""

SHARES = {CHANGSHA: 2, ZHUZHOU: 1, XIANGTAN: 1}
"""Changsha's half is one process's work, the others' is the second's."""

FIRMS = 5_000
FIRM_LETTERS = "ABCDEFGHJK"
DISTRICTS = {CHANGSHA: "430104", ZHUZHOU: "430204", XIANGTAN: "430304"}


@dataclass(frozen=True)
class CityEvents:
    """One city's topic: messages in order, and how many are the first of their certificate."""

    city: City
    messages: tuple[Message, ...]
    listed: int


def generated(count: int, keys: int = KEYS, seed: int = 1) -> list[CityEvents]:
    """`count` events of the three cities, the same in every run."""
    whole = sum(SHARES.values())
    return [_city(city, count * share // whole, keys * share // whole, seed) for city, share in SHARES.items()]


def _city(city: City, count: int, keys: int, seed: int) -> CityEvents:
    chance = random.Random(f"{seed}/{city.word}")
    source, versions = Source(city.source), dict[int, int]()
    values = [_sealed(source, city, chance.randrange(keys), versions) for _ in range(count)]
    signer, topic = source.signer, topic_of(city.source)
    found = []
    for place, (number, value) in enumerate(values, start=1):
        signs = place == count or place % SIGN_EVERY == 0
        headers = signed_headers(signer, value) if signs else plain_headers()
        found.append(Message(topic, _certificate(city, number).encode(), value, headers, partition=0))
    return CityEvents(city, tuple(found), len(versions))


def _sealed(source: Source, city: City, number: int, versions: dict[int, int]) -> tuple[int, bytes]:
    version = versions[number] = versions.get(number, 0) + 1
    subject, kind = _certificate(city, number), LISTED if version == 1 else CHANGED
    return number, source.sealed(kind, subject, {"entry": entry(city, number, version)}, version)


def _certificate(city: City, number: int) -> str:
    return f"{city.word[:2].upper()}LX-2021-{number:06d}"


def entry(city: City, number: int, version: int) -> dict[str, Any]:
    """The entry as the relay writes it. Changes are of standards; every fourth is of a model, which makes another product."""
    firm = number % FIRMS
    return {
        "register_city": city.code,
        "certificate_no": _certificate(city, number),
        "batch": "2021-1",
        "kind": "goods",
        "uscc": invented_uscc(city, firm),
        "enterprise_name": f"示例{firm:04d}环保设备有限公司",
        "district_code": DISTRICTS[city],
        "product_name": f"高效节能水泵{number % 97}型",
        "models": [f"SL-{number}", f"SL-{number}/{version // 4}"],
        "category": "通用设备",
        "category_code": None,
        "category_scheme_year": None,
        "standards": ["GB 19762-2007", f"Q/SL {version:03d}-2021"],
        "valid_from": "2021-01-01",
        "valid_to": "2023-12-31",
        "source_status": "active",
        "status_reason": None,
        "remark": None,
    }


@lru_cache(maxsize=3 * FIRMS)
def invented_uscc(city: City, firm: int) -> str:
    """A valid code of an invented firm of a city, `firm` below `FIRMS`."""
    letters, number = divmod(firm, 1000)
    return complete(f"91{city.code}", f"DEM{FIRM_LETTERS[letters]}0{number:03d}")


def mean_bytes(cities: list[CityEvents]) -> int:
    """Size of a record value."""
    sizes = [len(message.value) for found in cities for message in found.messages]
    return sum(sizes) // len(sizes)
