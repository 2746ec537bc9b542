"""Times as people write them and as records hold them."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.codec import moment_of, shanghai_day, shanghai_time, utc_micros


@pytest.mark.parametrize(
    ("words", "utc"),
    [
        ("2021-07-22", "2021-07-21T16:00:00.000000Z"),
        ("2021-07-22T09:00:00", "2021-07-22T01:00:00.000000Z"),
        ("2021-07-22T09:00:00+08:00", "2021-07-22T01:00:00.000000Z"),
        ("2021-07-22T09:00:00Z", "2021-07-22T09:00:00.000000Z"),
    ],
)
def test_a_moment_without_an_offset_is_shanghais(words: str, utc: str) -> None:
    """A day is its beginning in Shanghai; an offset that is written holds."""
    assert utc_micros(moment_of(words)) == utc


def test_words_that_are_no_time_are_refused() -> None:
    """The caller says what to write instead."""
    with pytest.raises(ValueError, match="yesterday"):
        moment_of("yesterday")


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    """16:00 UTC is the next day there."""
    midnight = datetime(2021, 7, 21, 16, tzinfo=UTC)
    assert shanghai_day(midnight).isoformat() == "2021-07-22"
    assert shanghai_day(midnight - timedelta(microseconds=1)).isoformat() == "2021-07-21"
    assert shanghai_time(midnight) == "2021-07-22T00:00:00+08:00"
