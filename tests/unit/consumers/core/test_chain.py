"""Where a vouched record belongs: next, after a gap, inside one, known, or on a fork."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.core.chain import Accepted, Chain, Forked, Gap, Known, continued, place
from schemas.codec import ZERO_HASH

EMPTY = Chain()
THREE = Chain(3, "h3")
HOLED = Chain(9, "h9", (Gap(4, 8, "h3", "h8"),))


def accepted(chain: Chain, sequence: int, own: str, previous: str | None) -> Chain:
    """The chain after a record that must be accepted."""
    found = place(chain, sequence, own, previous, None, fork=False)
    assert isinstance(found, Accepted)
    return found.chain


def test_the_next_event_changes_nothing_else() -> None:
    """What is known of statements, and the gaps below, stay as they are when the head moves on; a fork is none any more."""
    chain = Chain(3, "h3", (Gap(1, 1, ZERO_HASH, "h1"),), forked=True, verified_through=2, unchecked=1, differs=1)
    assert all(getattr(chain, one.name) != getattr(EMPTY, one.name) for one in fields(Chain))
    assert accepted(chain, 4, "h4", "h3") == replace(chain, head_sequence=4, head_hash="h4", forked=False)


@pytest.mark.parametrize(
    ("chain", "sequence", "own", "previous", "after"),
    [
        (EMPTY, 1, "h1", ZERO_HASH, Chain(1, "h1")),
        (THREE, 4, "h4", "h3", Chain(4, "h4")),
        (THREE, 4, "h4", None, Chain(4, "h4")),
        (THREE, 9, "h9", "h8", HOLED),
        (EMPTY, 3, "h3", "h2", Chain(3, "h3", (Gap(1, 2, ZERO_HASH, "h2"),))),
        (HOLED, 8, "h8", "h7", Chain(9, "h9", (Gap(4, 7, "h3", "h7"),))),
        (HOLED, 4, "h4", "h3", Chain(9, "h9", (Gap(5, 8, "h4", "h8"),))),
        (HOLED, 6, "h6", "h5", Chain(9, "h9", (Gap(4, 5, "h3", "h5"), Gap(7, 8, "h6", "h8")))),
        (HOLED, 8, "h8", None, Chain(9, "h9", (Gap(4, 7, "h3", ""),))),
        (HOLED, 11, "h11", "h10", Chain(11, "h11", (HOLED.gaps[0], Gap(10, 10, "h9", "h10")))),
    ],
)
def test_the_chain_grows(chain: Chain, sequence: int, own: str, previous: str | None, after: Chain) -> None:
    """A record goes on at the head, opens a gap, or fills or splits one."""
    assert accepted(chain, sequence, own, previous) == after


def test_received_through_stays_before_the_first_gap() -> None:
    """All of 1..received_through were read, whatever came later."""
    assert [chain.received_through for chain in (EMPTY, THREE, HOLED)] == [0, 3, 3]


@pytest.mark.parametrize(
    ("chain", "sequence", "own", "previous", "known", "reason"),
    [
        (THREE, 4, "h4", "other", None, "chain_broken"),
        (THREE, 2, "other", "h1", "h2", "sequence_reused"),
        (HOLED, 8, "other", "h7", None, "chain_broken"),
        (HOLED, 4, "h4", "other", None, "chain_broken"),
        (EMPTY, 1, "h1", "a" * 64, None, "chain_broken"),
    ],
)
def test_a_contradiction_is_a_fork(chain: Chain, sequence: int, own: str, previous: str, known: str | None, reason: str) -> None:
    """Other bytes under a known number, or a predecessor that isn't the recorded one, mark the source and change nothing else."""
    found = place(chain, sequence, own, previous, known, fork=False)
    assert isinstance(found, Forked)
    assert found.reason == reason
    assert (found.chain.head_sequence, found.chain.gaps, found.chain.forked) == (chain.head_sequence, chain.gaps, True)


def test_what_was_given_up_as_lost_is_no_fork() -> None:
    """The chain went on without it, by decision: the record is refused, and the source is not forked by it."""
    assert place(THREE, 2, "other", "h1", None, fork=False) == Forked("sequence_reused", THREE)


def test_known_bytes_are_known_even_on_a_fork() -> None:
    """What was decided before is a duplicate, whatever happened since."""
    assert place(Chain(3, "h3", forked=True), 2, "h2", "h1", "h2", fork=True) == Known()


def test_descendants_of_a_fork_are_refused() -> None:
    """A record whose predecessor was refused opens no gap."""
    assert isinstance(place(THREE, 7, "x7", "x6", None, fork=True), Forked)


def test_the_chain_goes_on_from_the_last_accepted_record() -> None:
    """A forked source is whole again with the record that follows the accepted head."""
    assert accepted(Chain(3, "h3", forked=True), 4, "h4", "h3") == Chain(4, "h4")


def test_people_say_where_it_goes_on() -> None:
    """After a decision the named record is the head, lost gaps are closed, and even a refused record may be the one."""
    after = continued(Chain(9, "h9", HOLED.gaps, forked=True), 12, "x12", ((4, 8),))
    assert after == Chain(12, "x12")
    assert isinstance(place(after, 13, "x13", "x12", None, fork=True), Accepted)
    assert isinstance(place(after, 5, "h5", "h4", None, fork=False), Forked)


def test_a_gap_that_is_not_lost_stays() -> None:
    """Only gaps that lie whole in a lost range are given up."""
    assert continued(HOLED, 9, "h9", ((5, 8),)).gaps == HOLED.gaps


@given(st.permutations(range(1, 9)))
def test_any_order_of_arrival_ends_in_the_same_chain(order: list[int]) -> None:
    """The records of one honest chain, in whatever order, end without a gap and without a fork."""
    chain = EMPTY
    for sequence in order:
        chain = accepted(chain, sequence, f"h{sequence}", ZERO_HASH if sequence == 1 else f"h{sequence - 1}")
    assert chain == Chain(8, "h8")


def test_what_was_given_up_comes_too_late() -> None:
    """A number that people gave up is refused when it turns up after all; the source has not forked by that."""
    assert place(THREE, 2, "other", "h1", None, fork=False) == Forked("sequence_reused", THREE)
