"""Makes a random history happen: events of four sources, decided by the real handler while the joint office looks at the store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from consumers.core.model import entry_key_of
from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.events import EventType
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CITIES
from tests.support.interleaving import Hub
from tests.support.registries import Act, Outgoing, Registry, junk
from tests.support.rulings import FIRST_DAY, Office, continued, objected
from tests.support.sources import Source

Ends = dict[str, int]
Made = tuple[EventType, str, dict[str, Any]] | None


@dataclass
class Scene:
    """The topics of a history, and a hub that has decided them in the plainest order: source by source, a chapter at a time.

    What is said between two chapters may be read in any order across the sources. `chapters`: where the topics end at each.
    An answer is for a city to give that lists the product. Where a listing only follows another one and that becomes another
    thing, the product is left behind: of answers and such changes, a chapter has one kind.
    """

    store: Store
    chapters: list[Ends] = field(default_factory=list)
    day: date = FIRST_DAY
    office: Office = field(default_factory=Office)

    def __post_init__(self) -> None:
        self.joint = Source(JOINT_OFFICE)
        self.registries = [Registry(city, Source(city.source)) for city in CITIES]
        self.sources = {source.address: source for source in (self.joint, *(one.source for one in self.registries))}
        self.first_joint_key = self.joint.trusted()
        self.hub = Hub(self.store, self.first_joint_key)
        self._kept_junk: list[Outgoing] = []
        self._answered = self._moved = False
        self._forked, self._new_key = set[int](), set[int]()
        self._rotated = 0
        self._look()
        self.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
        self.joint.decide(events.DAY_BEGAN, "day", {"day": FIRST_DAY.isoformat()})
        self.settle()
        for city in CITIES:
            self.joint.decide(events.KEY_TRUSTED, city.source, self.sources[city.source].key_data())

    def topics(self) -> dict[str, list[Record]]:
        """What each source published."""
        return {address: source.records for address, source in self.sources.items()}

    # what may happen in any order across sources

    def say(self, city: int, act: Act) -> None:
        """One act of a city."""
        registry = self.registries[city]
        if act.verb == "answer" and (not self._open or self._moved):
            act = Act(act.entry, "remark", act.pick, act.signed, act.lost)
        elif act.verb == "change_identity" and (registry.city.word, registry.number(act.entry)) in self._followed:
            if self._answered:
                act = Act(act.entry, "remark", act.pick, act.signed, act.lost)
            self._moved = not self._answered
        self._answered |= act.verb == "answer"
        registry.say(act, self._open)

    def say_nothing_sensible(self, source: int, pick: int) -> None:
        """Something on a topic that is no event of its source."""
        addresses = list(self.sources)
        other = self.sources[addresses[(source + 1 + pick % 3) % 4]]
        found = junk(self.sources[addresses[source]], other, pick)
        self._put(source, found)

    def send_again(self, source: int, pick: int) -> None:
        """A source's record comes a second time."""
        records = self.sources[list(self.sources)[source]].records
        if records:
            record = records[pick % len(records)]
            self._put(source, Outgoing(record.value, record.headers, alone=True))

    def _put(self, source: int, found: Outgoing) -> None:
        if source:
            self.registries[source - 1].waiting.append(found)
        else:
            self._kept_junk.append(found)

    def send_what_was_lost(self, city: int) -> None:
        """The city's relay answers what the hub asks for."""
        self._speaks_after_a_new_key(city)
        self.registries[city].send_again()

    def fork(self, city: int, back: int, length: int) -> None:
        """A city's register was restored, and sends another history after what it was so many events ago."""
        self._speaks_after_a_new_key(city)
        if self.registries[city].source.sequence > back:
            self.registries[city].fork_from(back, length)
            self._forked.add(city + 1)

    def _speaks_after_a_new_key(self, city: int) -> None:
        """What a new key signs waits for the decision that trusts it, unless something else behind it is vouched for."""
        if city + 1 in self._new_key:
            self.settle()

    def rotate(self, source: int) -> None:
        """A source takes a new key; the old one counts for nothing on what comes after. The joint office's first stays in use."""
        if source in self._forked:
            self.settle()
        if source:
            self.registries[source - 1].relay()
        self._new_key.add(source)
        rotated = self.sources[list(self.sources)[source]]
        old = rotated.key_data()
        self._rotated += 1
        new = Source(rotated.address, f"{rotated.address} {self._rotated}").key_data()
        is_office = rotated is self.joint
        begins = rotated.sequence + 1
        self._decide(events.KEY_TRUSTED, rotated.address, {**new, "from_sequence": begins})
        rotated.key_name = f"{rotated.address} {self._rotated}"
        if not is_office:
            revoked = {"source": rotated.address, "keyid": old["keyid"], "after_sequence": rotated.sequence}
            self._decide(events.KEY_REVOKED, rotated.address, revoked)

    def begin_day(self) -> None:
        """The next day."""
        self.day += timedelta(days=1)
        self._decide(events.DAY_BEGAN, "day", {"day": self.day.isoformat()})

    def _decide(self, kind: EventType, subject: str, data: dict[str, Any]) -> None:
        """A decision of the joint office; before it what nobody vouches for."""
        for one in self._kept_junk:
            self.joint.publish_under(one.value, one.headers or ())
        self._kept_junk = []
        self.joint.decide(kind, subject, data)

    # what the joint office decides on what it sees

    def settle(self) -> None:
        """A chapter ends: everything is published and decided."""
        for registry in self.registries:
            registry.relay()
        ends = {address: len(source.records) for address, source in self.sources.items()}
        if self.chapters and ends == self.chapters[-1]:
            return
        self.chapters.append(ends)
        self.hub.read(self.topics(), ends)
        self._look()

    def _look(self) -> None:
        """See which objections are open and which listings are followed: as the joint office and the cities do."""
        with self.store.snapshot() as loader:
            found = loader.connection.execute(select(t.product).order_by(t.product.c.product_key)).mappings()
            products = [rows.product_of(row) for row in found]
            follows = select(t.listing.c.follows).where(t.listing.c.follows.is_not(None))
            self._followed = {entry_key_of(one) for one in loader.connection.execute(follows).scalars()}
        self._open = objected(products)
        self._answered = self._moved = False
        self._forked.clear()
        self._new_key.clear()

    def rule(self, made: Callable[[Office, Loader], Made]) -> None:
        """A decision on what is in the store, decided before anything else is said."""
        self.settle()
        with self.store.snapshot() as loader:
            found = made(self.office, loader)
        if found is not None:
            self._decide(*found)
            self.settle()

    def go_on(self, city: int, pick: int) -> None:
        """Two people say where a city's chain goes on: on its other history where that is longer, or without what was lost."""
        self.settle()
        registry = self.registries[city]
        with self.store.snapshot() as loader:
            chain = loader.chain(registry.source.address)
        if not chain.head_sequence:
            return
        fork = registry.fork if registry.fork is not None and registry.fork[0] >= chain.head_sequence else None
        self._decide(events.SOURCE_CONTINUED, registry.city.word, continued(registry.source.address, chain, fork, pick))
        self.settle()
        with self.store.snapshot() as loader:
            if fork is not None and loader.chain(registry.source.address).head_hash == fork[1]:
                registry.go_on_from_the_fork()
