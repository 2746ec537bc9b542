"""A restored database beside its topic: what it lacks, what of it has no place in the chain, and what nobody has any more."""

from producers.catch_up import Here, compared
from producers.continuation import continuation
from producers.own_topic import Found
from producers.seal import ChainEnd
from schemas.codec import ZERO_HASH


def name(sequence: int, branch: str = "a") -> str:
    """The hash of an event of a branch; branches part after event 3."""
    return f"{branch if sequence > 3 else 'a'}{sequence}".ljust(64, "0")


def found(*sequences: int, branch: str = "a", start: int = 0) -> list[Found]:
    """Records of the topic."""
    return [
        Found(start + place, name(n, branch), n, name(n - 1, branch) if n > 1 else ZERO_HASH, own=True)
        for place, n in enumerate(sequences)
    ]


def here(*sequences: int, branch: str = "a") -> dict[int, Here]:
    """Sealed rows of the database."""
    return {n: Here(name(n, branch), name(n - 1, branch) if n > 1 else ZERO_HASH) for n in sequences}


def test_nothing_is_missing() -> None:
    """What waits to be sent goes on where the topic ends."""
    result = compared(continuation(found(1, 2, 3), ChainEnd()), here(1, 2, 3, 4, 5))
    assert (result.lacking, result.wrong, result.missing, result.end) == ((), (), (), ChainEnd(5, name(5)))


def test_the_topic_knows_more() -> None:
    """Everything after the backup is taken over."""
    result = compared(continuation(found(1, 2, 3, 4, 5), ChainEnd()), here(1, 2, 3))
    assert [record.sequence for record in result.lacking] == [4, 5]
    assert (result.wrong, result.end) == ((), ChainEnd(5, name(5)))


def test_numbers_given_twice() -> None:
    """Rows sealed since the restore lose their number, sent or not."""
    topic = [*found(1, 2, 3, 4, 5), *found(4, 5, branch="b", start=5)]
    result = compared(continuation(topic, ChainEnd()), here(1, 2, 3) | here(4, 5, 6, branch="b"))
    assert [record.sequence for record in result.lacking] == [4, 5]
    assert (result.wrong, result.end) == ((4, 5, 6), ChainEnd(5, name(5)))


def test_a_hole_of_the_topic_that_the_database_fills() -> None:
    """What the topic lost and the outbox has is no loss: the relay sends it when asked."""
    result = compared(continuation(found(1, 4, 5), ChainEnd()), here(1, 2, 3))
    assert ([record.sequence for record in result.lacking], result.wrong, result.missing) == ([4, 5], (), ())


def test_a_hole_that_nobody_can_fill() -> None:
    """Neither topic nor database has it; it is named."""
    result = compared(continuation(found(1, 4, 5), ChainEnd()), here(1))
    assert ([record.sequence for record in result.lacking], result.wrong, result.missing) == ([4, 5], (), ((2, 3),))


def test_an_empty_topic() -> None:
    """A rebuilt broker says nothing against the database."""
    result = compared(continuation([], ChainEnd()), here(1, 2, 3))
    assert (result.lacking, result.wrong, result.missing, result.end) == ((), (), (), ChainEnd(3, name(3)))
