"""Districts: names and codes, of today and of before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import districts

OLD = ("historic_region_code",)
NAMES = {"430100": "长沙市", "430200": "株洲市", "430300": "湘潭市", "440300": "深圳市"}


def district_code(city: str, written: str) -> tuple[str, tuple[str, ...]] | None:
    """What the program's own table has."""
    return districts.divisions(city, NAMES[city], "湖南省", {}, {}).read(written)


@pytest.mark.parametrize(
    ("city", "written", "code", "warnings"),
    [
        ("430100", "岳麓区", "430104", ()),
        ("430100", "岳麓", "430104", ()),
        ("430100", "长沙市岳麓区", "430104", ()),
        ("430100", "湖南省长沙市岳麓区", "430104", ()),
        ("430100", "长沙 岳麓区", "430104", ()),
        ("430100", "嶽麓區", "430104", ()),
        ("430100", "430104", "430104", ()),
        ("430100", "４３０１０４", "430104", ()),
        ("430100", "长沙县", "430121", ()),
        ("430100", "长沙市长沙县", "430121", ()),
        ("430100", "宁乡", "430182", ()),
        ("430100", "宁乡市", "430182", ()),
        ("430100", "宁乡县", "430182", OLD),
        ("430100", "430124", "430182", OLD),
        ("430100", "望城县", "430112", OLD),
        ("430100", "浏阳县", "430181", OLD),
        ("430200", "渌口区", "430212", ()),
        ("430200", "株洲县", "430212", OLD),
        ("430200", "430221", "430212", OLD),
        ("430200", "攸县", "430223", ()),
        ("430200", "醴陵市", "430281", ()),
        ("430200", "醴陵县", "430281", OLD),
        ("430200", "酃县", "430225", OLD),
        ("430300", "湘潭县", "430321", ()),
        ("430300", "湘乡县", "430381", OLD),
    ],
)
def test_known(city: str, written: str, code: str, warnings: tuple[str, ...]) -> None:
    """A name or code of the city gives today's code, and says when it was an old one."""
    assert district_code(city, written) == (code, warnings)


@pytest.mark.parametrize(
    ("city", "written"),
    [
        ("430100", "荷塘区"),
        ("430100", "430202"),
        ("430100", "长沙"),
        ("430100", "长沙市"),
        ("430300", "湘潭"),
        ("430200", "东区"),
        ("430100", "宁乡区"),
        ("430100", "高新区"),
        ("430100", ""),
        ("440300", "岳麓区"),
    ],
)
def test_unknown(city: str, written: str) -> None:
    """Another city's, too little to tell, or no division at all."""
    assert district_code(city, written) is None


@pytest.mark.parametrize(
    ("code", "register_city", "possible"),
    [
        ("430104", "430100", True),
        ("430124", "430100", True),
        ("430104", "430200", True),
        ("430100", "430100", False),
        ("430199", "430100", False),
        ("431302", "431300", True),
        ("431300", "431300", False),
        ("431302", "430100", False),
    ],
)
def test_possible_districts(code: str, register_city: str, possible: bool) -> None:
    """Of the table's cities, what the table has, current or replaced; of any other city, what has the form of its own."""
    assert districts.is_possible(code, register_city) is possible


def test_a_city_brings_its_own_divisions() -> None:
    """A city that the program's table lacks, and one that has a new district since."""
    brought = districts.divisions("431300", "娄底市", "湖南省", {"431302": "娄星区"}, {"431301": ("旧城区", "431302")})
    assert brought.read("湖南省娄底市娄星区") == brought.read("娄星") == ("431302", ())
    assert brought.read("旧城区") == brought.read("431301") == ("431302", OLD)
    assert brought.read("岳麓区") is None
    added = districts.divisions("430100", "长沙市", "湖南省", {"430113": "新设区"}, {})
    assert added.read("新设区") == ("430113", ())
    assert added.read("岳麓区") == ("430104", ())


@given(st.sampled_from(["430100", "430200", "430300"]), st.text(max_size=12))
def test_any_text_has_an_answer(city: str, written: str) -> None:
    """No text raises, and what is found belongs to the city and is current."""
    found = district_code(city, written)
    if found is not None:
        assert found[0][:4] == city[:4]
        assert districts.is_possible(found[0], city)
