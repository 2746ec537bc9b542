"""Product keys: what makes two listings the same product."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from schemas import identity

CODE = "91430102DEM0044104"
TEXTS = st.text(max_size=20)


def test_the_key_is_the_hash_of_code_name_and_models() -> None:
    """First 20 hex digits of the SHA-256 of the RFC 8785 array."""
    array = json.dumps([CODE, "节能风机", ["A-1", "B×2"]], ensure_ascii=False, separators=(",", ":"))
    expected = hashlib.sha256(array.encode()).hexdigest()[:20]
    assert identity.product_key(CODE, "节能风机", ["B×2", "A-1"]) == expected


def test_spellings_of_one_product_share_a_key() -> None:
    """Width, script, order and repetition of models don't make another product."""
    one = identity.product_key(CODE, "節能 风机(户外型)", ["FJ—3", "4x95", "FJ-3"])
    assert one == identity.product_key(CODE, "节能风机（户外型）", ("4×95", "ＦＪ－３"))


def test_no_model_is_a_value() -> None:
    """A product without a model is not the one with a model; blank models are none."""
    assert identity.product_key(CODE, "风机", []) != identity.product_key(CODE, "风机", ["A"])
    assert identity.model_key(["", " \u200b"]) == []


def test_case_is_part_of_a_model() -> None:
    """`kV` and `KV` are different until a person joins them."""
    assert identity.model_key(["1kV", "1KV"]) == ["1KV", "1kV"]


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=4))
def test_a_key_for_any_text(code: str, name: str, models: list[str]) -> None:
    """Any text has a key, and canonical text has the same one."""
    key = identity.product_key(code, name, models)
    assert len(key) == 20
    assert int(key, 16) >= 0
    assert key == identity.product_key(code, identity.name_key(name), identity.model_key(models[::-1]))
