"""Cursors say where a page ended to the listing that gave them, and nothing to any other."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.console.cursors import cursor, place_of
from schemas.errors import UsageError

WORDS = st.text(max_size=60)


@given(WORDS.filter(bool), WORDS)
def test_a_cursor_leads_back(place: str, listing: str) -> None:
    """Whatever the place, it stands in an address as it is, and means that place again."""
    made = cursor(place, listing)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", made)
    assert place_of(made, listing) == place


@given(WORDS, WORDS, WORDS)
def test_another_listing_refuses_it(place: str, listing: str, other: str) -> None:
    """It is good for one listing."""
    if listing != other:
        with pytest.raises(UsageError):
            place_of(cursor(place, listing), other)


@given(st.text(min_size=1, max_size=60))
def test_anything_else_is_refused(words: str) -> None:
    """What nobody gave out is an error of the reader's, never of ours."""
    with pytest.raises(UsageError):
        place_of(words, "products")


def test_none_is_the_beginning() -> None:
    """Without a cursor a listing begins at its start."""
    assert place_of("", "products") == ""
