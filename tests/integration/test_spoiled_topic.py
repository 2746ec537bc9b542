"""Whatever happens to a city's topic between relay and hub is found, named and repaired; nothing else is alarmed."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deploy.databases import writer_engine
from schemas.ports import Record
from schemas.tables import store as t
from tests.support.fakes import FakeBroker
from tests.support.line import SOURCE, Line, faithful
from tests.support.stores import made_store

EXAMPLES = int(os.environ.get("CZT_TEST_SPOILED_EXAMPLES", "8"))
"""A long run: CZT_TEST_SPOILED_EXAMPLES=2000 with `-o faulthandler_timeout=0`, for a test may take some minutes else."""


@dataclass(frozen=True)
class Spoil:
    """What happens to a stretch of the topic; `at` and `length` are taken modulo what is there."""

    how: str
    at: int
    length: int
    order: int

    def __call__(self, records: list[Record]) -> list[Record]:
        """The stretch as it arrives."""
        first = self.at % len(records)
        part = slice(first, first + 1 + self.length % len(records))
        return {
            "nothing": lambda: records,
            "drop": lambda: records[:first] + records[part.stop :],
            "truncate": lambda: records[:first],
            "duplicate": lambda: records + records[part],
            "reorder": lambda: records[:first] + _shuffled(records[part], self.order) + records[part.stop :],
            "corrupt": lambda: [*records[:first], _corrupted(records[first], self.order), *records[first + 1 :]],
            "unsign": lambda: records[:first] + [replace(one, headers=()) for one in records[part]] + records[part.stop :],
        }[self.how]()


def _shuffled(records: Sequence[Record], order: int) -> list[Record]:
    return [record for _, record in sorted(enumerate(records), key=lambda one: (one[0] * 7919 + order) % 101)]


def _corrupted(record: Record, order: int) -> Record:
    value = bytearray(record.value or b"")
    value[order % len(value)] ^= 1 << order % 8
    return replace(record, value=bytes(value))


spoils = st.builds(
    Spoil,
    st.sampled_from(["nothing", "drop", "truncate", "duplicate", "reorder", "corrupt", "unsign"]),
    st.integers(0, 200),
    st.integers(0, 200),
    st.integers(0, 10_000),
)
steps = st.tuples(st.sampled_from(["few", "many", "change", "state", "again"]), spoils, st.booleans())


def _say(line: Line, what: str, number: int) -> None:
    """Something new on the topic: entries, changes, a statement, or answers to what was asked."""
    if what == "few":
        line.send(*range(100 * number, 100 * number + 3))
    elif what == "many":
        line.send(*range(100 * number, 100 * number + 90))
    elif what == "change":
        line.send(*range(0, 500, 50), models=(f"DM-{number}",))
    elif what == "state":
        line.state()
    else:
        line.ask()
        line.later(31)
        line.relay()


def _check_named(line: Line) -> None:
    """Every number below the highest that was taken is there, or in a gap, and never both."""
    with line.store.snapshot() as loader:
        received = set(loader.connection.execute(select(t.received.c.sequence).where(t.received.c.source == SOURCE)).scalars())
        chain = loader.chain(SOURCE)
    missing = {number for gap in chain.gaps for number in range(gap.first, gap.last + 1)}
    assert received | missing == set(range(1, chain.head_sequence + 1))
    assert not received & missing
    assert not chain.forked
    assert [[gap.first, gap.last] for gap in chain.gaps] == line.status()["gaps"]


@settings(max_examples=EXAMPLES)
@given(st.lists(steps, min_size=1, max_size=6))
def test_whatever_is_spoiled_is_found_and_repaired(story: list[tuple[str, Spoil, bool]]) -> None:
    """Dropped, doubled, reordered, corrupted, cut off or unsigned: named at once, no fork is seen, and in the end all agree."""
    broker = FakeBroker()
    engine = writer_engine("sqlite:///:memory:")
    store = made_store("sqlite:///:memory:")
    line = Line(engine, store, broker, broker)
    for number, (what, spoil, decide) in enumerate(story, start=1):
        line.view.mangle = spoil
        _say(line, what, number)
        line.view.mangle = faithful  # where nothing new came, nothing is spoiled: the loss of the very last record can't be seen
        if decide:
            line.hub()
            _check_named(line)
    line.check_whole()
    _check_named(line)
    assert {outcome for outcome, _ in line.reasons()} <= {"applied", "superseded", "duplicate", "refused"}
    engine.dispose()
    store.writer.dispose()
