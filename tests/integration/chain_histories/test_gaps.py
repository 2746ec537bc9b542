"""Gaps, tails and duplicates: each history by name, and what the line makes of it."""

from collections.abc import Sequence

import pytest

from schemas import events
from tests.support.chain_lines import without
from tests.support.line import SOURCE, TOPIC, Line


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


def _joint_outcomes(line: Line) -> Sequence[tuple[str, str | None]]:
    from consumers.store import queries

    with line.store.snapshot() as loader:
        found = queries.events(loader, source="/joint-office", outcome=None, since=None, limit=100, cursor=0)["events"]
    return [(one["outcome"], one["reason"]) for one in found]
