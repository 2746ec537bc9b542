"""Unified social credit codes: which are valid, and what is wrong with the others."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import uscc

BODIES = st.text(uscc.ALPHABET, min_size=8, max_size=8)
FIRST_EIGHTS = st.builds(
    "".join, st.tuples(st.sampled_from(["91", "92", "52", "12", "N2", "Y1"]), st.text("0123456789", min_size=6, max_size=6))
)
CODES = st.builds(uscc.complete, FIRST_EIGHTS, BODIES)
GOOD = "91430102DEM0044104"


@pytest.mark.parametrize("code", [GOOD, "91430000DEM004429Y", "91430104DEM004437Q", "914301829990440409", "91430124DEM0044618"])
def test_valid_codes(code: str) -> None:
    """Codes with both checks right are valid, old regions and digits alone included."""
    assert uscc.is_valid(code)
    assert uscc.problem(code) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "uscc_length"),
        (GOOD[:-1], "uscc_length"),
        (GOOD + "0", "uscc_length"),
        ("430100000012345", "uscc_legacy_regno"),
        ("DEM004410", "uscc_legacy_orgcode"),
        ("DEM00441-0", "uscc_legacy_orgcode"),
        ("DEM00441-X", "uscc_legacy_orgcode"),
        ("91430103DME004517X", "uscc_checksum"),
        (GOOD.lower(), "uscc_checksum"),
        ("公" * 18, "uscc_checksum"),
        ("914301829990250000", "uscc_precision_lost"),
        ("9.14E+17", "uscc_precision_lost"),
        ("9.14301E17", "uscc_precision_lost"),
        ("9E+17", "uscc_precision_lost"),
        ("914E+17", "uscc_precision_lost"),
        ("９１４３０１０２ＤＥＭ００４４１０４", "uscc_checksum"),
    ],
)
def test_problems(code: str, reason: str) -> None:
    """Each kind of wrong code has its reason."""
    assert not uscc.is_valid(code)
    assert uscc.problem(code) == reason


def test_a_code_with_letters_for_digits_is_a_question() -> None:
    """O for 0 and I for 1, all at once, give the one reading that passes."""
    meant = uscc.complete("91430102", "52DEM001")
    typed = meant.replace("0", "O").replace("1", "I").replace("5", "S").replace("2", "Z")
    assert uscc.confusable_reading(typed) == meant
    assert uscc.problem(typed) == "uscc_confusable"


def test_v_is_read_as_u() -> None:
    """V is not in the alphabet; U is."""
    meant = uscc.complete("91430102", "UDEM0001")
    assert uscc.confusable_reading(meant.replace("U", "V")) == meant


def test_a_valid_code_has_no_other_reading() -> None:
    """Nothing to read otherwise."""
    assert uscc.confusable_reading(GOOD) is None


def test_confusable_letters_that_do_not_explain_a_code() -> None:
    """A reading that fails a check is no reading."""
    assert uscc.problem("9143O102DEM0044105") == "uscc_checksum"


def test_a_true_code_that_ends_in_000_is_fine() -> None:
    """Eighteen digits as text that pass both checks are fine, whatever they end with."""
    ends = [uscc.complete("91430102", f"{number:08d}") for number in range(60_000)]
    zeros = [code for code in ends if code.endswith("000") and code.isdigit()]
    assert zeros
    assert {uscc.problem(code) for code in zeros} == {None}


@given(CODES)
def test_a_completed_code_is_valid(code: str) -> None:
    """`complete` gives codes that both checks accept."""
    assert uscc.is_valid(code)
    assert uscc.region(code).isdigit()
    assert uscc.is_enterprise(code) == (code[0] == "9")


@given(CODES, st.integers(0, 17), st.sampled_from(string.digits + string.ascii_uppercase))
def test_one_wrong_character_is_found(code: str, place: int, other: str) -> None:
    """Any single character mistyped makes the code invalid."""
    assert uscc.is_valid(code[:place] + other + code[place + 1 :]) == (other == code[place])


@given(CODES, st.integers(0, 16))
def test_two_swapped_neighbours_are_found(code: str, place: int) -> None:
    """Two neighbours the wrong way round make the code invalid."""
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert uscc.is_valid(swapped) == (swapped == code)


@given(st.text(max_size=20))
def test_any_text_has_an_answer(text: str) -> None:
    """No text raises; a text is valid or has a reason."""
    assert (uscc.problem(text) is None) == uscc.is_valid(text)


@pytest.mark.parametrize(("first8", "body8"), [("9143010", "DEM00001"), ("91430102", "DEMO0001"), ("914301AB", "DEM00001")])
def test_parts_of_another_form(first8: str, body8: str) -> None:
    """`complete` refuses parts that no code has."""
    with pytest.raises(ValueError, match="eight characters"):
        uscc.complete(first8, body8)
