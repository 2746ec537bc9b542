"""Histories of gaps, forks and tails, each by name: found, explained, and whole again, with real relay, hub and outbound relay."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, update

from consumers.store import position
from deploy.databases import writer_engine
from producers.relay import messages
from schemas import events
from schemas.errors import AnswerIsNo, RegisterRestored
from schemas.tables import source as s
from tests.support.brokers import ApacheBroker, Broker, EmbeddedBroker
from tests.support.cities import ALL_TOPICS
from tests.support.line import SOURCE, TOPIC, Line, Mangle
from tests.support.stores import made_store


def _line(broker: Broker, engine: Engine, store_url: str) -> Iterator[Line]:
    with closing(broker.topics()) as topics:
        topics.ensure_topics(ALL_TOPICS)
    with closing(broker.publisher()) as publisher, closing(broker.subscriber()) as subscriber:
        store = made_store(store_url)
        yield Line(engine, store, publisher, subscriber)
        store.writer.dispose()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """The embedded halves, in files."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    yield from _line(EmbeddedBroker(tmp_path / "broker.db"), engine, f"sqlite:///{tmp_path / 'store.db'}")
    engine.dispose()


@pytest.fixture(params=["embedded", "kafka and postgresql"])
def any_line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """Both kinds of halves, for the histories that everything hangs on."""
    if request.param == "embedded":
        yield request.getfixturevalue("line")
        return
    server = request.getfixturevalue("postgres_server")
    names = [f"line_{kind}_{id(request.node):x}" for kind in ("register", "store")]
    register, store = (server.create_database(name) for name in names)
    engine = writer_engine(register)
    yield from _line(ApacheBroker(request.getfixturevalue("kafka_bootstrap")), engine, store)
    engine.dispose()
    for name in names:
        server.drop_database(name)


def without(*places: int) -> Mangle:
    """These places of the next stretch get lost."""
    return lambda records: [record for place, record in enumerate(records) if place not in places]


def test_a_record_lost_in_the_middle_of_a_signed_batch(any_line: Line) -> None:
    """One signature vouched for five records, one of which is lost: those before it are unvouched, asked for, sent again, taken."""
    line = any_line
    line.view.mangle = without(2)
    line.send(1, 2, 3, 4, 5)
    assert line.hub() == {"refused": 2, "applied": 2}
    assert line.status()["gaps"] == [[1, 3]]
    assert line.reasons() == [("refused", "signature_missing")] * 2 + [("applied", None)] * 2
    assert line.ask() == 1
    assert line.requests() == ["resend/changsha/1-3/1"]
    assert line.relay().resent == 3
    assert line.hub() == {"applied": 3}
    line.check_whole()
    assert line.requests() == ["resend/changsha/1-3/1"]


def test_a_request_is_repeated_until_it_is_answered(line: Line) -> None:
    """Asked at once, after 30 s, after another 60 s, and so on to once an hour; nothing in between."""
    line.view.mangle = without(0)
    line.send(1)
    line.send(2)
    line.hub()
    assert [line.ask(), line.ask()] == [1, 0]
    for seconds in (30, 60, 120):
        line.later(seconds - 1)
        assert line.ask() == 0
        line.later(1.5)
        assert line.ask() == 1
    for _ in range(6):
        line.later(3601)
        line.ask()
    assert line.requests() == [f"resend/changsha/1-1/{n}" for n in range(1, 11)]
    line.later(3599)
    assert line.ask() == 0
    assert line.relay().resent == 1  # ten requests that waited want one answer
    line.hub()
    assert line.ask() == 0
    line.check_whole()


