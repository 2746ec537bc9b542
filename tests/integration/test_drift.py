"""The store held against its own log, and the cities against each other."""

import base64

import pytest
from sqlalchemy import delete, select, update

from consumers.core.statements import digest_of
from consumers.drift_watch import DriftWatch
from consumers.store import queries
from schemas import events
from schemas.city import City
from schemas.tables import store as t
from tests.support.cities import CHANGSHA, SOURCES, ZHUZHOU
from tests.support.histories import NOW, History
from tests.support.sources import entry, uscc


@pytest.mark.parametrize("city", [CHANGSHA, ZHUZHOU])
def test_no_drift_after_any_history(history: History, city: City) -> None:
    """Gaps, forks, duplicates, parked and rejected events: what the store keeps is what the log says."""
    with history.store.snapshot() as loader:
        found = queries.drift(loader, city.source)
    assert (found["equal"], found["differences"]) == (True, [])
    assert found["entries"] > 0


def test_drift_is_named_entry_by_entry(history: History) -> None:
    """A listing that is gone, a version that was raised: each with its number, field and both values."""
    with history.store.transaction() as connection:
        gone = (t.listing.c.city == "changsha") & (t.listing.c.certificate_no == "CSLX-00003")
        connection.execute(delete(t.listing).where(gone))
        head = (t.entry_head.c.source == CHANGSHA.source) & (t.entry_head.c.subject == "CSLX-00001")
        connection.execute(update(t.entry_head).where(head).values(sent_version=99))
    with history.store.snapshot() as loader:
        found = queries.drift(loader, CHANGSHA.source)
    named = [(one["object"], one["key"], one["field"], one["before"]) for one in found["differences"]]
    assert ("entry_head", "CSLX-00001", "sent_version", 99) in named
    assert ("listing", "CSLX-00003", "entry_version", None) in named
    assert not found["equal"]


def test_a_statement_that_differs_has_the_store_looked_into(history: History) -> None:
    """By the relay that sends, once a statement: the differences are kept entry by entry and counted, until a statement agrees."""
    store, source = history.store, ZHUZHOU.source
    lost = {"source": source, "sequence": history.zhuzhou.sequence, "hash": history.zhuzhou.head}
    with store.snapshot() as loader:
        lost["lost"] = [[gap.first, gap.last] for gap in loader.chain(source).gaps]
    history.joint.decide(events.SOURCE_CONTINUED, source, lost)
    history.decide_all()
    with store.transaction() as connection:
        head = (t.entry_head.c.source == source) & (t.entry_head.c.subject == "ZZLX-00001")
        connection.execute(update(t.entry_head).where(head).values(sent_version=99))
        connection.execute(update(t.outbound).values(owner="us"))
    watch = DriftWatch(store, "us")
    assert (watch.look(), watch.look()) == (1, 0)  # Changsha's wrong statement: its store is as the log says
    history.zhuzhou.say(events.STATEMENT, "zhuzhou", {"entries": 9, "digest": "0" * 64})
    history.decide_all()
    assert (DriftWatch(store, "a standby").look(), watch.look(), watch.look()) == (0, 1, 0)
    with store.snapshot() as loader:
        found = queries.last_finding(loader, source)
        status = queries.status(loader, SOURCES, {}, NOW, None)["sources"]
    assert found is not None
    assert (found["sequence"], found["total"]) == (history.zhuzhou.sequence, 1)
    assert [(one["key"], one["field"], one["before"]) for one in found["differences"]] == [("ZZLX-00001", "sent_version", 99)]
    shown = {one["source"]: (one["statement_differs"], one["drift"]) for one in status}
    assert shown[source] == (history.zhuzhou.sequence, 1)
    with store.transaction() as connection:
        connection.execute(update(t.entry_head).where(head).values(sent_version=2))
    with store.snapshot() as loader:
        count, digest = digest_of(loader.heads(source, None))
    history.zhuzhou.say(events.STATEMENT, "zhuzhou", {"entries": count, "digest": digest})
    history.decide_all()
    with store.snapshot() as loader:
        status = queries.status(loader, SOURCES, {}, NOW, None)["sources"]
    assert {one["source"]: (one["statement_differs"], one["drift"]) for one in status}[source] == (None, 0)


def test_conflicts_between_cities_are_listed_for_them(history: History) -> None:
    """The value shown with its listing, the other with its own; a product of one city alone is no conflict."""
    history.zhuzhou.say_entry(events.LISTED, 1, entry(ZHUZHOU, "ZZLX-00020", category="泵类"))
    history.decide_all()
    with history.store.snapshot() as loader:
        found = queries.conflicts(loader)["conflicts"]
        assert queries.conflicts(loader, "xiangtan")["conflicts"] == []
        assert len(queries.conflicts(loader, limit=1)["conflicts"]) == 1
        assert queries.count_conflicts(loader) == len(found)
    fields = {field["field"] for one in found for field in one["fields"]}
    assert "category" in fields
    assert all(field["lost"] for one in found for field in one["fields"])


def test_a_refused_record_is_kept_byte_for_byte(history: History) -> None:
    """Whoever looks into a dead letter sees the bytes and headers that came; an entry of an event is none."""
    with history.store.snapshot() as loader:
        letters = queries.dead_letters(loader)["dead_letters"]
        shown = [queries.dead_letter(loader, one["audit_index"]) for one in letters]
        assert queries.dead_letter(loader, 0) is None
    records = {CHANGSHA.source: history.changsha.records, ZHUZHOU.source: history.zhuzhou.records}
    assert len(shown) > 5
    for letter in shown:
        assert letter is not None
        record = records[letter["source"]][letter["offset"]]
        assert letter["value"] == (None if record.value is None else base64.b64encode(record.value).decode())
        assert letter["headers"] == [[name, base64.b64encode(value).decode()] for name, value in record.headers]


def test_an_old_key_leads_to_the_product_it_became(history: History) -> None:
    """After corrections every former key answers with the product of today, and says which key was asked for."""
    history.changsha.say_entry(events.CORRECTED, 3, entry(CHANGSHA, "CSLX-00002", uscc=uscc(5)))
    history.decide_all()
    with history.store.snapshot() as loader:
        moved = loader.connection.execute(select(t.product.c.product_key).where(t.product.c.moved_to.is_not(None))).scalars().all()
        found = {key: queries.golden(loader, key) for key in moved}
        assert queries.golden(loader, "f" * 20) is None
    assert len(moved) >= 2
    for key, product in found.items():
        assert product is not None
        assert (product["asked_for"], product["moved_to"]) == (key, None)
        assert product["product_key"] not in moved
        assert "CSLX-00002" in {one["certificate_no"] for one in product["listings"]}
        assert {one["from"] for one in product["fields"]} <= {
            f"{one['city']}/{one['certificate_no']}" for one in product["listings"]
        }
