"""What three cities say in a random history: acts picked by small numbers, sealed, and published as a relay does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from schemas import events
from schemas.city import City
from schemas.codec import ZERO_HASH, canonical, sha256_hex
from schemas.events import EventType, event_attributes
from schemas.ports import Headers
from schemas.signing import plain_headers, signed_headers
from schemas.statements import digest_of_entries
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU
from tests.support.sources import Source, entry, uscc

TIMES = ("2021-07-22T09:00:00+08:00", "2021-07-22T01:00:00+00:00", "2021-07-22T10:00:00+08:00", "2021-07-21T23:00:00+08:00")
ENDS = ("2021-07-22", "2021-07-23", "2023-12-31", "2024-12-31")
BEGINS = tuple({"valid_from": f"2021-07-{day}", "valid_to": "2025-12-31"} for day in (22, 23, 24, 25))
"""New validities, which begin with or without a gap after the old ones."""
PREFIX = {CHANGSHA: "CSLX", ZHUZHOU: "ZZLX", XIANGTAN: "XTLX"}
VERBS: Mapping[str, EventType] = {
    "remark": events.CHANGED,
    "category": events.CHANGED,
    "change_identity": events.CHANGED,
    "correct_identity": events.CORRECTED,
    "correct": events.CORRECTED,
    "correct_validity": events.CORRECTED,
    "renew": events.RENEWED,
    "suspend": events.SUSPENDED,
    "reinstate": events.REINSTATED,
    "withdraw": events.WITHDRAWN,
    "defraud": events.WITHDRAWN,
    "impossible": events.CHANGED,
    "foreign": events.CHANGED,
    "newer": events.CHANGED,
    "skip_versions": events.CHANGED,
    "answer": events.OBJECTION_ANSWERED,
    "statement": events.STATEMENT,
}
"""What a city may do → the type of the event it becomes; the first about an entry is `listed`."""


@dataclass(frozen=True)
class Act:
    """What a city does: to which of its entries, with which of a few values; whether it is signed, and gets lost on the way."""

    entry: int
    verb: str
    pick: int
    signed: bool = True
    lost: bool = False


@dataclass(frozen=True)
class Outgoing:
    """A record before it is published. `headers`: None where the relay signs or not; `alone`: perhaps nobody vouches for it."""

    value: bytes | None
    headers: Headers | None = None
    signed: bool = True
    lost: bool = False
    alone: bool = False


@dataclass(frozen=True)
class _Sent:
    version: int
    entry_hash: str


@dataclass
class Registry:
    """A city with its register and its relay. `lost`: what never arrived; `fork`: where its latest other history ends."""

    city: City
    source: Source
    waiting: list[Outgoing] = field(default_factory=list)
    lost: list[bytes] = field(default_factory=list)
    fork: tuple[int, str] | None = None
    _heads: dict[int, str] = field(default_factory=lambda: {0: ZERO_HASH})
    _entries: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    _sent: dict[str, _Sent] = field(default_factory=dict)

    def say(self, act: Act, open_objections: list[tuple[str, str]]) -> None:
        """Seal one event; it waits for the relay. `open_objections`: product key and number of those it may answer."""
        self.source.time = TIMES[act.pick % len(TIMES)]
        if act.verb == "statement":
            count, digest = digest_of_entries((number, one.version, one.entry_hash) for number, one in self._sent.items())
            data: dict[str, Any] = {"entries": count + act.pick // 12, "digest": digest}
            value = self.source.sealed(events.STATEMENT, self.city.word, data)
        elif act.verb == "answer" and open_objections:
            key, objection = open_objections[act.pick % len(open_objections)]
            data = {"objection": objection, "product_key": key, "text": "答复"}
            value = self.source.sealed(events.OBJECTION_ANSWERED, key, data)
        else:
            value = self._entry_event(act)
        self._heads[self.source.sequence] = self.source.head
        self.waiting.append(Outgoing(value, signed=act.signed, lost=act.lost))

    def number(self, entry_number: int) -> str:
        """The certificate number of one of its entries."""
        return f"{PREFIX[self.city]}-0000{entry_number}"

    def _entry_event(self, act: Act) -> bytes:
        number = self.number(act.entry)
        version, before = self._entries.get(act.entry, (0, {}))
        kind, changes = _change(act) if before else (events.LISTED, _identity(act.pick))
        said = before | changes if before else entry(self.city, number, valid_to=ENDS[act.pick % 4], **changes)
        version += 3 if act.verb == "skip_versions" else 1
        data = {"entry": said}
        if act.verb == "foreign":
            data = {"entry": said | {"register_city": (ZHUZHOU if self.city is CHANGSHA else CHANGSHA).code}}
        elif act.verb == "impossible":
            data = {"entry": said | {"valid_from": "2030-01-01"}}
        elif act.verb == "newer" and act.pick == 0:
            return self._of_a_newer_version(number, data, version)
        else:
            self._entries[act.entry] = (version, said)
        self._sent[number] = _Sent(version, sha256_hex(canonical(data["entry"])))
        return self.source.sealed(kind, number, data, version)

    def _of_a_newer_version(self, number: str, data: dict[str, Any], version: int) -> bytes:
        """An event that this hub can't read yet."""
        source = self.source
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

    def send_again(self) -> None:
        """Answer what the hub asks for: all that was lost, each stretch of it signed at its end."""
        for place, value in enumerate(self.lost):
            following = self.lost[place + 1 : place + 2]
            ends = not following or json.loads(following[0])["previoushash"] != sha256_hex(value)
            self.waiting.append(Outgoing(value, signed=ends, alone=True))
        self.lost = []

    def fork_from(self, back: int, length: int) -> None:
        """A register that was restored to what it was so many events ago goes on from there, under the same key."""
        begin = self.source.sequence - back
        if begin not in self._heads:
            return
        other = Source(self.source.address, self.source.key_name, begin, self._heads[begin])
        for number in map(self.number, range(8, 8 + length)):
            said = entry(self.city, number, uscc=uscc(3), remark=f"{begin} {self.source.sequence} {len(self.waiting)}")
            value = other.sealed(events.LISTED, number, {"entry": said}, 1)
            self.waiting.append(Outgoing(value, signed_headers(other.signer, value), alone=True))
        self.fork = other.sequence, other.head

    def go_on_from_the_fork(self) -> None:
        """The other history is the city's from now on."""
        assert self.fork is not None
        self.source.sequence, self.source.head = self.fork
        self._heads[self.source.sequence] = self.source.head
        self.fork = None

    def relay(self) -> None:
        """Publish what waits. The last record of it is signed, as is one before a hole.

        Whether an unsigned record before a hole is vouched for, or refused and asked for again, hangs on whether the hole is
        filled in the same poll. What nobody vouches for waits for something behind it.
        """
        vouching = [place for place, one in enumerate(self.waiting) if one.headers is None and not one.lost and not one.alone]
        last = vouching[-1] if vouching else -1
        going = [one for place, one in enumerate(self.waiting) if place <= last or not one.alone]
        self.waiting = [one for place, one in enumerate(self.waiting) if place > last and one.alone]
        own = [place for place, one in enumerate(going) if one.headers is None]
        signed = {place for place, after in pairwise((*own, None)) if after is None or going[after].lost}
        for place, one in enumerate(going):
            if one.lost and one.value is not None:
                self.lost.append(one.value)
            elif one.headers is not None:
                self.source.publish_under(one.value, one.headers)
            else:
                self.source.publish(one.value, signed=one.signed or place in signed)


