"""What a source is asked for: each gap and each statement owed, at once, then ever more patiently."""

from consumers.core.asking import AT_ONCE, FIRST_WAIT_US, LONGEST_WAIT_US, Request, plan
from consumers.core.chain import Chain, Gap

HASH = "a" * 64


def chain(*gaps: tuple[int, int], forked: bool = False, unchecked: int = 0) -> Chain:
    """A chain of 1,000 events with these gaps."""
    return Chain(1000, HASH, tuple(Gap(first, last, HASH, HASH) for first, last in gaps), forked, 0, unchecked)


def test_nothing_is_asked_of_a_whole_chain() -> None:
    """Nor of one that forked: a fork is not a gap."""
    assert plan(chain(), [], 5).open == ()
    assert plan(chain(forked=True), [Request("resend", 3, 4, 1, 9)], 5).open == ()


def test_a_gap_is_asked_for_at_once_and_then_ever_later() -> None:
    """30 s, doubling, at most an hour; in between nothing is due."""
    now, waits = 10, list[int]()
    before: tuple[Request, ...] = ()
    for times in range(1, 11):
        planned = plan(chain((3, 7)), before, now)
        assert [(one.first, one.last, one.times) for one in planned.due] == [(3, 7, times)]
        before = planned.open
        assert plan(chain((3, 7)), before, before[0].next_us - 1).due == ()
        waits.append(before[0].next_us - now)
        now = before[0].next_us
    assert waits[:4] == [FIRST_WAIT_US * factor for factor in (1, 2, 4, 8)]
    assert waits[-3:] == [LONGEST_WAIT_US] * 3


def test_what_a_resend_left_open_was_asked_for_before() -> None:
    """Filled in the middle, one gap becomes two; neither is new."""
    asked = plan(chain((3, 9)), [], 0).open
    rest = plan(chain((3, 4), (8, 9)), asked, 1)
    assert rest.due == ()
    assert [(one.first, one.last, one.times) for one in rest.open] == [(3, 4, 1), (8, 9, 1)]


def test_a_gap_that_grew_is_another() -> None:
    """Only what lies wholly inside an earlier request was asked for."""
    assert plan(chain((3, 10)), [Request("resend", 3, 9, 4, 99)], 5).due[0].times == 1


def test_a_statement_is_asked_for_when_nothing_is_missing_before_it() -> None:
    """A gap behind it does not matter."""
    assert [one.what for one in plan(chain((3, 4), unchecked=8), [], 0).due] == ["resend"]
    assert [(one.what, one.first) for one in plan(chain((20, 21), unchecked=8), [], 0).due] == [("resend", 20), ("statement", 8)]


def test_many_gaps_are_asked_for_in_steps() -> None:
    """A source that lost every second record is not flooded; the rest stays due."""
    gaps = [(number, number) for number in range(1, 500, 2)]
    first = plan(chain(*gaps), [], 0)
    second = plan(chain(*gaps), first.open, 1)
    assert (len(first.due), len(second.due), second.due[0].first) == (AT_ONCE, AT_ONCE, 2 * AT_ONCE + 1)
