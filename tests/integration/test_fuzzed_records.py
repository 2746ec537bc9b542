"""Whatever bytes and headers stand on a topic: the hub decides each record, and goes on."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consumers.core.leaf import MAX_LEAF_BYTES
from consumers.replay.replay import replay
from consumers.store.store import Store
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.ports import Headers, Record
from schemas.signing import signed_headers
from schemas.tables import store as t
from tests.support.audited import Audited, failed
from tests.support.cities import CHANGSHA
from tests.support.interleaving import SOURCES, Hub
from tests.support.sealed_events import sealed_value
from tests.support.sources import Source, entry, signer_of
from tests.support.stores import empty_again, made_store

EXAMPLES = int(os.environ.get("CZT_TEST_STORIES", "12"))
CITY = CHANGSHA
SOUND = [sealed_value(kind) for kind in (*events.CITY_TYPES.values(), *events.JOINT_TYPES.values())]
SPLICED = (b"\\u0000", b"\\ud800", b"1e999", b'"', b"{", b"]", b"\xff", b"\xf0\x9f\x98\x80", b"9" * 400, b",", b":null", b"\x00")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound event of any type with bytes flipped, cut or spliced, or another one's tail."""
    value = draw(st.sampled_from(SOUND))
    for _ in range(draw(st.integers(0, 3))):
        at, end = sorted((draw(st.integers(0, len(value))), draw(st.integers(0, len(value)))))
        how = draw(st.sampled_from(("flip", "cut", "splice", "cross", "repeat")))
        if how == "flip" and at < len(value):
            value = value[:at] + bytes([value[at] ^ 1 << draw(st.integers(0, 7))]) + value[at + 1 :]
        elif how == "cut":
            value = value[:at] + value[end:]
        elif how == "splice":
            value = value[:at] + draw(st.sampled_from(SPLICED)) + value[at:]
        elif how == "cross":
            value = value[:at] + draw(st.sampled_from(SOUND))[at:]
        else:
            value = value[:end] + value[at:end] + value[end:]
    return value


NAMES = st.sampled_from(("signature", "keyid", "content-type", "", "键")) | st.text(st.characters(codec="utf-8"), max_size=12)
HEADERS: st.SearchStrategy[Headers] = st.lists(st.tuples(NAMES, st.binary(max_size=80)), max_size=5).map(tuple)
VALUES = st.none() | st.binary(max_size=60) | mutated()
Junk = tuple[bytes | None, Headers, str | None]
"""Value, headers, and whose key signs them."""


def junk(*signers: str | None) -> st.SearchStrategy[list[Junk]]:
    """What a topic may hold."""
    return st.lists(st.tuples(VALUES, HEADERS, st.sampled_from(signers)), min_size=1, max_size=8)


STRANGERS = (None, None, "somebody", JOINT_OFFICE)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two stores that are emptied for each example."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    live, fresh = made_store(f"sqlite:///{folder / 'live.db'}"), made_store(f"sqlite:///{folder / 'fresh.db'}")
    yield live, fresh
    live.writer.dispose()
    fresh.writer.dispose()


def topic(source: Source, found: Sequence[Junk]) -> list[Record]:
    """The records on the source's topic, then a sound and signed event."""
    for value, headers, signer in found:
        signed = signed_headers(signer_of(signer), value) if signer is not None and value is not None else ()
        source.records.append(replace(source.publish(value, signed=False), headers=(*headers, *signed)))
        del source.records[-2]
    source.say_entry(events.LISTED, 1, entry(CITY, "CSLX-09999"))
    return source.records


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    ours=junk(*STRANGERS) | junk(*STRANGERS, CITY.source),
    theirs=junk(None, "somebody", CITY.source),
    window=st.integers(1, 9),
)
def test_nothing_stops_the_hub(
    stores: tuple[Store, Store],
    ours: Sequence[Junk],
    theirs: Sequence[Junk],
    window: int,
) -> None:
    """Junk on a city's and on the joint office's topic: one small leaf a record, all of it verified, replay equal.

    Unless the city's own key signed some of it, the sound event at the end is applied.
    """
    live, fresh = stores
    for store in stores:
        empty_again(store)
    joint, city = Source(JOINT_OFFICE), Source(CITY.source)
    joint.decide(events.KEY_TRUSTED, CITY.source, city.key_data())
    topic(Source(JOINT_OFFICE, records=joint.records), theirs).pop()
    joint.decide(events.DAY_BEGAN, "day", {"day": "2021-07-22"})
    topics: dict[str, list[Record]] = {source: [] for source in SOURCES} | {
        JOINT_OFFICE: joint.records,
        CITY.source: topic(city, ours),
    }
    hub = Hub(live, joint.trusted())
    hub.read(topics, {source: len(records) for source, records in topics.items()}, window=window)

    with live.snapshot() as loader:
        leaves = [bytes(leaf) for leaf in loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()]
        received = loader.connection.execute(select(t.listing.c.certificate_no)).scalars().all()
    assert len(leaves) == sum(map(len, topics.values()))
    assert max(map(len, leaves)) <= MAX_LEAF_BYTES
    assert received == ["CSLX-09999"] or any(signer == CITY.source for _, _, signer in ours)
    report = replay(live, fresh)
    assert report.equal, report.differences[:5]
    audited = Audited(live)
    audited.checkpointer().sign()
    with live.snapshot() as loader:
        assert failed(audited.verified(loader.connection)) == {}
