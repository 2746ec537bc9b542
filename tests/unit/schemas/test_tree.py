"""The Merkle tree against RFC 6962's definition and the vectors of the certificate-transparency project."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tree import EMPTY_ROOT, MAX_SIZE, Frontier, leaf_hash, node_hash, root_of, root_of_hashes

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

some_leaves = st.lists(st.binary(max_size=40), max_size=70)


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = max(2**power for power in range(20) if 2**power < len(leaves))
    return hashlib.sha256(b"\x01" + defined_root(leaves[:split]) + defined_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    """The first n of the eight known leaves have the known root."""
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_prefixes_keep_leaves_and_nodes_apart() -> None:
    """A leaf that spells two hashes does not hash like the node above them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) == root_of([b"a", b"b"])
    assert leaf_hash(left + right) != node_hash(left, right)


def test_every_size_one_leaf_at_a_time() -> None:
    """Appending leaf after leaf gives, at each size, the root that the definition gives."""
    leaves = [number.to_bytes(2) for number in range(260)]
    frontier = Frontier()
    for size, leaf in enumerate(leaves, start=1):
        frontier = frontier.append(leaf_hash(leaf))
        assert frontier.size == size
        assert frontier.root() == defined_root(leaves[:size])


@given(st.lists(some_leaves, max_size=5))
def test_batches_make_no_difference(batches: list[list[bytes]]) -> None:
    """However leaves are cut into batches, frontier and root are the same, and the root is the defined one."""
    frontier = Frontier()
    for batch in batches:
        frontier = frontier.extend(batch)
    whole = [leaf for batch in batches for leaf in batch]
    assert frontier == Frontier().extend_hashes(map(leaf_hash, whole))
    assert frontier.root() == root_of(iter(whole)) == root_of_hashes(map(leaf_hash, whole)) == defined_root(whole)


def test_a_long_iterator_is_taken_in_chunks() -> None:
    """More leaves than one chunk give the same frontier as two halves."""
    hashes = [leaf_hash(number.to_bytes(4)) for number in range(70_001)]
    assert Frontier().extend_hashes(iter(hashes)) == Frontier().extend_hashes(hashes[:333]).extend_hashes(hashes[333:])


@given(some_leaves)
def test_growing_leaves_the_old_frontier_alone(leaves: list[bytes]) -> None:
    """A frontier is a value: growing it gives another one."""
    frontier = Frontier().extend(leaves)
    before = frontier.as_json()
    frontier.extend([b"one", b"more"])
    assert frontier.as_json() == before


@given(some_leaves)
def test_json_round_trip(leaves: list[bytes]) -> None:
    """A frontier comes back from its JSON equal, and goes on growing to the same root."""
    frontier = Frontier().extend(leaves)
    again = Frontier.from_json(frontier.as_json())
    assert again == frontier
    assert again.extend([b"next"]).root() == defined_root([*leaves, b"next"])


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"size": 0},
        {"size": "0", "hashes": []},
        {"size": True, "hashes": ["00" * 32]},
        {"size": -1, "hashes": []},
        {"size": MAX_SIZE + 1, "hashes": ["00" * 32]},
        {"size": 1, "hashes": []},
        {"size": 2, "hashes": ["00" * 32] * 2},
        {"size": 1, "hashes": ["00" * 31]},
        {"size": 1, "hashes": ["AB" * 32]},
        {"size": 1, "hashes": ["00 " * 32]},
        {"size": 1, "hashes": ["zz" * 32]},
        {"size": 1, "hashes": [0]},
        {"size": 1, "hashes": ["00" * 32 + "\n"]},
    ],
)
def test_json_that_is_no_frontier(value: Any) -> None:
    """Anything that `as_json` can't have written is a ValueError."""
    with pytest.raises(ValueError, match="expected|frontier|hexadecimal"):
        Frontier.from_json(value)


def test_a_leaf_in_place_of_its_hash_is_noticed() -> None:
    """`append` and `extend_hashes` take hashes of 32 bytes only."""
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"a leaf")
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().extend_hashes([leaf_hash(b"a"), b"a leaf"])
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier(1, (b"short",))


def test_the_empty_tree() -> None:
    """No leaves: size 0, no hashes, the root is the hash of nothing."""
    assert Frontier().root() == EMPTY_ROOT == root_of([])
    assert Frontier().extend([]) == Frontier()
