"""Proofs against RFC 6962's definitions, known vectors, and strangers who bend them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.core.proofs import (
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    verify_consistency,
    verify_inclusion,
)
from schemas.tree import EMPTY_ROOT, MAX_SIZE, leaf_hash, root_of_hashes

KNOWN = [
    leaf_hash(bytes.fromhex(text))
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
FIRST = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
FIRST_TWO = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
FIRST_FOUR = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"

HASHES = [leaf_hash(number.to_bytes(2)) for number in range(130)]


def defined_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    split = max(2**power for power in range(20) if 2**power < len(hashes))
    if index < split:
        return [*defined_path(index, hashes[:split]), root_of_hashes(hashes[split:])]
    return [*defined_path(index - split, hashes[split:]), root_of_hashes(hashes[:split])]


def defined_subproof(old: int, hashes: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2, word for word."""
    if old == len(hashes):
        return [] if whole else [root_of_hashes(hashes)]
    split = max(2**power for power in range(20) if 2**power < len(hashes))
    if old <= split:
        return [*defined_subproof(old, hashes[:split], whole), root_of_hashes(hashes[split:])]
    return [*defined_subproof(old - split, hashes[split:], False), root_of_hashes(hashes[:split])]


def flipped(data: bytes, bit: int) -> bytes:
    """`data` with one bit turned."""
    place, shift = divmod(bit % (8 * len(data)), 8)
    return data[:place] + bytes([data[place] ^ (1 << shift)]) + data[place + 1 :]


def without(proof: list[bytes], at: int) -> list[bytes]:
    """`proof` with one hash left out, the last one when `at` is its end."""
    at = min(at, len(proof) - 1)
    return proof[:at] + proof[at + 1 :]


@st.composite
def inclusions(draw: st.DrawFn) -> tuple[int, int]:
    """(index, size) of a leaf that is there."""
    size = draw(st.integers(1, len(HASHES)))
    return draw(st.integers(0, size - 1)), size


@st.composite
def growths(draw: st.DrawFn) -> tuple[int, int]:
    """(old, new) with 0 < old ≤ new."""
    new = draw(st.integers(1, len(HASHES)))
    return draw(st.integers(1, new)), new


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (0, 8, [A, B, C]),
        (5, 8, [D, E, FIRST_FOUR]),
        (2, 3, [FIRST_TWO]),
        (1, 5, [FIRST, B, D]),
    ],
)
def test_known_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    """The certificate-transparency project's inclusion proofs come out, and verify."""
    made = inclusion_proof(index, size, KNOWN)
    assert [item.hex() for item in made] == proof
    assert verify_inclusion(index, size, KNOWN[index], made, root_of_hashes(KNOWN[:size]))


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, FIRST_FOUR]), (2, 5, [B, D])],
)
def test_known_consistency_proofs(old: int, new: int, proof: list[str]) -> None:
    """The certificate-transparency project's consistency proofs come out, and verify."""
    made = consistency_proof(old, new, KNOWN)
    assert [item.hex() for item in made] == proof
    assert verify_consistency(old, new, root_of_hashes(KNOWN[:old]), root_of_hashes(KNOWN[:new]), made)


def test_every_inclusion_in_small_trees() -> None:
    """For each leaf of each tree up to 40, the proof is the defined one, and verifies for that leaf only."""
    for size in range(1, 41):
        root = root_of_hashes(HASHES[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, HASHES)
            assert list(proof) == defined_path(index, HASHES[:size])
            good = [other for other in range(size) if verify_inclusion(other, size, HASHES[index], proof, root)]
            assert good == [index]


def test_every_growth_of_small_trees() -> None:
    """For each pair of sizes up to 40, the proof is the defined one, and verifies."""
    for new in range(1, 41):
        root = root_of_hashes(HASHES[:new])
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, HASHES)
            assert list(proof) == defined_subproof(old, HASHES[:new], True)
            assert verify_consistency(old, new, root_of_hashes(HASHES[:old]), root, proof)


@given(inclusions(), st.data())
def test_a_bit_flip_breaks_an_inclusion_proof(case: tuple[int, int], data: st.DataObject) -> None:
    """One bit turned in the leaf, the root or any hash of the proof: no."""
    index, size = case
    whole = [HASHES[index], root_of_hashes(HASHES[:size]), *inclusion_proof(index, size, HASHES)]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = flipped(whole[at], data.draw(st.integers(0, 255)))
    leaf, root, *proof = whole
    assert not verify_inclusion(index, size, leaf, proof, root)


@given(growths(), st.data())
def test_a_bit_flip_breaks_a_consistency_proof(case: tuple[int, int], data: st.DataObject) -> None:
    """One bit turned in either root or any hash of the proof: no."""
    old, new = case
    roots = [root_of_hashes(HASHES[:old]), root_of_hashes(HASHES[:new])]
    whole = [*roots, *consistency_proof(old, new, HASHES)]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = flipped(whole[at], data.draw(st.integers(0, 255)))
    old_root, new_root, *proof = whole
    assert not verify_consistency(old, new, old_root, new_root, proof)


