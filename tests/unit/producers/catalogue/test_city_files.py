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


CAPTURE = """
[capture]
table = "公示.products"
key = "id"
[capture.columns]
enterprise_name = "qymc"
uscc = "xydm"
product_name = "cpmc"
models = "ggxh"
certificate_no = "bh"
valid_from = "qsrq"
valid_to = "jzrq"
[capture.fixed]
status = "有效"
"""


def test_capture_section() -> None:
    """A city's file may say which table is its register, which column holds what, and what every row has in common."""
    found = parse_city_file(GOOD + CAPTURE).capture
    assert found is not None
    assert (found.table, found.key, found.columns["uscc"]) == ("公示.products", "id", "xydm")
    assert found.fixed == {"status": "有效"}
    assert parse_city_file(GOOD).capture is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('uscc = "xydm"\n', ""),
        ('certificate_no = "bh"\n', ""),
        ('uscc = "xydm"', 'code = "xydm"'),
        ('uscc = "xydm"', 'seq = "xydm"\nuscc = "xydm"'),
        ('status = "有效"', 'status = "有效"\nuscc = "1"'),
        ('valid_from = "qsrq"', 'remark = "联系电话"'),
        ('"公示.products"', '"a.b.products"'),
        ('"公示.products"', "'pro\"ducts'"),
        ('key = "id"\n', ""),
        ("[capture.columns]", "[capture.column]"),
    ],
)
def test_bad_capture_section_is_refused(old: str, new: str) -> None:
    """A mapping that gives no whole entry, names nothing or takes contact columns is refused with the file."""
    assert old in CAPTURE
    with pytest.raises(SettingsInvalid):
        parse_city_file(GOOD + CAPTURE.replace(old, new, 1))
