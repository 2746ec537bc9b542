"""Inclusion and consistency proofs of the audit log, made as RFC 6962 §2.1 and checked as RFC 9162 §2.1 says.

A proof is a list of subtree roots. Which subtrees, is pure arithmetic (`inclusion_spans`, `consistency_spans`), so that
a log of millions can take them from stored tiles; `inclusion_proof`, `consistency_proof` compute them from leaf hashes.
"""

from collections.abc import Iterable, Sequence

from schemas.tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, node_hash, root_of_hashes

Span = tuple[int, int]
"""Leaves first ≤ index < end, all below one node of the tree: its root stands in the proof."""

Proof = tuple[bytes, ...]


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots prove leaf `index` in a tree of `size`, from the leaf up.

    Raises ValueError unless 0 ≤ index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of size {size}")
    first, end, spans = 0, size, list[Span]()
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """The subtrees whose roots prove that the tree of size `old` is a prefix of that of size `new`, from below.

    None for old = 0 and old = new. Raises ValueError unless 0 ≤ old ≤ new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {old} can't be a prefix of one of size {new}")
    if old == 0:
        return []
    first, end, spans = 0, new, list[Span]()
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    if first > 0:  # the verifier has the old root itself, but no part of it
        spans.append((first, end))
    return spans[::-1]


def inclusion_proof(index: int, size: int, leaf_hashes: Sequence[bytes]) -> Proof:
    """Audit path of leaf `index` in the tree over the first `size` leaf hashes.

    Raises ValueError unless 0 ≤ index < size ≤ number of leaf hashes.
    """
    _check_enough(size, leaf_hashes)
    return _roots(inclusion_spans(index, size), leaf_hashes)


def consistency_proof(old: int, new: int, leaf_hashes: Sequence[bytes]) -> Proof:
    """Proof that the first `old` leaf hashes are a prefix of the first `new`.

    Raises ValueError unless 0 ≤ old ≤ new ≤ number of leaf hashes.
    """
    _check_enough(new, leaf_hashes)
    return _roots(consistency_spans(old, new), leaf_hashes)


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf_hash` stands at `index` in the tree of `size` and `root` (RFC 9162 §2.1.3.2).

    False, never an exception, for whatever a stranger may send.
    """
    if not (_are_sizes(index, size) and _are_hashes([leaf_hash, root], proof) and index < size):
        return False
    node, last, computed = index, size - 1, leaf_hash
    for item in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(item, computed)
            node, last = _up_to_right_child(node, last)
        else:
            computed = node_hash(computed, item)
        node, last = node >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `old` and `old_root` is a prefix of that of `new` and `new_root` (RFC 9162 §2.1.4.2).

    The empty tree is a prefix of every tree, by an empty proof. False, never an exception, for whatever a stranger may
    send.
    """
    if not (_are_sizes(old, new) and _are_hashes([old_root, new_root], proof) and old <= new):
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    computed_old = computed_new = path[0]
    for item in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed_old, computed_new = node_hash(item, computed_old), node_hash(item, computed_new)
            node, last = _up_to_right_child(node, last)
        else:
            computed_new = node_hash(computed_new, item)
        node, last = node >> 1, last >> 1
    return last == 0 and computed_old == old_root and computed_new == new_root


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2): where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _roots(spans: Iterable[Span], leaf_hashes: Sequence[bytes]) -> Proof:
    return tuple(root_of_hashes(leaf_hashes[first:end]) for first, end in spans)


def _check_enough(size: int, leaf_hashes: Sequence[bytes]) -> None:
    if size > len(leaf_hashes):
        raise ValueError(f"a tree of size {size} needs as many leaf hashes, got {len(leaf_hashes)}")


def _up_to_right_child(node: int, last: int) -> tuple[int, int]:
    """Skip the levels at which a node on the right edge has no sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _are_sizes(*numbers: object) -> bool:
    return all(type(number) is int and 0 <= number <= MAX_SIZE for number in numbers)


def _are_hashes(roots: Sequence[object], proof: object) -> bool:
    """Also bounds the work: no proof is longer than a path down the largest tree, and one."""
    return (
        isinstance(proof, list | tuple)
        and len(proof) <= MAX_SIZE.bit_length() + 1
        and all(isinstance(item, bytes) and len(item) == HASH_BYTES for item in (*roots, *proof))
    )
