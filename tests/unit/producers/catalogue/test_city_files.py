"""The cities' files are good, and a bad one is refused before anything is read with it."""

from importlib import resources

import pytest

from producers.city_file import parse_city_file
from schemas.city import City
from schemas.errors import SettingsInvalid
from tests.unit.producers.catalogue.catalogues import city_file

GOOD = resources.files("producers").joinpath("cities", "changsha.toml").read_text("utf-8")


@pytest.mark.parametrize("city", list(City))
def test_every_city_has_its_file(city: City) -> None:
    """Each city's file is good, and its own prefix is not among the others'."""
    file = city_file(city)
    assert file.city is city
    assert set(file.other_prefixes.values()) == set(City) - {city}
    assert 0 < file.withdrawal_share < 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('city = "changsha"', 'city = "yueyang"'),
        ('kind = "goods"', 'kind = "other"'),
        ("withdrawal_share = 0.2", "withdrawal_share = 20"),
        ("pattern = 'CSLX", "pattern = '(CSLX"),
        ("seq = [", "number = ["),
        ("[batch]", "[batches]"),
        ("[columns]", "[columns"),
    ],
)
def test_bad_city_file_is_refused(old: str, new: str) -> None:
    """What is wrong is named, and nothing is read with half a file."""
    assert old in GOOD
    with pytest.raises(SettingsInvalid):
        parse_city_file(GOOD.replace(old, new, 1))
