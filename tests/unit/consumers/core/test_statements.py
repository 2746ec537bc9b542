"""Closing statements: count and digest of what a city sent, reproduced from the heads."""

from collections.abc import Mapping
from typing import Any

import pytest

from consumers.core.chain import Chain, Gap
from consumers.core.model import Head
from consumers.core.statements import digest_of
from consumers.core.world import World
from schemas import events
from schemas.codec import ZERO_HASH, canonical
from schemas.tree import root_of
from tests.support.cities import CHANGSHA
from tests.support.sources import Source, entry
from tests.support.worlds import decided, world

SOURCE = CHANGSHA.source
HEADS = {"B-1": Head(2, 1, "b" * 64), "A-1": Head(4, 2, "a" * 64), "changsha": Head(3)}


def leaf(number: str, digest: str, version: int) -> bytes:
    """The leaf of one entry, as the contract writes it."""
    return canonical({"certificate_no": number, "entry_hash": digest, "entry_version": version})


def state(made: World, source: Source) -> dict[str, Any]:
    """The true statement of what the world's heads hold."""
    count, digest = digest_of(made.heads)
    return {"entries": count, "digest": digest}


@pytest.mark.parametrize("heads", [HEADS, dict(reversed(HEADS.items()))])
def test_the_digest_is_the_root_over_sorted_entries(heads: Mapping[str, Head]) -> None:
    """Leaves stand in the order of the number's UTF-8 bytes; subjects that are no entries don't count."""
    assert digest_of(heads) == (2, root_of([leaf("A-1", "a" * 64, 2), leaf("B-1", "b" * 64, 1)]).hex())


def test_numbers_are_sorted_by_their_bytes() -> None:
    """UTF-8 order is not UTF-16 order: U+FF21 comes before U+10000."""
    heads = {"\U00010000": Head(1, 1, "b" * 64), "Ａ": Head(2, 1, "a" * 64)}
    expected = root_of([leaf("Ａ", "a" * 64, 1), leaf("\U00010000", "b" * 64, 1)])
    assert digest_of(heads)[1] == expected.hex()


def test_a_true_statement_agrees_and_verifies() -> None:
    """The statement speaks of all events before it, rejected ones included, and moves `verified_through`."""
    made, source = world(SOURCE), Source(SOURCE)
    source.say_entry(events.LISTED, 1, entry(CHANGSHA, "1"))
    source.say_entry(events.LISTED, 1, entry(CHANGSHA, "2", valid_from="2030-01-01"))
    outcomes = [verdict.outcome for verdict in decided(made, source)]
    assert outcomes == ["applied", "rejected"]
    record = source.say(events.STATEMENT, "changsha", state(made, source))
    verdict = decided(made, source, record)[0]
    assert (verdict.outcome, verdict.reason) == ("applied", "statement_agrees")
    assert made.chain.verified_through == 3


@pytest.mark.parametrize("wrong", [{"entries": 1}, {"digest": "0" * 64}])
def test_a_false_statement_differs(wrong: dict[str, Any]) -> None:
    """After a gapless chain a difference is a fault of the hub: it is said, and nothing is verified."""
    made, source = world(SOURCE), Source(SOURCE)
    record = source.say(events.STATEMENT, "changsha", state(made, source) | wrong)
    verdict = decided(made, source, record)[0]
    assert (verdict.outcome, verdict.reason) == ("applied", "statement_differs")
    assert (made.chain.verified_through, made.chain.differs) == (0, 1)
    again = source.say(events.STATEMENT, "changsha", state(made, source))
    assert decided(made, source, again)[0].reason == "statement_agrees"
    assert (made.chain.verified_through, made.chain.differs) == (2, 0)


def test_a_gap_leaves_a_statement_unchecked() -> None:
    """Nobody can say whether it is true while an event before it is missing."""
    chain = Chain(3, "c" * 64, (Gap(1, 2, ZERO_HASH, "b" * 64),))
    made, source = world(SOURCE, chain=chain), Source(SOURCE, sequence=3, head="c" * 64)
    record = source.say(events.STATEMENT, "changsha", {"entries": 0, "digest": "0" * 64})
    assert decided(made, source, record)[0].reason == "statement_unchecked"
    source.say_entry(events.LISTED, 1, entry(CHANGSHA, "1"))
    decided(made, source, source.records[-1])
    assert made.chain.unchecked == 4  # still owed, whatever came after it
