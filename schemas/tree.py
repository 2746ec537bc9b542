"""The Merkle tree of RFC 6962 §2.1: leaf and node hashes, roots, and a frontier that grows without the leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

HASH_BYTES = 32
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""

MAX_SIZE = 2**63 - 1
"""Largest tree size that is read: other implementations hold sizes in 64 signed bits."""

_CHUNK = 1 << 16
"""Leaves hashed at a time: 2 MiB of hashes, so that a long iterator is never held whole."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return sha256(LEAF_PREFIX + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(NODE_PREFIX + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root over the leaves' bytes, in their order; `EMPTY_ROOT` for none. Holds no more than a chunk of them."""
    return Frontier().extend(leaves).root()


def root_of_hashes(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root over leaf hashes, in their order; `EMPTY_ROOT` for none."""
    return Frontier().extend_hashes(leaf_hashes).root()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What a tree of `size` leaves needs to go on growing; never changed, growing gives a new one.

    `hashes` are the roots of the largest perfect subtrees that cover the leaves from left to right: one for each bit
    set in `size`, the largest first. Raises ValueError when sizes and hashes don't fit each other.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise ValueError(f"a frontier's size is 0 to {MAX_SIZE}, got {self.size}")
        wanted = self.size.bit_count()
        if len(self.hashes) != wanted:
            raise ValueError(f"a frontier of size {self.size} has {wanted} hashes, got {len(self.hashes)}")
        if any(len(item) != HASH_BYTES for item in self.hashes):
            raise ValueError(f"a frontier's hashes have {HASH_BYTES} bytes each")

    def append(self, leaf_hash: bytes) -> "Frontier":
        """With one more leaf, given by its hash. Raises ValueError when it isn't 32 bytes long."""
        return self.extend_hashes((leaf_hash,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """With more leaves, given by their bytes; about 1 µs a leaf."""
        return self.extend_hashes(sha256(LEAF_PREFIX + leaf).digest() for leaf in leaves)

    def extend_hashes(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """With more leaves, given by their hashes. Raises ValueError when a hash isn't 32 bytes long."""
        frontier, source = self, iter(leaf_hashes)
        while chunk := list(islice(source, _CHUNK)):
            if any(len(item) != HASH_BYTES for item in chunk):
                raise ValueError(f"a leaf hash has {HASH_BYTES} bytes")
            frontier = frontier._with_row(chunk)
        return frontier

    def _with_row(self, row: list[bytes]) -> "Frontier":
        """Level by level, pairing neighbours: a loop over rows, because a loop over leaves is several times slower."""
        size, waiting, kept = self.size + len(row), list(self.hashes), list[bytes]()
        level_size = self.size
        while row or level_size:
            if level_size & 1:
                row = [waiting.pop(), *row]
            if len(row) & 1:
                kept.append(row.pop())
            pairs = iter(row)
            row = [sha256(NODE_PREFIX + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level_size >>= 1
        return Frontier(size, tuple(reversed(kept)))

    def root(self) -> bytes:
        """Root of the whole tree; `EMPTY_ROOT` for size 0."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for left in reversed(larger):
            root = node_hash(left, root)
        return root

    def as_json(self) -> dict[str, Any]:
        """`{size, hashes: [hex, …]}`, largest subtree first."""
        return {"size": self.size, "hashes": [item.hex() for item in self.hashes]}

    @classmethod
    def from_json(cls, value: Any) -> "Frontier":
        """The frontier that `as_json` wrote. Raises ValueError for anything else."""
        match value:
            case {"size": int(size), "hashes": list(hashes)} if type(size) is int:
                return cls(size, tuple(_hash_from_hex(item) for item in hashes))
        raise ValueError("expected a frontier as {size, hashes}")


def _hash_from_hex(text: Any) -> bytes:
    """`bytes.fromhex` alone would take spaces and capitals, and two texts would mean one frontier."""
    raw = bytes.fromhex(text) if isinstance(text, str) else b""
    if raw.hex() != text or len(raw) != HASH_BYTES:
        raise ValueError(f"expected a hash as {2 * HASH_BYTES} lower-case hex digits")
    return raw
