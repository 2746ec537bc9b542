"""What the shared store asks a source for, and when again: missing events while a gap is open, a new statement once it closed.

Pure. Forked records are no gap: nothing is asked for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from consumers.core.chain import Chain

FIRST_WAIT_US = 30_000_000
LONGEST_WAIT_US = 3_600_000_000
"""Asked again after 30 s, doubling to an hour (design §5)."""
AT_ONCE = 100
"""Requests to one source at most in one step; the others follow in the next."""

What = Literal["resend", "statement"]


@dataclass(frozen=True, slots=True)
class Request:
    """Sequences `first`..`last` are to be sent again, or a new statement in place of the one at `first` = `last`.

    `times`: how often it was asked for; `next_us`: when it is due (again), microseconds since 1970 UTC.
    """

    what: What
    first: int
    last: int
    times: int = 0
    next_us: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests to send now, each counted and with its next time, and all that are open after that."""

    due: tuple[Request, ...]
    open: tuple[Request, ...]


def plan(chain: Chain, before: Sequence[Request], now_us: int) -> Plan:
    """What is asked of a source whose chain is `chain`, after the requests `before`.

    The rest of a gap that a resend filled in part was asked for already: it keeps its number and its time.
    """
    wanted = [_known(want, before) for want in _wanted(chain)]
    due = [_asked(request, now_us) for request in wanted if request.next_us <= now_us][:AT_ONCE]
    asked = {(request.what, request.first): request for request in due}
    return Plan(tuple(due), tuple(asked.get((request.what, request.first), request) for request in wanted))


def _wanted(chain: Chain) -> Iterable[Request]:
    for gap in chain.gaps:
        yield Request("resend", gap.first, gap.last)
    if chain.unchecked and not any(gap.first < chain.unchecked for gap in chain.gaps):
        yield Request("statement", chain.unchecked, chain.unchecked)


def _known(want: Request, before: Sequence[Request]) -> Request:
    for asked in before:
        if asked.what == want.what and asked.first <= want.first and want.last <= asked.last:
            return replace(want, times=asked.times, next_us=asked.next_us)
    return want


def _asked(request: Request, now_us: int) -> Request:
    wait = min(FIRST_WAIT_US << min(request.times, 20), LONGEST_WAIT_US)
    return replace(request, times=request.times + 1, next_us=now_us + wait)
