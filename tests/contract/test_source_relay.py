"""From the outbox to the topic and back to the receipts, on SQLite and PostgreSQL: nothing is lost, nothing reordered."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from producers import lease, outbox, register, seal
from producers.diff import diff
from producers.receipts import read_receipts, receipts
from producers.relay import BATCH, Relay, RelayPolicy, RelayReport
from schemas import events
from schemas.envelope import read_envelope
from schemas.errors import Fenced, PublishInterrupted, UsageError
from schemas.ports import Message
from schemas.signing import claimed_signature
from schemas.tables.source import inbox_position
from schemas.tables.source import outbox as table
from schemas.tables.source import seal as seal_table
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.entries import entry
from tests.support.fakes import Died, FakeBroker, fake_signer

SOURCE = CHANGSHA.source
TOPIC = "czt.register.changsha"
RECEIPTS = "czt.receipts.changsha"
TIME = "2021-07-22T09:00:00+08:00"


def _relay(engine: Engine, broker: FakeBroker, owner: str = "a", lease_seconds: float = 10.0) -> Relay:
    relay = Relay(engine, SOURCE, fake_signer(), broker, broker, RelayPolicy(owner, lease_seconds))
    relay.prepare()
    return relay


def _list(engine: Engine, *numbers: int) -> None:
    with engine.begin() as connection:
        changes = diff(register.read(connection), [entry(number) for number in numbers])
        register.apply(connection, [(change, None) for change in changes], TIME)


def _sent(engine: Engine) -> dict[int, int | None]:
    with engine.connect() as connection:
        rows = connection.execute(select(table.c.sequence, table.c.sent_offset).order_by(table.c.sequence))
        return {row.sequence: row.sent_offset for row in rows}


def _sequences(broker: FakeBroker) -> list[int | None]:
    return [read_envelope(value).sequence for value in broker.values(TOPIC)]


def _check_chain(broker: FakeBroker) -> None:
    """Raises AssertionError when the records of the topic are not one chain from the first on."""
    previous = "0" * 64
    for number, value in enumerate(broker.values(TOPIC), start=1):
        envelope = read_envelope(value)
        assert (envelope.problem, envelope.sequence, envelope.previous_hash) == (None, number, previous)
        previous = envelope.record_hash


def test_everything_goes_out_in_order(source_database: Engine) -> None:
    """Several batches of changes become one chain on the topic, each marked with its offset; then there is rest."""
    _list(source_database, *range(1, BATCH + 51))
    broker = FakeBroker()
    relay = _relay(source_database, broker)
    assert relay.run_once() == RelayReport(BATCH + 50, BATCH + 50, BATCH + 50)
    _check_chain(broker)
    assert [len(batch) for batch in broker.batches] == [BATCH, 50]
    assert all(claimed_signature(batch[-1].headers) for batch in broker.batches)
    assert _sent(source_database) == {number: number - 1 for number in range(1, BATCH + 51)}
    assert relay.run_once() == RelayReport(0, 0, BATCH + 50)


def test_chain_goes_on_after_a_restart(source_database: Engine) -> None:
    """A new relay goes on where the last one stopped."""
    broker = FakeBroker()
    for number, owner in enumerate("abc", start=1):
        _list(source_database, number)
        relay = _relay(source_database, broker, owner)
        relay.run_once()
        relay.release()
    _check_chain(broker)
    assert len(broker.values(TOPIC)) == 3


def test_broker_fails_on_the_way(source_database: Engine) -> None:
    """What was acknowledged is remembered; the next run begins with the first record that wasn't."""
    _list(source_database, *range(1, 6))
    broker = FakeBroker(acknowledge=2)
    relay = _relay(source_database, broker)
    with pytest.raises(PublishInterrupted):
        relay.run_once()
    assert _sent(source_database) == {1: 0, 2: 1, 3: None, 4: None, 5: None}
    relay.run_once()
    assert _sequences(broker) == [1, 2, 3, 4, 5]
    _check_chain(broker)


def test_dies_before_the_mark(source_database: Engine) -> None:
    """What a relay sent before it died is found on the topic by the next one, marked, and not sent again."""
    _list(source_database, 1, 2)

    def die(_: Sequence[Message]) -> None:
        raise Died

    broker = FakeBroker(on_publish=die)
    with pytest.raises(Died):
        _relay(source_database, broker, "a", 0).run_once()
    broker.on_publish = lambda _: None
    _list(source_database, 3)
    assert _relay(source_database, broker, "b").run_once() == RelayReport(1, 3, 3)
    assert _sequences(broker) == [1, 2, 3]
    assert _sent(source_database) == {1: 0, 2: 1, 3: 2}


def test_second_relay_stands_by(source_database: Engine) -> None:
    """While one relay holds the lease another does nothing; it takes over as soon as the lease is given up."""
    _list(source_database, 1)
    broker = FakeBroker()
    first, second = _relay(source_database, broker, "a"), _relay(source_database, broker, "b")
    first.run_once()
    _list(source_database, 2)
    assert second.run_once() is None
    first.release()
    assert second.run_once() == RelayReport(1, 1, 2)
    assert _sequences(broker) == [1, 2]