def junk(source: Source, other: Source, pick: int) -> Outgoing:
    """Something on a source's topic that is no event of it; `other` is another source."""
    kind, number = pick % 5, pick // 5
    if kind == 0:
        return Outgoing(b"\xff not json %d" % number, plain_headers())
    if kind == 1:
        return Outgoing(None, plain_headers())
    if kind == 2 and other.records:
        found = other.records[number % len(other.records)]
        return Outgoing(found.value, found.headers)
    stranger = Source(source.address, "a stranger", source.sequence, f"{number:064x}")
    value = stranger.sealed(events.STATEMENT, "somebody", {"entries": number, "digest": "0" * 64})
    if kind == 3:
        forged = signed_headers(source.signer, b"something else")
        return Outgoing(value, forged, alone=True)
    return Outgoing(value, plain_headers(), alone=True)


def _change(act: Act) -> tuple[EventType, dict[str, Any]]:
    changes: dict[str, dict[str, Any]] = {
        "change_identity": _identity(act.pick),
        "correct_identity": _identity(act.pick),
        "category": {"category": ("节能设备", "泵", None)[act.pick % 3]},
        "correct": {"category": ("节能设备", "泵", None)[act.pick % 3]},
        "correct_validity": BEGINS[act.pick % 4] | ({"district_code": "430103"} if act.pick > 7 else {}),
        "renew": {"valid_to": ENDS[act.pick % 4]} if act.pick < 8 else BEGINS[act.pick % 4],
        "suspend": {"source_status": "suspended"},
        "reinstate": {"source_status": "active"},
        "withdraw": {"source_status": "withdrawn", "status_reason": {"code": "voluntary"}},
        "defraud": {"source_status": "withdrawn", "status_reason": {"code": "fraud"}},
    }
    if act.verb in changes:
        return VERBS[act.verb], changes[act.verb]
    return events.CHANGED, {"remark": f"{act.pick}"}


def _identity(pick: int) -> dict[str, Any]:
    """One of four identities, written in one of several ways."""
    names = ("高效节能水泵(新)", "高效节能水泵（新）")
    return {
        "uscc": uscc(1 + pick % 2),
        "enterprise_name": ("长沙示例环保设备有限公司", "长沙示例环保设备公司")[pick // 8],
        "product_name": names[pick // 4 % 2],
        "models": [["SL-100"], ["SL-100", "SL－200"]][pick // 2 % 2],
    }