def test_a_resend_cut_by_a_poll(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resend whose beginning is read before its end is no new gap and no fork, and nothing is asked for again at once."""
    monkeypatch.setattr("consumers.worker.WINDOW", 70)
    line.view.mangle = without(*range(99))
    line.send(*range(1, 101))
    line.hub()
    assert line.status()["gaps"] == [[1, 99]]
    assert line.ask() == 1
    line.view.mangle = lambda records: records[:70]
    assert line.relay().resent == 99
    rest = line.subscriber.fetch(TOPIC, 0, 100 + 70, 100, 5)
    assert line.hub() == {"applied": 64}  # the 64th is signed, those behind it wait for the rest
    status = line.status()
    assert (status["gaps"], status["forked"], status["unvouched"]) == ([[65, 99]], False, 6)
    assert line.ask() == 0
    line.view.deliver(rest)
    assert line.hub() == {"applied": 35}
    assert line.requests() == ["resend/changsha/1-99/1"]
    line.check_whole()


def test_a_gap_at_the_very_beginning(line: Line) -> None:
    """The first records ever are lost; what follows is taken, and what is missing asked for from 1 on."""
    line.view.mangle = without(0, 1)
    line.send(1, 2, 3)
    line.hub()
    assert (line.status()["received_through"], line.status()["gaps"]) == (0, [[1, 2]])
    line.settle()
    assert line.status()["received_through"] == 3
    line.check_whole()


def test_a_gap_that_spans_polls(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three polls' worth of records is lost, and comes back through polls of the same size."""
    monkeypatch.setattr("consumers.worker.WINDOW", 20)
    line.view.mangle = lambda records: records[:10] + records[-3:]
    line.send(*range(1, 101))
    line.hub()
    assert [gap[1] for gap in line.status()["gaps"]] == [97]
    line.settle()
    assert line.status()["received_through"] == 100
    line.check_whole()


def test_junk_on_the_topic(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """What somebody else writes is refused record by record; the city's chain goes on, and its relay says whose topic it is."""
    line.send(1)
    line.junk(b"\xff", b"{}", b"", b'{"specversion":"1.0","id":"2","source":"/registers/changsha"}')
    line.send(2)
    assert "4 records of somebody else on our topic" in caplog.text
    assert line.hub() == {"applied": 2, "refused": 4}
    line.check_whole()


def test_an_unvouched_tail_waits_and_is_alarmed(line: Line) -> None:
    """Records whose signature has not come yet are not decided; after a minute the status says so; the signature settles them."""
    line.view.mangle = without(2)
    line.send(1, 2, 3)
    assert line.hub() == {}
    status = line.status()
    assert (status["unvouched"], status["unvouched_seconds"], status["received_through"]) == (2, 0, 0)
    assert line.status(seconds_later=61)["unvouched_seconds"] in (60, 61)
    line.send(4)  # signed, and its chain runs through the third, which is lost
    assert line.hub() == {"refused": 2, "applied": 1}
    status = line.status()
    assert (status["unvouched"], status["unvouched_seconds"], status["gaps"]) == (0, 0, [[1, 3]])
    assert line.reasons()[:2] == [("refused", "signature_missing")] * 2
    line.check_whole()


def test_late_arrivals_are_superseded(line: Line) -> None:
    """What comes late, after a higher version of its entry, is known and changes nothing."""
    line.view.mangle = without(0)
    line.send(1)
    line.send(1, models=("DM-300",))
    line.hub()
    line.settle()
    assert line.reasons() == [("applied", None), ("superseded", "version_behind")]
    line.check_whole()


def test_duplicated_stretches(line: Line) -> None:
    """Whatever comes twice or three times is known by its hash."""
    line.view.mangle = lambda records: [*records, *records, *records[:2], *records[1:]]
    line.send(1, 2, 3)
    assert line.hub() == {"applied": 3, "duplicate": 7}
    line.check_whole()


def test_the_same_sequence_with_other_bytes(line: Line) -> None:
    """A record that was rewritten after it was sent is refused, its descendants too, and nothing is asked for."""
    line.send(1, 2)
    line.hub()
    before = line.backup()
    line.send(3)
    line.hub()
    line.restore(before)
    line.enter(4, 5)
    _seal(line)
    line.send_blindly()
    assert line.hub() == {"refused": 2}
    assert line.reasons()[-2:] == [("refused", "sequence_reused"), ("refused", "chain_broken")]
    assert (line.status()["forked"], line.status()["gaps"], line.ask()) == (True, [], 0)


def test_a_fork_is_refused_and_explained_on_both_sides(any_line: Line) -> None:
    """A register from yesterday goes on sending: the hub refuses it, the relay stops and names catch-up, and then all go on."""
    line = any_line
    line.send(1, 2)
    yesterday = line.backup()
    line.send(2, models=("DM-200",))
    line.send(3, 6)
    line.hub()
    line.restore(yesterday)
    line.enter(3, product_name="另一产品")
    line.enter(4)
    _seal(line)
    line.send_blindly()
    assert line.hub() == {"refused": 2}
    assert (line.status()["forked"], line.ask()) == (True, 0)
    with pytest.raises(RegisterRestored) as refused:
        line.relay()
    assert "czt city catch-up --city changsha" in refused.value.next_step
    done, stated = line.catch_up()
    assert (done.taken, done.missing, done.forks, done.renumbered) == (3, (), 2, 2)
    assert stated.corrected == 2  # what was entered since the restore; the others were taken over
    line.restart_relay()
    assert line.relay().published == 3
    assert line.hub() == {"applied": 3}
    assert line.status()["forked"] is False
    line.check_whole()


def test_a_restored_register_with_nothing_new(line: Line) -> None:
    """After a restore nothing was changed: the relay stops before it sends, and catching up takes over what is missing."""
    line.send(1)
    yesterday = line.backup()
    line.send(2)
    line.send(1, models=("DM-900",))
    line.hub()
    line.restore(yesterday)
    with pytest.raises(RegisterRestored):
        line.relay()
    done, stated = line.catch_up()
    assert (done.taken, done.forks, done.renumbered, stated.corrected) == (2, 0, 0, 0)
    assert line.differences() == []
    line.check_whole()


def test_a_restored_register_that_was_changed_but_not_sent(line: Line) -> None:
    """Changes since the restore lose their number and go out as corrections after what was taken over."""
    line.send(1, 2)
    yesterday = line.backup()
    line.send(2, models=("DM-500",))
    line.send(3)
    line.hub()
    line.restore(yesterday)
    line.enter(2, models=("DM-600",))
    with pytest.raises(RegisterRestored):
        line.relay()  # seals, and stops before it sends
    line.enter(7)
    done, stated = line.catch_up()
    assert (done.taken, done.forks, done.renumbered, stated.corrected) == (2, 0, 1, 2)
    line.restart_relay()
    line.relay()
    assert "refused" not in line.hub()
    line.check_whole()


def test_catching_up_where_nothing_happened(line: Line) -> None:
    """It changes nothing but the statement that it makes, whatever waits."""
    line.send(1)
    line.enter(2)
    _seal(line)
    line.enter(3)
    done, stated = line.catch_up()
    assert (done.taken, done.missing, done.forks, done.renumbered, done.last_sequence) == (0, (), 0, 0, 2)
    assert (stated.sequence, stated.entries, stated.corrected) == (4, 3, 0)
    line.check_whole()


def test_two_relays_by_mistake(line: Line, tmp_path: Path) -> None:
    """Two copies of one register send under one key: each stops when it sees the other, and one goes on after catching up."""
    line.send(1)
    other = create_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    s.metadata.create_all(other)
    for name, rows in line.backup().items():
        if rows:
            with other.begin() as connection:
                connection.execute(s.metadata.tables[name].insert(), rows)
    copy = line.relay_on(other, "copy")
    with other.begin() as connection:
        connection.execute(update(s.seal).values(owner=None, lease_until_us=0))
    copy.run_once()  # has looked, and found nothing but its own
    line.send(2)
    line.enter(3, engine=other)
    with pytest.raises(RegisterRestored):
        copy.run_once()
    assert line.hub() == {"applied": 2}
    with other.begin() as connection:
        sealed = connection.execute(s.outbox.select().where(s.outbox.c.sent_offset.is_(None))).mappings().all()
    line.publisher.publish(messages(SOURCE, line.signer, sealed))  # the worst case: it was faster than its look
    assert line.hub() == {"refused": 1}
    with pytest.raises(RegisterRestored):
        line.relay()
    done, _ = line.catch_up()
    assert (done.taken, done.forks) == (0, 1)
    line.restart_relay()
    line.relay()
    line.hub()
    assert line.status()["forked"] is False
    line.check_whole()
    other.dispose()


def test_a_loss_that_nobody_can_fill_is_given_up(any_line: Line) -> None:
    """Two people give a gap up: it is closed, nothing more is asked for, and what turns up late is refused without a fork."""
    line = any_line
    line.send(1)
    line.view.mangle = without(0)
    line.send(2)
    lost = line.subscriber.fetch(TOPIC, 0, 1, 1, 5)
    line.send(3)
    line.hub()
    assert line.status()["gaps"] == [[2, 2]]
    line.ask()
    with line.store.snapshot() as loader:
        head = loader.chain(SOURCE)
    place = {"source": SOURCE, "sequence": head.head_sequence, "hash": head.head_hash}
    line.decide(events.SOURCE_CONTINUED, SOURCE, {**place, "lost": [[1, 2]]})
    line.decide(events.SOURCE_CONTINUED, SOURCE, {**place, "lost": [[2, 2]]})
    line.hub()
    assert line.status()["gaps"] == []
    assert _joint_outcomes(line)[-2:] == [("rejected", "decision_not_allowed"), ("applied", None)]
    line.later(7200)
    assert line.ask() == 0
    line.view.deliver(lost)
    assert line.hub() == {"refused": 1}
    assert line.status()["forked"] is False
    line.send(4)  # and the relay answers the request that was on its way
    assert line.hub() == {"applied": 1, "refused": 1}
    assert line.status()["forked"] is False


def test_a_fork_that_goes_on_by_decision(line: Line) -> None:
    """Where the forked chain is the right one, two people say from which record it goes on, and the next event is taken."""
    line.send(1)
    yesterday = line.backup()
    line.send(2)
    line.hub()
    line.restore(yesterday)
    line.enter(3)
    line.enter(4)
    _seal(line)
    line.send_blindly()
    line.hub()
    assert line.status()["forked"] is True
    with line.engine.begin() as connection:
        row = connection.execute(s.outbox.select().where(s.outbox.c.sequence == 3)).mappings().one()
    line.decide(events.SOURCE_CONTINUED, SOURCE, {"source": SOURCE, "sequence": 3, "hash": row["record_hash"], "lost": []})
    line.hub()
    assert (line.status()["forked"], line.status()["received_through"]) == (False, 3)
    line.enter(5)
    _seal(line)
    with line.engine.begin() as connection:
        connection.execute(update(s.outbox).where(s.outbox.c.sequence < 4).values(sent_offset=0))
    line.send_blindly()
    assert line.hub() == {"applied": 1}
    assert line.status()["forked"] is False


def test_a_statement_after_a_gap_is_asked_for_again(any_line: Line) -> None:
    """A statement that met a gap is unchecked; once the gap is closed a new one is asked for, made, and agrees."""
    line = any_line
    line.send(1)
    line.view.mangle = without(0)
    line.send(2)
    line.state()
    line.hub()
    assert line.reasons()[-1] == ("applied", "statement_unchecked")
    assert line.ask() == 1
    line.relay()
    line.hub()
    assert line.ask() == 1
    assert line.requests() == ["resend/changsha/2-2/1", "statement/changsha/3/1"]
    assert line.relay().published == 1
    line.hub()
    assert line.reasons()[-1] == ("applied", "statement_agrees")
    assert (line.status()["verified_through"], line.ask()) == (4, 0)


def test_a_statement_that_comes_late_is_no_alarm(line: Line) -> None:
    """A statement that fills a gap can't be checked any more, for later events are known already; it is not called different."""
    line.send(1)
    line.view.mangle = without(0)
    line.state()
    line.send(2)
    line.hub()
    line.settle()
    found = [reason for _, reason in line.reasons() if reason and reason.startswith("statement")]
    assert found == ["statement_unchecked", "statement_agrees"]


def test_a_restored_outbox_beside_a_changed_register_is_corrected(line: Line) -> None:
    """A program that changed the register behind the outbox's back is found by the statement, and the difference goes out."""
    line.send(1, 2, 3)
    with line.engine.begin() as connection:
        second = s.register_entry.c.certificate_no == "CSLX-0002"
        body = connection.execute(select(s.register_entry.c.entry).where(second)).scalar_one().replace("DM-100", "DM-111")
        connection.execute(update(s.register_entry).where(second).values(entry=body))
        connection.execute(s.register_entry.delete().where(s.register_entry.c.certificate_no == "CSLX-0003"))
    stated = line.state()
    assert (stated.corrected, stated.entries) == (1, 3)
    line.hub()
    assert line.reasons()[-1] == ("applied", "statement_agrees")
    line.check_whole()


def test_an_unreadable_register_row_does_not_repeat(line: Line) -> None:
    """A change that no schema takes is left out of statements, and not tried again with each of them."""
    line.send(1)
    line.enter(2)
    with line.engine.begin() as connection:
        connection.execute(update(s.outbox).where(s.outbox.c.sequence.is_(None)).values(problem="too_large: invented"))
    assert [line.state().entries, line.state().entries] == [1, 1]
    line.hub()
    assert line.reasons()[-1] == ("applied", "statement_agrees")


def _joint_outcomes(line: Line) -> Sequence[tuple[str, str | None]]:
    from consumers.store import queries

    with line.store.snapshot() as loader:
        found = queries.events(loader, source="/joint-office", outcome=None, since=None, limit=100, cursor=0)["events"]
    return [(one["outcome"], one["reason"]) for one in found]


def _seal(line: Line) -> None:
    from producers import seal

    with line.engine.begin() as connection:
        while seal.seal_waiting(connection, SOURCE):
            pass


def test_a_rebuilt_broker_is_read_again_from_its_start(tmp_path: Path) -> None:
    """The hub stands still and says so; a person rewinds it; the relay sends everything again; all of it is known already."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    file = tmp_path / "broker.db"
    for line in _line(EmbeddedBroker(file), engine, f"sqlite:///{tmp_path / 'store.db'}"):
        line.send(1, 2)
        line.send(3)
        line.hub()
        _rebuild(file)
        line.view.rebuilt()
        assert line.hub() == {}
        assert line.status()["rewound"] is True
        with line.store.transaction() as connection:
            assert position.rewind(connection, SOURCE, 0) == 3
        assert line.relay().published == 3
        assert line.hub() == {"duplicate": 3}
        assert line.status()["rewound"] is False
        with line.store.transaction() as connection, pytest.raises(AnswerIsNo, match="nothing was lost"):
            position.rewind(connection, SOURCE, 3)
        line.send(4)
        assert line.hub() == {"applied": 1}
        line.check_whole()
    engine.dispose()


def test_a_rebuilt_broker_that_grew_before_anybody_looked(tmp_path: Path) -> None:
    """The relay sent everything again before the hub came back: it reads on where it was, and asks for what it does not find."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    file = tmp_path / "broker.db"
    for line in _line(EmbeddedBroker(file), engine, f"sqlite:///{tmp_path / 'store.db'}"):
        line.send(1, 2, 3)
        line.view.deliver(line.view.shown[:2])  # what came twice then does not come twice again
        line.hub()
        _rebuild(file)
        line.view.rebuilt()
        line.restart_relay()
        line.send(4, 5, 6, 7)
        line.hub()
        assert line.status()["gaps"] == [[4, 5]]
        line.check_whole()
    engine.dispose()


def _rebuild(file: Path) -> None:
    """A city's topic is empty again."""
    broker = EmbeddedBroker(file)
    broker.execute("DELETE FROM record WHERE topic = ?", (TOPIC,))
