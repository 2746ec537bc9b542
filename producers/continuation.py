"""Which records of the own topic continue a source's chain: the same choice that the shared side made. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from producers.own_topic import Found
from producers.seal import ChainEnd


@dataclass(frozen=True, slots=True)
class Continuation:
    """The records after a known end, by sequence; ranges that nobody can give any more; records of a fork; the new end."""

    taken: tuple[Found, ...]
    missing: tuple[tuple[int, int], ...]
    forks: tuple[Found, ...]
    end: ChainEnd


def continuation(found: Iterable[Found], end: ChainEnd) -> Continuation:
    """Follow the chain from `end` through the records that the source's key vouches for, in the topic's order.

    The first record that continues the chain is the history, as on the shared side; what names the same sequence later,
    and what descends from such a record, is a fork. Where the chain has a hole, it goes on behind it.
    """
    following = _Following(end)
    waiting = [record for record in found if record.own and record.sequence is not None]
    while waiting:
        left = [record for record in waiting if not following.settle(record)]
        if len(left) == len(waiting):
            following.jump_to(min(left, key=lambda record: (record.sequence or 0, record.offset)))
        waiting = left
    return Continuation(tuple(following.taken), tuple(following.missing), tuple(following.forks), following.end)


class _Following:
    def __init__(self, end: ChainEnd) -> None:
        self.end = end
        self.taken: list[Found] = []
        self.missing: list[tuple[int, int]] = []
        self.forks: list[Found] = []
        self._hashes = {end.sequence: end.hash}
        self._forked: set[str] = set()

    def settle(self, record: Found) -> bool:
        """Whether it is clear where the record belongs; one beyond the end waits for those before it."""
        sequence = record.sequence or 0
        if self._hashes.get(sequence) == record.hash:
            return True
        contradicts = sequence <= self.end.sequence or record.previous in self._forked
        if contradicts or (sequence == self.end.sequence + 1 and record.previous != self.end.hash):
            if record.hash not in self._forked:
                self._forked.add(record.hash)
                self.forks.append(record)
            return True
        if sequence == self.end.sequence + 1:
            self._take(record)
            return True
        return False

    def jump_to(self, record: Found) -> None:
        """Nothing continues the chain: it goes on behind a hole."""
        sequence = record.sequence or 0
        self.missing.append((self.end.sequence + 1, sequence - 1))
        self._take(record)

    def _take(self, record: Found) -> None:
        self.end = ChainEnd(record.sequence or 0, record.hash)
        self._hashes[self.end.sequence] = record.hash
        self.taken.append(record)
