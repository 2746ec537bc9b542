"""If-None-Match as RFC 9110 §13.1.2 writes it."""

import pytest

from consumers.console.conditional import known_tags


@pytest.mark.parametrize(
    ("header", "is_known"),
    [
        ('"a.1"', True),
        ('W/"a.1"', True),
        ('"x", "a.1"', True),
        ('"x",W/"a.1" , "y,z"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ("a.1", False),
        ('"a.1', False),
        ('"a.11"', False),
        ('"*"', False),
        ('"\x00a.1"', False),
    ],
)
def test_tags_of_a_reader(header: str, is_known: bool) -> None:
    """Lists, weak tags and the star; what is malformed is no tag."""
    assert ('"a.1"' in known_tags(header)) is is_known
