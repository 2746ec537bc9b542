"""Cases on a line of their own: a register, an embedded broker, a store, a joint office, and keys that are made for it.

The city's real key signs nothing here: an event of an invented firm under it would be good on the real topic too.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.chains import state_now
from deploy.conformance import catalogue
from deploy.conformance.case import DEFECT, Case, CaseFailed
from deploy.hub import run_until_idle
from deploy.importing import import_file
from deploy.initialise import initialise
from deploy.joint.desk import office
from deploy.joint.proposals import day_began, key_revoked, key_trusted
from deploy.keys import load_public, public_file
from deploy.next_keys import make_next, next_name, use_next
from deploy.relaying import relay_once
from deploy.settings import Settings, apart
from deploy.telemetry import Metrics
from deploy.whole_topic import whole_topic
from deploy.wiring import Wiring
from producers.importing import ImportOptions
from producers.receipts import read_receipts, receipts
from schemas.city import City
from schemas.envelope import Envelope, read_envelope
from schemas.errors import Both, PublishInterrupted
from schemas.events import RESEND_REQUESTED
from schemas.outgoing import outgoing_value
from schemas.ports import Message, Publisher
from schemas.tables.transactions import transaction
from schemas.topics import receipts_topic, topic_of

BY = "czt city check"
FIRST, LAST = 2, catalogue.SOUND_ROWS - 1
"""The stretch that is asked for again."""


@contextmanager
def sandbox(settings: Settings, make: Callable[[Settings], Wiring]) -> Iterator[Wiring]:
    """A line with the installation's cities in a folder of its own, on its first day; removed at the end."""
    with TemporaryDirectory(prefix="czt-check-") as folder, make(apart(settings, Path(folder))) as wiring:
        initialise(wiring)
        office(wiring).decide([day_began(catalogue.DAY, BY, 0)])
        yield wiring


