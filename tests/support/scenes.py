"""Makes a story happen: events of four sources, decided by the real handler while the joint office looks at the store."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from consumers.core.model import entry_key_of
from consumers.core.statements import digest_of
from consumers.store import rows
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.codec import canonical, sha256_hex
from schemas.events import EventType, event_attributes
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, CITIES, XIANGTAN, ZHUZHOU
from tests.support.interleaving import Hub
from tests.support.rulings import FIRST_DAY, RULE, Office
from tests.support.sources import Source, entry, uscc
from tests.support.stories import Act, Stage

TIMES = ("2021-07-22T09:00:00+08:00", "2021-07-22T01:00:00+00:00", "2021-07-22T10:00:00+08:00", "2021-07-21T23:00:00+08:00")
ENDS = ("2021-07-22", "2021-07-23", "2023-12-31", "2024-12-31")
BEGINS = tuple({"valid_from": f"2021-07-{day}", "valid_to": "2025-12-31"} for day in (22, 23, 24, 25))
"""New validities, which begin with or without a gap after the old ones."""
PREFIX = {CHANGSHA: "CSLX", ZHUZHOU: "ZZLX", XIANGTAN: "XTLX"}


@dataclass
class Chapter:
    """Where each source's topic ends when a stage's free part is over, and when its rulings are."""

    free: dict[str, int]
    end: dict[str, int]


@dataclass
class Scene:
    """The topics of a story, and a hub that has decided them in the plainest order: source by source, a stage at a time."""

    store: Store
    sources: dict[str, Source] = field(default_factory=dict)
    chapters: list[Chapter] = field(default_factory=list)
    _registers: dict[tuple[City, int], tuple[int, dict[str, Any]]] = field(default_factory=dict)
    _sent: dict[City, dict[str, Any]] = field(default_factory=dict)
    _day: date = FIRST_DAY
    _office: Office = field(default_factory=Office)

    def __post_init__(self) -> None:
        self.sources = {source: Source(source) for source in (JOINT_OFFICE, *(city.source for city in CITIES))}
        self._sent = {city: {} for city in CITIES}
        self.hub = Hub(self.store, self.joint.trusted())
        joint = self.joint
        joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
        joint.decide(events.DAY_BEGAN, "day", {"day": FIRST_DAY.isoformat()})
        self._end_chapter(self._ends())

    @property
    def joint(self) -> Source:
        """The joint office."""
        return self.sources[JOINT_OFFICE]

    def topics(self) -> dict[str, list[Record]]:
        """What each source published."""
        return {address: source.records for address, source in self.sources.items()}

    def play(self, stage: Stage) -> None:
        """One stage: keys and days, the cities' events, then the rulings."""
        if len(self.chapters) == 1:
            for city in CITIES:
                self.joint.decide(events.KEY_TRUSTED, city.source, self.sources[city.source].key_data())
        if stage.rotates is not None:
            self._rotate(self.sources[CITIES[stage.rotates].source])
        for _ in range(stage.days):
            self._day += timedelta(days=1)
            self.joint.decide(events.DAY_BEGAN, "day", {"day": self._day.isoformat()})
        with self.store.snapshot() as loader:
            said = _Cities(self, stage, loader)
        said.speak()
        self._publish(said.made)
        free = self._ends()
        self._decide()
        for ruling in stage.rulings:
            with self.store.snapshot() as loader:
                found = RULE[ruling.kind](self._office, loader, ruling)
            if found is not None:
                self.joint.decide(*found)
                self._decide()
        self._end_chapter(free)

    def _rotate(self, source: Source) -> None:
        old = source.key_data()
        source.key_name = f"{source.address} {len(self.chapters)}"
        self.joint.decide(events.KEY_TRUSTED, source.address, {**source.key_data(), "from_sequence": source.sequence + 1})
        revoked = {"source": source.address, "keyid": old["keyid"], "after_sequence": source.sequence}
        self.joint.decide(events.KEY_REVOKED, source.address, revoked)

    def _publish(self, made: dict[City, list[tuple[bytes, Act]]]) -> None:
        """A relay signs the last record of what it sends at once; what it sends again is such a batch of its own.

        Before a hole it signs too: whether an unsigned record there is vouched for, or refused and asked for again, hangs on
        whether the hole is filled in the same poll.
        """
        for city, sealed in made.items():
            ordered, before_holes = list(sealed), set[bytes]()
            for index, late in enumerate(sealed[:-1]):
                if late[1].late:
                    before_holes |= {before for before, _ in sealed[max(0, index - 1) : index]}
                    ordered.remove(late)
                    ordered.insert(min(index + 2, len(ordered)), late)
            for place, (value, act) in enumerate(ordered):
                ends = place + 1 == len(ordered) or ordered[place + 1][1].late
                signed = act.signed or act.late or ends or value == sealed[-1][0] or value in before_holes
                self.sources[city.source].publish(value, signed=signed)

    def _ends(self) -> dict[str, int]:
        return {address: len(source.records) for address, source in self.sources.items()}

    def _decide(self) -> None:
        self.hub.read(self.topics(), self._ends())

    def _end_chapter(self, free: dict[str, int]) -> None:
        self._decide()
        self.chapters.append(Chapter(free, self._ends()))


