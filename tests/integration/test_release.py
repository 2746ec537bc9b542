"""Parked events: what makes them wait, what releasing them does, and that the log tells all of it again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from consumers.replay.replay import replay
from consumers.store import queries
from schemas import events
from schemas.codec import canonical, sha256_hex
from schemas.events import EventType
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.audited import Audited, failed
from tests.support.cities import CHANGSHA
from tests.support.histories import NOW, History
from tests.support.sources import entry
from tests.support.stores import drop_triggers, made_store, replay_store

WAITING = RULE_SET_1.model_copy(update={"version": 2, "waits": ("reinstated",)})
NUMBER = "CSLX-00001"


@pytest.fixture(params=["sqlite", "postgres"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
    """A hub on each database, where the office trusts Changsha's key, and reinstatements wait for two people."""
    postgres = request.param == "postgres"
    store = made_store(request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'store.db'}")
    made = History(store)
    made.joint.decide(events.KEY_TRUSTED, made.changsha.address, made.changsha.key_data())
    made.joint.decide(events.RULES_ACTIVATED, "rules/2", {"rules": WAITING.model_dump(mode="json")})
    made.joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    made.decide_all()
    yield made
    store.writer.dispose()
    store.reader.dispose()


def _said(history: History, kind: EventType, version: int, **changes: Any) -> None:
    history.changsha.say_entry(kind, version, entry(CHANGSHA, NUMBER, **changes))


def _released(history: History, sequence: int, **changes: Any) -> None:
    data = {"source": history.changsha.address, "sequence": sequence, **changes}
    history.joint.decide(events.PARKED_RELEASED, f"changsha/{sequence}", data)
    history.decide_all()


def _leaves(history: History) -> list[dict[str, Any]]:
    with history.store.snapshot() as loader:
        return [json.loads(bytes(leaf)) for leaf in loader.connection.execute(select(t.audit_entry.c.leaf)).scalars()]


def _outcomes(history: History) -> list[tuple[int, str, str | None]]:
    """(sequence, outcome, reason) of each of the city's entries, in the log's order."""
    found = [leaf for leaf in _leaves(history) if leaf["source"] == history.changsha.address]
    return [(leaf["sequence"], leaf["outcome"], leaf.get("reason")) for leaf in found]


def _status(history: History) -> str:
    with history.store.snapshot() as loader:
        return str(loader.listings([("changsha", NUMBER)])[("changsha", NUMBER)].entry["source_status"])


def _parked(history: History) -> list[tuple[int, str]]:
    with history.store.snapshot() as loader:
        rows = loader.connection.execute(select(t.parked.c.sequence, t.parked.c.reason).order_by(t.parked.c.sequence))
        return [(row.sequence, row.reason) for row in rows]


def _is_provable(history: History) -> None:
    """Replay gives the same store, and every entry verifies."""
    audited = Audited(history.store)
    audited.checkpointer().sign()
    with history.store.snapshot() as loader:
        assert failed(audited.verified(loader.connection)) == {}
    report = replay(history.store, replay_store())
    assert (report.equal, report.differences) == (True, ())


def _waiting(history: History) -> None:
    """Listed, suspended; the reinstatement waits, and two later events of the entry behind it; another entry flows."""
    _said(history, events.LISTED, 1)
    _said(history, events.SUSPENDED, 2, source_status="suspended")
    _said(history, events.REINSTATED, 3)
    _said(history, events.CHANGED, 4, models=["SL-200"])
    _said(history, events.REINSTATED, 5, models=["SL-200"])
    history.changsha.say_entry(events.LISTED, 1, entry(CHANGSHA, "CSLX-00002"))
    history.decide_all()


def test_what_the_rule_set_says_waits(history: History) -> None:
    """An event of such a type is parked, later ones of its entry behind it; those of other entries are applied."""
    _waiting(history)
    assert _outcomes(history) == [
        (1, "applied", None),
        (2, "applied", None),
        (3, "parked", "rule_set_waits"),
        (4, "parked", "behind_parked"),
        (5, "parked", "behind_parked"),
        (6, "applied", None),
    ]
    assert _status(history) == "suspended"
    _is_provable(history)


def test_release_decides_in_order_until_one_waits_for_itself(history: History) -> None:
    """The released event and those behind it get their final outcome; the next that must wait says so, and can be released."""
    _waiting(history)
    _released(history, 3)
    assert _outcomes(history)[6:] == [(3, "applied", None), (4, "applied", None), (5, "parked", "rule_set_waits")]
    assert (_status(history), _parked(history)) == ("active", [(5, "rule_set_waits")])
    _is_provable(history)
    _released(history, 5)
    assert _outcomes(history)[9:] == [(5, "applied", None)]
    assert _parked(history) == []
    _is_provable(history)