class Interrupted:
    """A publisher whose broker goes away once: of the first batch one record arrives, the rest does not."""

    def __init__(self, inner: Publisher) -> None:
        self._inner = inner
        self._is_away = True

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See Publisher."""
        if not self._is_away:
            return self._inner.publish(messages)
        self._is_away = False
        raise PublishInterrupted(self._inner.publish(messages[:1]), Both("消息系统中断（演练）", "the broker went away (a drill)"))

    def close(self) -> None:
        """The inner one is closed by whoever made it."""


def line_cases(wiring: Wiring, city: City) -> list[Case]:
    """One story: what one case sent, the next one builds on."""
    line = _Line(wiring, city)
    return [
        Case("outage", "sandbox", _OUTAGE, line.outage, ("template",)),
        Case("resend", "sandbox", _RESEND, line.resend, ("template",)),
        Case("statement", "sandbox", _STATEMENT, line.statement, ("template",)),
        Case("key_rotation", "sandbox", _KEY_ROTATION, line.key_rotation, ("template",)),
    ]


_OUTAGE = Both("消息系统中断后接着发，无缺无重", "sending goes on after an outage of the broker: nothing lost, nothing twice")
_RESEND = Both("按要求补发，与原件逐字节相同", "what is asked for again comes again, byte for byte")
_STATEMENT = Both(
    "每条变更都被收用，对账单的条数和摘要由共享端重算相同",
    "every change is applied, and the hub reproduces the statement's count and digest",
)
_KEY_ROTATION = Both(
    "新旧密钥交替不断线；旧密钥吊销后，此前的签名仍有效",
    "no pause while keys overlap; what the old one signed before it is revoked stays good",
)


class _Line:
    """The city's part of the sandbox, and what the shared side answers."""

    def __init__(self, wiring: Wiring, city: City) -> None:
        self._wiring, self._source, self._city = wiring, city.source, city

    def outage(self) -> Both:
        self._enter_changes()
        relay = self._wiring.relay(self._source)
        relay.publisher = Interrupted(relay.publisher)
        try:
            relay.run_once()
        except PublishInterrupted:
            relay.run_once()
        finally:
            relay.release()
        wanted = list(range(1, catalogue.SOUND_ROWS + 1))
        found = [event.sequence for event in self._events()]
        if found != wanted:
            raise CaseFailed(
                Both(f"主题上的序号是 {found}，应为 {wanted}", f"the topic has sequences {found}, expected {wanted}"), DEFECT
            )
        return Both(f"{len(found)} 条都在主题上", f"all {len(found)} changes are on the topic")

    def _enter_changes(self) -> None:
        city_file = self._wiring.city_file(self._source)
        file = self._wiring.settings.home / "catalogue.xlsx"
        file.write_bytes(catalogue.filled_in(city_file, catalogue.sound(city_file)))
        import_file(self._wiring, file, self._city, catalogue.DAY, ImportOptions())

    def _events(self) -> list[Envelope]:
        return [read_envelope(record.value) for record in whole_topic(self._wiring.subscriber, topic_of(self._source))]

    def resend(self) -> Both:
        before = {event.sequence: event.record_hash for event in self._events()}
        seen = len(self._events())
        self._ask_again()
        relay_once(self._wiring, self._source)
        again = [event for event in self._events()[seen:] if event.sequence is None or FIRST <= event.sequence <= LAST]
        wanted = [before.get(sequence) for sequence in range(FIRST, LAST + 1)]
        same = sum(event.record_hash in wanted for event in again)
        if [event.record_hash for event in again] != wanted:
            raise CaseFailed(
                Both(
                    f"要求补发 {len(wanted)} 条，补发 {len(again)} 条，其中 {same} 条与原件相同",
                    f"{len(wanted)} were asked for, {len(again)} came, {same} of them as they were",
                ),
                DEFECT,
            )
        return Both(f"补发 {len(again)} 条，与原件相同", f"{len(again)} came again as they were")

    def _ask_again(self) -> None:
        """What the hub says when it misses a stretch."""
        data = {"source": self._source, "first": FIRST, "last": LAST, "asked": 1}
        time = f"{catalogue.DAY.isoformat()}T09:00:00+08:00"
        value = outgoing_value(RESEND_REQUESTED, f"resend{self._source}/{FIRST}-{LAST}/1", self._source, time, data)
        self._wiring.publisher.publish([Message(receipts_topic(self._source), b"", value, partition=0)])

    def statement(self) -> Both:
        stated = state_now(self._wiring, self._source)
        self._decide()
        sequence = stated["sequence"]
        wanted = {**dict.fromkeys(range(1, sequence), "applied"), sequence: "statement_agrees"}
        found = {number: [reason or outcome for outcome, reason in said] for number, said in self._answers().items()}
        _require(found, wanted)
        return Both(
            f"{stated['entries']} 条，摘要 {stated['digest'][:16]}…，共享端核对一致",
            f"{stated['entries']} entries, digest {stated['digest'][:16]}…, the hub agrees",
        )

    def key_rotation(self) -> Both:
        directory, name = self._wiring.settings.key_dir, self._city.word
        make_next(directory, name)
        new = load_public(public_file(directory, next_name(name)))
        office(self._wiring).decide([key_trusted(self._source, self._city, new, BY, self._wiring.log_size())])
        last_of_old = state_now(self._wiring, self._source)["sequence"]
        before, after = use_next(directory, name)
        first_of_new = state_now(self._wiring, self._source)["sequence"]
        office(self._wiring).decide([key_revoked(self._source, before, last_of_old, BY, self._wiring.log_size())])
        self._decide()
        found = {number: [outcome for outcome, _ in said] for number, said in self._answers().items()}
        _require(found, dict.fromkeys((last_of_old, first_of_new), "applied"))
        return Both(f"{before} 换成 {after}，两把签名的都被收用", f"{before} gave way to {after}; what both signed is applied")

    def _decide(self) -> None:
        run_until_idle(self._wiring, self._wiring.sources, Metrics())

    def _answers(self) -> dict[int, list[tuple[str, str | None]]]:
        """sequence → (outcome, reason) of its receipts: one where all is well."""
        engine = self._wiring.source_engine(self._source)
        read_receipts(engine, self._source, self._wiring.subscriber)
        with transaction(engine) as connection:
            found = receipts(connection, self._source)["receipts"]
        answers: dict[int, list[tuple[str, str | None]]] = {}
        for one in found:
            answers.setdefault(one["sequence"], []).append((one["outcome"], one["reason"]))
        return answers


def _require(found: dict[int, list[str]], wanted: dict[int, str]) -> None:
    """Raises `CaseFailed` unless each of these sequences has the one receipt that is wanted."""
    wrong = {sequence: found.get(sequence, []) for sequence, word in wanted.items() if found.get(sequence) != [word]}
    if wrong:
        said = json.dumps(wrong)
        raise CaseFailed(Both(f"回执与应有的不同（序号：回执）：{said}", f"receipts differ (sequence: receipts): {said}"), DEFECT)