class _Cities:
    """What the cities say in one stage."""

    def __init__(self, scene: Scene, stage: Stage, loader: Loader) -> None:
        self.scene, self.stage = scene, stage
        self.made: dict[City, list[tuple[bytes, Act]]] = {}
        products = [rows.product_of(row) for row in loader.connection.execute(select(t.product)).mappings()]
        self._open = [(one.product_key, said["id"]) for one in products for said in one.standing.get("objections", ())]
        follows = loader.connection.execute(select(t.listing.c.follows).where(t.listing.c.follows.is_not(None))).scalars()
        self._followed = {entry_key_of(one) for one in follows}

    def speak(self) -> None:
        """Each act is one event, in the order of its city."""
        for act in self.stage.acts:
            city = CITIES[act.city]
            source = self.scene.sources[city.source]
            source.time = TIMES[act.pick % len(TIMES)]
            self.made.setdefault(city, []).append((self._sealed(source, city, act), act))

    def _sealed(self, source: Source, city: City, act: Act) -> bytes:
        if act.verb == "statement":
            count, digest = digest_of(self.scene._sent[city])
            return source.sealed(events.STATEMENT, city.word, {"entries": count + act.pick // 12, "digest": digest})
        if act.verb == "answer" and self.stage.answers and self._open:
            key, objection = self._open[act.pick % len(self._open)]
            data = {"objection": objection, "product_key": key, "text": "答复"}
            return source.sealed(events.OBJECTION_ANSWERED, key, data)
        return self._entry_event(source, city, act)

    def _entry_event(self, source: Source, city: City, act: Act) -> bytes:
        number = f"{PREFIX[city]}-0000{act.entry}"
        version, before = self.scene._registers.get((city, act.entry), (0, {}))
        kind, changes = self._change(city, act, before) if before else (events.LISTED, _identity(act.pick))
        said = before | changes if before else entry(city, number, valid_to=ENDS[act.pick % 4], **changes)
        version += 3 if act.verb == "skip_versions" else 1
        data = {"entry": said}
        if act.verb == "foreign":
            other = CITIES[(act.city + 1) % 3]
            data = {"entry": said | {"register_city": other.code}}
        elif act.verb == "impossible":
            data = {"entry": said | {"valid_from": "2030-01-01"}}
        elif act.verb == "newer" and act.pick == 0:
            return _of_a_newer_version(source, number, data, version)
        else:
            self.scene._registers[city, act.entry] = (version, said)
        self.scene._sent[city][number] = _Sent(version, sha256_hex(canonical(data["entry"])))
        return source.sealed(kind, number, data, version)

    def _change(self, city: City, act: Act, before: dict[str, Any]) -> tuple[EventType, dict[str, Any]]:
        if act.verb in ("change_identity", "correct_identity") and self._may_move(city, before):
            return events.CHANGED if act.verb == "change_identity" else events.CORRECTED, _identity(act.pick)
        plain: dict[str, tuple[EventType, dict[str, Any]]] = {
            "category": (events.CHANGED, {"category": ("节能设备", "泵", None)[act.pick % 3]}),
            "correct": (events.CORRECTED, {"category": ("节能设备", "泵", None)[act.pick % 3]}),
            "renew": (events.RENEWED, {"valid_to": ENDS[act.pick % 4]} if act.pick < 8 else BEGINS[act.pick % 4]),
            "suspend": (events.SUSPENDED, {"source_status": "suspended"}),
            "reinstate": (events.REINSTATED, {"source_status": "active"}),
            "withdraw": (events.WITHDRAWN, {"source_status": "withdrawn", "status_reason": {"code": "voluntary"}}),
            "defraud": (events.WITHDRAWN, {"source_status": "withdrawn", "status_reason": {"code": "fraud"}}),
        }
        return plain.get(act.verb, (events.CHANGED, {"remark": f"{act.pick}"}))

    def _may_move(self, city: City, before: dict[str, Any]) -> bool:
        return not (self.stage.answers and (city.word, before["certificate_no"]) in self._followed)


@dataclass(frozen=True)
class _Sent:
    """What a statement counts."""

    sent_version: int
    sent_hash: str


def _identity(pick: int) -> dict[str, Any]:
    """One of four identities, written in one of several ways."""
    names = ("高效节能水泵(新)", "高效节能水泵（新）")
    return {
        "uscc": uscc(1 + pick % 2),
        "enterprise_name": ("长沙示例环保设备有限公司", "长沙示例环保设备公司")[pick // 8],
        "product_name": names[pick // 4 % 2],
        "models": [["SL-100"], ["SL-100", "SL－200"]][pick // 2 % 2],
    }


def _of_a_newer_version(source: Source, number: str, data: dict[str, Any], version: int) -> bytes:
    """An event that this hub can't read yet."""
    attributes = event_attributes(
        events.CHANGED,
        source=source.address,
        sequence=source.sequence + 1,
        previous_hash=source.head,
        subject=number,
        time=source.time,
        data=data,
        entry_version=version,
    )
    value = canonical(attributes | {"type": "cn.czt.entry.changed.v2"})
    source.sequence, source.head = source.sequence + 1, sha256_hex(value)
    return value
