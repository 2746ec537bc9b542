"""What points to a person is masked; the quick look that passes nearly every cell misses nothing."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from producers.catalogue.privacy import masked
from producers.catalogue.sheet import INVISIBLE
from schemas.text import mask_phones

_LETTERS = "0011348９１\t -－.—:：()（）+转电话、/a型\u200b\u00ad\x07"


@given(st.text(_LETTERS, min_size=7, max_size=30))
def test_the_quick_look_misses_no_number(said: str) -> None:
    """A text that is left as it is holds no phone number, however it is broken up, widened or hidden."""
    if masked(said) == said:
        seen = unicodedata.normalize("NFKC", INVISIBLE.sub("", said.replace("\t", " ")))
        assert mask_phones(seen) == seen
        assert not re.search(r"(?<!\d)1\d{10}(?!\d)", seen)
