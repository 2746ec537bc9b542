"""Forks and restored registers: each history by name, refused, explained, and how it goes on."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, update

from producers.relay import messages
from schemas import events
from schemas.errors import RegisterRestored
from schemas.tables import source as s
from tests.support.line import SOURCE, Line


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


def _seal(line: Line) -> None:
    from producers import seal

    with line.engine.begin() as connection:
        while seal.seal_waiting(connection, SOURCE):
            pass
