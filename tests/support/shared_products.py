"""Three cities that list the same products and change them all the time, while the joint office decides about them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from producers.relay import SIGN_EVERY
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.events import EventType
from schemas.ports import Message
from schemas.rules import RULE_SET_1
from schemas.signing import plain_headers, signed_headers
from schemas.topics import topic_of
from tests.support.cities import CITIES
from tests.support.rulings import FIRST_DAY
from tests.support.sources import Source, entry, uscc
from tests.support.worlds import MET

IDENTITIES = 4
"""Names a certificate goes through; the cities' certificates of one number go through the same ones."""
EVENTS_OF_ONE = 12
"""Of a certificate on average."""
EVENTS_TO_A_DECISION = 200
FRAUD_IN = 500
"""One event in so many withdraws for fraud: its batch must have the store for itself."""

code_of = cache(uscc)


@dataclass
class SharedProducts:
    """Topics of `total` events, the same for a seed. `last`: (city, certificate) → the version and number of its last event."""

    total: int
    seed: int
    sources: dict[str, Source] = field(default_factory=dict)
    last: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources = {address: Source(address) for address in (JOINT_OFFICE, *(city.source for city in CITIES))}

    def founding(self) -> list[Message]:
        """Trust in the cities, rule set 1, the first day."""
        joint = self.sources[JOINT_OFFICE]
        for city in CITIES:
            joint.decide(events.KEY_TRUSTED, city.source, self.sources[city.source].key_data())
        joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
        joint.decide(events.DAY_BEGAN, "day", {"day": FIRST_DAY.isoformat()})
        return [Message(one.topic, None, one.value or b"", one.headers) for one in joint.records]

    def messages(self) -> Iterator[list[Message]]:
        """The topic of each city, then what the joint office decides meanwhile: days, assessments, joins and separations."""
        count = self.total // len(CITIES)
        for city in CITIES:
            yield self._of(city, count)
        yield self._decisions(max(6, self.total // EVENTS_TO_A_DECISION))

    def _of(self, city: City, count: int) -> list[Message]:
        source, chance = self.sources[city.source], random.Random(f"{self.seed} {city.word}")
        topic, signer = topic_of(city.source), source.signer
        found = []
        for place in range(1, count + 1):
            number = chance.randrange(max(1, count // EVENTS_OF_ONE))
            value = self._sealed(source, city, number, chance)
            signs = place == count or place % SIGN_EVERY == 0
            found.append(Message(topic, None, value, signed_headers(signer, value) if signs else plain_headers()))
        return found

    def _sealed(self, source: Source, city: City, number: int, chance: random.Random) -> bytes:
        certificate = _certificate(city, number)
        version = self.last.get((city.word, certificate), 0) + 1
        self.last[city.word, certificate] = version
        kind, changes = _change(chance) if version > 1 else (events.LISTED, {})
        said = entry(
            city,
            certificate,
            uscc=code_of(number % 40),
            product_name=f"节能水泵{number}",
            models=[f"SL-{chance.randrange(IDENTITIES)}"],
            **changes,
        )
        return source.sealed(kind, certificate, {"entry": said}, version)

    def _decisions(self, count: int) -> list[Message]:
        joint, chance = self.sources[JOINT_OFFICE], random.Random(f"{self.seed} joint")
        joint.records = []
        listings = sorted(self.last)
        for number in range(count):
            (city, certificate), other = chance.choice(listings), chance.choice(listings)
            listing = {"city": city, "certificate_no": certificate}
            if number % 3 == 0:
                day = FIRST_DAY + timedelta(days=number // 3 + 1)
                joint.decide(events.DAY_BEGAN, "day", {"day": day.isoformat()})
            elif number % 3 == 1:
                version = chance.randint(1, self.last[city, certificate])
                found = {"listing": listing, "entry_version": version, "criteria": MET, "assessed_on": "2021-07-20"}
                joint.decide(events.ASSESSMENT_RECORDED, certificate, found)
            else:
                follows = {"city": other[0], "certificate_no": other[1]}
                undo = chance.random() < 0.3
                joint.decide(events.IDENTITY_JOINED, certificate, {"listing": listing, "follows": follows, "undo": undo})
        return [Message(one.topic, None, one.value or b"", one.headers) for one in joint.records]


def _certificate(city: City, number: int) -> str:
    return f"{city.word[:2].upper()}LX-{number:05d}"


def _change(chance: random.Random) -> tuple[EventType, dict[str, Any]]:
    if chance.randrange(FRAUD_IN) == 0:
        return events.WITHDRAWN, {"source_status": "withdrawn", "status_reason": {"code": "fraud", "text": ""}}
    kind = chance.choice((events.CHANGED, events.CHANGED, events.CORRECTED, events.SUSPENDED, events.RENEWED))
    if kind is events.SUSPENDED:
        return kind, {"source_status": "suspended"}
    return kind, {"valid_to": "2026-12-31"} if kind is events.RENEWED else {}