@given(inclusions(), st.data())
def test_a_longer_or_shorter_inclusion_proof_fails(case: tuple[int, int], data: st.DataObject) -> None:
    """A hash left out, repeated or added: no."""
    index, size = case
    root, proof = root_of_hashes(HASHES[:size]), list(inclusion_proof(index, size, HASHES))
    at = data.draw(st.integers(0, len(proof)))
    added = data.draw(st.sampled_from([root, HASHES[index], *proof]))
    assert not verify_inclusion(index, size, HASHES[index], [*proof[:at], added, *proof[at:]], root)
    assert not proof or not verify_inclusion(index, size, HASHES[index], without(proof, at), root)


@given(growths(), st.data())
def test_a_longer_or_shorter_consistency_proof_fails(case: tuple[int, int], data: st.DataObject) -> None:
    """A hash left out, repeated or added: no."""
    old, new = case
    old_root, new_root = root_of_hashes(HASHES[:old]), root_of_hashes(HASHES[:new])
    proof = list(consistency_proof(old, new, HASHES))
    at = data.draw(st.integers(0, len(proof)))
    added = data.draw(st.sampled_from([old_root, new_root, *proof]))
    assert not verify_consistency(old, new, old_root, new_root, [*proof[:at], added, *proof[at:]])
    assert not proof or not verify_consistency(old, new, old_root, new_root, without(proof, at))


def test_the_empty_tree_is_a_prefix_of_every_tree() -> None:
    """Old size 0: the proof is empty and the old root that of the empty tree, as witnesses have it."""
    root = root_of_hashes(HASHES[:5])
    assert consistency_proof(0, 5, HASHES) == ()
    assert verify_consistency(0, 5, EMPTY_ROOT, root, ())
    assert verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, ())
    assert not verify_consistency(0, 5, root, root, ())
    assert not verify_consistency(0, 5, EMPTY_ROOT, root, (root,))
    assert not verify_consistency(0, 0, EMPTY_ROOT, root, ())


def test_the_same_size_needs_the_same_root() -> None:
    """Two roots for one size are a fork."""
    root, other = root_of_hashes(HASHES[:5]), root_of_hashes(HASHES[1:6])
    assert verify_consistency(5, 5, root, root, ())
    assert not verify_consistency(5, 5, root, other, ())
    assert not verify_consistency(5, 5, root, root, (root,))


def test_spans_lie_in_the_tree_and_cover_the_rest() -> None:
    """The subtrees of an inclusion proof and the leaf itself cover the tree, each leaf once."""
    for size in range(1, 41):
        for index in range(size):
            spans = [*inclusion_spans(index, size), (index, index + 1)]
            assert sorted(leaf for first, end in spans for leaf in range(first, end)) == list(range(size))
    assert consistency_spans(6, 8) == [(4, 6), (6, 8), (0, 4)]


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, 131)])
def test_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """Asking for a proof about leaves that don't exist is a ValueError."""
    with pytest.raises(ValueError, match="tree of size"):
        inclusion_proof(index, size, HASHES)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (1, 131)])
def test_a_tree_that_is_not_there(old: int, new: int) -> None:
    """Asking for a proof about trees that don't exist is a ValueError."""
    with pytest.raises(ValueError, match="tree of size"):
        consistency_proof(old, new, HASHES)


HUGE = 2**5000
stray_numbers: st.SearchStrategy[Any] = st.one_of(
    st.integers(-2, 20), st.sampled_from([MAX_SIZE, MAX_SIZE + 1, HUGE, -HUGE, True, None, "3", 2.0])
)
stray_hashes: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([*HASHES[:4], b"", b"\0" * 31, b"\0" * 33, "00" * 32, None, 7]), st.binary(max_size=40)
)
stray_proofs: st.SearchStrategy[Any] = st.one_of(
    st.lists(stray_hashes, max_size=6), st.sampled_from([None, "", b"", 3, {}, [HASHES[0]] * 5000])
)


@given(stray_numbers, stray_numbers, stray_hashes, stray_proofs, stray_hashes)
def test_strange_inclusion_proofs_are_answered(index: Any, size: Any, leaf: Any, proof: Any, root: Any) -> None:
    """Whatever a stranger sends, the answer is a truth value, and True only for the tree of one leaf."""
    answer = verify_inclusion(index, size, leaf, proof, root)
    assert answer is False or (len(proof) == 0 and leaf == root)


@given(stray_numbers, stray_numbers, stray_hashes, stray_hashes, stray_proofs)
def test_strange_consistency_proofs_are_answered(old: Any, new: Any, first: Any, second: Any, proof: Any) -> None:
    """Whatever a stranger sends, the answer is a truth value, and True only for equal trees."""
    answer = verify_consistency(old, new, first, second, proof)
    assert answer is False or (old == new and first == second and len(proof) == 0)


def test_the_largest_tree() -> None:
    """At size 2^63 − 1 a proof may have 63 hashes; it is walked, not refused for its size."""
    path = [HASHES[number] for number in range(63)]
    root = HASHES[63]
    assert not verify_inclusion(0, MAX_SIZE, HASHES[0], path, root)
    assert len(inclusion_spans(0, MAX_SIZE)) == 63
    assert len(consistency_spans(MAX_SIZE - 1, MAX_SIZE)) <= 64
