"""The cities' files are good and know of each other, and a bad one is refused before anything is read with it."""

from importlib import resources

import pytest

from producers.city_file import CityFile
from producers.city_toml import city_files
from schemas.city import City
from schemas.errors import SettingsInvalid
from tests.support.cities import CITIES
from tests.unit.producers.catalogue.catalogues import city_file

GOOD = resources.files("deploy.cities").joinpath("changsha.toml").read_text("utf-8")

FOREIGN = '[districts.current]\n"430202" = "荷塘区"\n'
HALF = '[districts.replaced]\n"430199" = ["旧区"]\n'


def read(text: str) -> CityFile:
    """What changsha.toml with this text says."""
    (found,) = city_files([("changsha.toml", text)])
    return found


@pytest.mark.parametrize("city", CITIES)
def test_every_city_has_its_file(city: City) -> None:
    """Each city's file is good, and its own prefix is not among the others'."""
    file = city_file(city)
    assert file.city == city
    assert set(file.other_prefixes.values()) == set(file.others) == set(CITIES) - {city}
    assert file.certificate_prefix not in file.other_prefixes
    assert 0 < file.withdrawal_share < 1


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('word = "changsha"', 'word = "yueyang"', "expected the file name yueyang.toml"),
        ('word = "changsha"', 'word = "Changsha"', "word: found 'Changsha', expected 1 to 40 lower-case letters"),
        ('code = "430100"', 'code = "430102"', "code: found '430102'"),
        ('code = "430100"', "code = 430100", "code: found '430100'"),
        ('zh = "长沙市"', "", "zh is missing"),
        ('province = "湖南省"', 'provinz = "湖南省"', "province is missing"),
        ('kind = "goods"', 'kind = "other"', "kind: found 'other', expected one of goods"),
        ("withdrawal_share = 0.2", "withdrawal_share = 20", "withdrawal_share: found '20', expected a number from 0 to 1"),
        ("withdrawal_share = 0.2", "withdrawal_share = true", "withdrawal_share: found 'True'"),
        ("pattern = 'CSLX", "pattern = '(CSLX", "certificate.pattern: found"),
        ('prefix = "CSLX"', 'prefix = "cslx"', "certificate.prefix: found 'cslx'"),
        ('prefix = "CSLX"', 'prefix = "CSXL"', "certificate.example: found 'CSLX-00001'"),
        ("pattern = 'CSLX-\\d+'", "pattern = 'CSLX\\d+'", "certificate.example: found 'CSLX-00001', expected"),
        ('example = "CSLX-00001"', 'example = "CSLX－00001"', "certificate.example: found"),
        ('example = "CSLX-00001"', "", "certificate.example is missing"),
        ("seq = [", "number = [", "columns.number: there is no such key"),
        ("synonyms = [", "synonym = [", "status.active.synonyms is missing"),
        ('needed = ["enterprise_name"', 'needed = ["enterprise"', "header.needed: found"),
        ("contact_words = [", "contact_words = [1, ", "header.contact_words: found"),
        ("[batch]", "[batches]", "batch is missing"),
        ("(?P<year>", "(?P<annum>", "batch.forms: found"),
        ("fraud = ", "bribe = ", "remark.reasons.bribe: there is no such key"),
        ("[districts.aliases]", '[districts.aliases]\n"园区" = "430202"', "districts.aliases.园区: found '430202'"),
        ("[districts.aliases]", FOREIGN + "[districts.aliases]", "districts.current.430202: there is no such key"),
        ("[districts.aliases]", HALF + "[districts.aliases]", "districts.replaced.430199: found"),
        ("[columns]", "[columns", "no TOML"),
    ],
)
def test_bad_city_file_is_refused(old: str, new: str, key: str) -> None:
    """The file and the key are named, and what is expected; nothing is read with half a file."""
    assert old in GOOD
    with pytest.raises(SettingsInvalid) as caught:
        read(GOOD.replace(old, new, 1))
    assert "changsha.toml: " in caught.value.message
    assert key in caught.value.message
    assert "deploy/cities" in caught.value.next_step
    assert caught.value.said("zh") is not None


@pytest.mark.parametrize(
    ("key", "line", "other"),
    [
        ("code", 'code = "430100"', 'code = "431300"'),
        ("zh", 'zh = "长沙市"', 'zh = "娄底市"'),
        ("certificate.prefix", 'prefix = "CSLX"', 'prefix = "CS"'),
    ],
)
def test_two_files_may_not_claim_the_same(key: str, line: str, other: str) -> None:
    """A code, a name and a prefix are one city's; both files are named."""
    changes = {'code = "430100"': 'code = "431300"', 'zh = "长沙市"': 'zh = "娄底市"', 'prefix = "CSLX"': 'prefix = "CS"'}
    second = GOOD.replace('word = "changsha"', 'word = "loudi"')
    for old, new in changes.items():
        second = second.replace(old, new, 1)
    good = city_files([("changsha.toml", GOOD), ("loudi.toml", second)])
    assert [one.city.word for one in good] == ["changsha", "loudi"]
    with pytest.raises(SettingsInvalid, match=rf"loudi.toml: {key} = .* is in changsha.toml already"):
        city_files([("changsha.toml", GOOD), ("loudi.toml", second.replace(other, line, 1))])


def test_all_wrong_files_are_named_at_once() -> None:
    """Two mistakes in two files are one message."""
    wrong = GOOD.replace('kind = "goods"', 'kind = "other"')
    with pytest.raises(SettingsInvalid, match=r"a.toml: kind(.|\n)*b.toml: kind"):
        city_files([("a.toml", wrong), ("b.toml", wrong)])


def test_a_city_without_a_fixed_prefix() -> None:
    """Not every city's numbers begin alike; no number is then taken for its."""
    assert read(GOOD.replace('prefix = "CSLX"', 'prefix = ""')).certificate_prefix == ""


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
    found = read(GOOD + CAPTURE).capture
    assert found is not None
    assert (found.table, found.key, found.columns["uscc"]) == ("公示.products", "id", "xydm")
    assert found.fixed == {"status": "有效"}
    assert read(GOOD).capture is None


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
        read(GOOD + CAPTURE.replace(old, new, 1))