def test_a_release_names_the_first_that_waits(history: History) -> None:
    """An event that isn't parked, one behind another, and one person alone: each is refused with what stands instead."""
    _waiting(history)
    _released(history, 4)
    _released(history, 2)
    _released(history, 3, agreed_by=None)
    reasons = [(leaf["reason"], leaf["detail"]) for leaf in _leaves(history)[-3:]]
    assert reasons[0] == ("decision_not_allowed", "event 3 of the same subject waits before it; release that one")
    assert reasons[1] == ("decision_unknown_object", "no parked event 2 of /registers/changsha")
    assert reasons[2][0] == "decision_not_allowed"
    assert len(_parked(history)) == 3
    _is_provable(history)


def test_what_waits_behind_another_event_is_shown_itself(history: History) -> None:
    """Its own bytes, and which event is to be released first."""
    _waiting(history)
    address = history.changsha.address
    with history.store.snapshot() as loader:
        first, behind = (queries.parked_event(loader, address, sequence, NOW) for sequence in (3, 4))
        assert queries.parked_event(loader, address, 6, NOW) is None
    assert first is not None
    assert behind is not None
    assert (first["sequence"], first["waits_behind"], first["behind"]) == (3, None, 2)
    assert (behind["sequence"], behind["waits_behind"], behind["behind"]) == (4, 3, 1)
    assert [json.loads(one["value"])["id"] for one in (first, behind)] == ["3", "4"]
    assert first["would_become"] == behind["would_become"]


def _newer(history: History, version: int) -> None:
    """An event under a version of the schema that this hub doesn't know."""
    source = history.changsha
    found = entry(CHANGSHA, NUMBER, models=["SL-300"])
    value = canonical(
        events.event_attributes(
            events.CHANGED,
            source=source.address,
            sequence=source.sequence + 1,
            previous_hash=source.head,
            subject=NUMBER,
            time="2021-07-22T09:00:00+08:00",
            data={"entry": found},
            entry_version=version,
        )
        | {"type": "cn.czt.entry.changed.v2", "dataschema": "urn:czt:register-entry:2"}
    )
    source.publish(value)
    source.sequence, source.head = source.sequence + 1, sha256_hex(value)


def _upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the hub knows the second version."""
    kind = EventType("cn.czt.entry.changed.v2", events.ChangedData, "urn:czt:register-entry:2", is_entry=True)
    for table in (events.ALL_TYPES, events.CITY_TYPES):
        monkeypatch.setitem(table, kind.name, kind)


def test_a_newer_schema_waits_for_an_upgrade(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is decided once the hub knows the version and people release it; the log of before and after replays."""
    _said(history, events.LISTED, 1)
    _newer(history, 2)
    _said(history, events.CHANGED, 3, models=["SL-400"])
    history.decide_all()
    assert _parked(history) == [(2, "schema_unknown"), (3, "behind_parked")]
    _upgraded(monkeypatch)
    _is_provable(history)
    _released(history, 2)
    assert _outcomes(history)[3:] == [(2, "applied", None), (3, "applied", None)]
    assert _parked(history) == []
    _is_provable(history)


def test_what_cannot_be_read_yet_cannot_be_released(history: History) -> None:
    """Before the upgrade the decision is refused, and nothing moves."""
    _newer(history, 1)
    history.decide_all()
    _released(history, 1)
    assert _leaves(history)[-1]["reason"] == "decision_not_allowed"
    assert _parked(history) == [(1, "schema_unknown")]
    _is_provable(history)


def test_nobody_can_forge_a_release(history: History) -> None:
    """An entry of a released event that is changed, removed or made up is found by verify or by replay, which never raise."""
    _waiting(history)
    _released(history, 3)
    audited = Audited(history.store)
    audited.checkpointer().sign()
    drop_triggers(history.store.writer)
    index = next(i for i, leaf in enumerate(_leaves(history)) if "released_by" in leaf)
    with audited.undone() as connection:
        for table in (t.audit_entry, t.audit_record):
            connection.execute(delete(table).where(table.c.idx == index))
        assert failed(audited.verified_against_store(connection))
    for old, new in ((b'"released_by":4', b'"released_by":3'), (b'"outcome":"applied"', b'"outcome":"rejected"')):
        with audited.undone() as connection:
            leaf = bytes(connection.execute(select(t.audit_entry.c.leaf).where(t.audit_entry.c.idx == index)).scalar_one())
            assert old in leaf
            changed = update(t.audit_entry).where(t.audit_entry.c.idx == index).values(leaf=leaf.replace(old, new))
            connection.execute(changed)
            assert "store" in failed(audited.verified_against_store(connection))
