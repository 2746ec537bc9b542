"""What points to a person is masked; the quick look that passes nearly every cell misses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from producers.catalogue.privacy import masked

_NUMBERS = (
    *("13900000000", "139 0000 0000", "139-0000-0000", "139.0000.0000", "+86 13900000000", "0731-80000000"),
    *("(0731)80000000", "(0731) 8000-0000", "0731 8000 0000-123", "400-800-0000", "4008000000", "电话:8000-0000"),
)
_WIDE = str.maketrans("0123456789()+:-", "０１２３４５６７８９（）＋：－")


@st.composite
def _hidden_numbers(draw: st.DrawFn) -> str:
    """A phone number in some form, in either width, with characters between that nobody sees, between other words."""
    number = draw(st.sampled_from(_NUMBERS))
    unseen = st.text("\u200b\u00ad\x07\ufeff", max_size=2)
    hidden = "".join(draw(st.sampled_from((letter, letter.translate(_WIDE)))) + draw(unseen) for letter in number)
    return f"{draw(st.sampled_from(('', '型号A-', '12、')))}{hidden}{draw(st.sampled_from(('', '，备用', '/')))}"


@given(_hidden_numbers())
def test_no_number_is_missed(said: str) -> None:
    """However it is broken up, widened or hidden, a phone number is masked."""
    assert "***" in masked(said)
