"""Which day the joint office may begin."""

from datetime import date

import pytest

from deploy.joint.days import check_day
from schemas.errors import AnswerIsNo

TODAY = date(2021, 7, 22)


def test_the_first_day_may_be_any_that_has_come() -> None:
    """Today and every day before, but none of the future: the hub would wait for it."""
    check_day(TODAY, None, TODAY)
    check_day(date(2020, 1, 1), None, TODAY)
    with pytest.raises(AnswerIsNo, match="has not come"):
        check_day(date(2021, 7, 23), None, TODAY)


@pytest.mark.parametrize("day", [date(2021, 7, 19), date(2021, 7, 20), date(2021, 7, 22)])
def test_days_rise_by_one(day: date) -> None:
    """After the first only the next one may begin; the message names it."""
    check_day(date(2021, 7, 21), date(2021, 7, 20), TODAY)
    with pytest.raises(AnswerIsNo) as caught:
        check_day(day, date(2021, 7, 20), TODAY)
    assert "2021-07-21" in caught.value.next_step