def test_relay_that_lost_its_lease_writes_nothing(source_database: Engine) -> None:
    """A relay that was overtaken while it published is stopped before it marks anything as sent."""
    _list(source_database, 1)

    def overtake(_: Sequence[Message]) -> None:
        with source_database.begin() as connection:
            assert lease.take(connection, "b", 10) == 2

    with pytest.raises(Fenced):
        _relay(source_database, FakeBroker(on_publish=overtake), "a", 0).run_once()
    assert _sent(source_database) == {1: None}


def test_row_that_cant_be_sealed(source_database: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A row that no schema takes is set aside, said loudly, and the others go out without a gap."""
    _list(source_database, 1)
    with source_database.begin() as connection:
        row = {"type": "cn.czt.entry.listed.v1", "subject": "CSLX-0009", "time": TIME, "entry_version": 1}
        connection.execute(insert(table).values(**row, data='{"entry": {"remark": "\\ud800"}}'))
    _list(source_database, 2)
    broker = FakeBroker()
    assert _relay(source_database, broker).run_once() == RelayReport(2, 2, 2)
    _check_chain(broker)
    assert "CSLX-0009" in caplog.text
    with source_database.connect() as connection:
        assert [(subject, why[:14]) for _, subject, why in outbox.problems(connection)] == [("CSLX-0009", "schema_invalid")]


def test_database_of_another_source(source_database: Engine) -> None:
    """A database belongs to one source for good: two registers under one chain could not be told apart."""
    _relay(source_database, FakeBroker())
    with source_database.begin() as connection, pytest.raises(UsageError, match="/registers/changsha"):
        seal.prepare(connection, ZHUZHOU.source)


def test_decision_in_the_outbox(source_database: Engine) -> None:
    """The joint office's decisions leave through the same outbox."""
    with source_database.begin() as connection:
        outbox.append(connection, events.DAY_BEGAN, "2021-07-22", {"by": "甲", "day": "2021-07-22"}, TIME)
        seal.prepare(connection, "/joint-office")
        assert seal.seal_waiting(connection, "/joint-office") == 1
        assert connection.execute(select(seal_table.c.last_sequence)).scalar_one() == 1


def _receipt(sequence: int | None, index: int, outcome: str = "applied", **fields: Any) -> Message:
    data = {
        "event_id": str(sequence),
        "sequence": sequence,
        "outcome": outcome,
        "first": None,
        "reason": None,
        "action": {"zh": "无需处理。", "en": "Nothing to do."},
        "audit_index": index,
        "rule_set": 1,
        "decided_at": "2021-07-22T01:00:00.000000Z",
    }
    return Message(RECEIPTS, None, json.dumps({"type": events.RECEIPT_ISSUED, "data": data | fields}).encode())


def _view(engine: Engine) -> list[tuple[int, str, int]]:
    with engine.connect() as connection:
        answer = receipts(connection, SOURCE)
    assert answer["city"] == "changsha"
    return [(one["sequence"], one["outcome"], one["audit_index"]) for one in answer["receipts"]]


def test_receipts_are_read_once(source_database: Engine) -> None:
    """Receipts are listed by sequence; what comes again, or isn't a receipt, changes nothing."""
    broker = FakeBroker()
    resend = Message(RECEIPTS, None, json.dumps({"type": events.RESEND_REQUESTED, "data": {"first": 1}}).encode())
    broken = Message(RECEIPTS, None, b"{")
    broker.publish([_receipt(2, 11), resend, broken, _receipt(1, 10), _receipt(2, 11)])
    assert read_receipts(source_database, SOURCE, broker) == 5
    assert _view(source_database) == [(1, "applied", 10), (2, "applied", 11)]
    assert read_receipts(source_database, SOURCE, broker) == 0
    with source_database.begin() as connection:
        connection.execute(update(inbox_position).values(next_offset=0))
    read_receipts(source_database, SOURCE, broker)
    assert _view(source_database) == [(1, "applied", 10), (2, "applied", 11)]


def test_what_a_city_sees_of_an_event(source_database: Engine) -> None:
    """The last outcome of an event counts; a duplicate never replaces it, a refused record stands beside it."""
    broker = FakeBroker()
    broker.publish(
        [
            _receipt(1, 10, "parked", reason="schema_unknown"),
            _receipt(2, 11),
            _receipt(1, 12),
            _receipt(1, 13, "duplicate", first="applied"),
            _receipt(2, 14, "refused", reason="sequence_reused"),
        ]
    )
    read_receipts(source_database, SOURCE, broker)
    assert _view(source_database) == [(1, "applied", 12), (2, "applied", 11), (2, "refused", 14)]


def test_a_receipt_names_what_it_answers(source_database: Engine) -> None:
    """Beside each outcome stand the certificate and the event that this source sent; what has no answer yet is counted."""
    _list(source_database, 1, 2, 3)
    broker = FakeBroker()
    _relay(source_database, broker).run_once()
    broker.publish([_receipt(1, 10), _receipt(2, 11, "rejected", reason="impossible_value"), _receipt(3, 12, "refused")])
    read_receipts(source_database, SOURCE, broker)
    with source_database.connect() as connection:
        answer = receipts(connection, SOURCE)
    named = [(one["certificate_no"], one["type"]) for one in answer["receipts"]]
    assert named == [(entry(number).certificate_no, events.LISTED.name) for number in (1, 2, 3)]
    assert answer["unanswered"] == 1
