"""A city's file is held against its catalogues: a sound one passes, a wrong one fails just the case that it concerns."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.cities.read import city_texts
from deploy.conformance.case import CaseResult, run_cases
from deploy.conformance.reading import reading_cases
from producers.catalogue.sheet import Limits
from producers.city_file import CityFile
from producers.city_toml import city_files
from schemas.city import City
from tests.support import contacts
from tests.support.cities import CHANGSHA, CITIES, FILES
from tests.support.fourth_city import OWN_WAYS, WORD, city_text, line, write_catalogue
from tests.support.samples import sample

CASES = ("template", "mapping", "numbers", "normal_forms", "dirty_rows")


def city_file(old: str = "", new: str = "") -> CityFile:
    """The fourth city's file, with a mistake."""
    assert old in city_text()
    read = city_files([*city_texts().items(), (f"{WORD}.toml", city_text().replace(old, new, 1))])
    return next(one for one in read if one.city.word == WORD)


@pytest.fixture(scope="module")
def own_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of the fourth city."""
    return write_catalogue(tmp_path_factory.mktemp("sample") / "目录.xlsx", [line(n, f"LD2021-{n:03d}") for n in (1, 2, 3)])


def ran(file: CityFile, catalogue: Path | None) -> list[CaseResult]:
    """Every case, in order."""
    found = list(run_cases(reading_cases(file, catalogue, Limits())))
    assert tuple(one.name for one in found) == CASES
    return found


def failed(results: Iterable[CaseResult]) -> list[str]:
    """Names of those that failed; each says why and what to do, in both languages."""
    found = [one for one in results if one.outcome == "failed"]
    assert all(both.zh and both.en for one in found for both in (one.expected, one.found, one.next_step))
    return [one.name for one in found]


@pytest.mark.parametrize("city", CITIES)
def test_the_programs_own_files_are_sound(city: City) -> None:
    """Each of the three cities' files passes with its sample, dirty rows and all."""
    assert {one.outcome for one in ran(FILES.file_of(city), Path(sample(city.word)))} == {"ok"}


def test_a_fourth_citys_file_is_sound(own_catalogue: Path) -> None:
    """With a catalogue everything is looked at; without one, it is said what was not."""
    assert {one.outcome for one in ran(city_file(), own_catalogue)} == {"ok"}
    outcomes = {one.name: one.outcome for one in ran(city_file(), None)}
    assert outcomes == {**dict.fromkeys(CASES, "ok"), "mapping": "not_run", "numbers": "not_run"}


TIGHT = r"""pattern = 'LD-\d+'
example = "LD-00001"
"""
LOOSE = "pattern = '.+'"
FORM = r"""  '(?P<year>\d{4})-(?P<number>\d{1,2})',
"""


@pytest.mark.parametrize(
    ("case", "old", "new"),
    [
        ("template", "status = [", 'status = ["联系状态", '),
        ("mapping", '"持证主体"', '"某某名称"'),
        ("mapping", 'words = ["在册有效"]', 'words = ["某种有效"]'),
        ("numbers", "pattern = 'LD\\d{4}-\\d{3}'\nexample = \"LD2021-001\"", TIGHT + "#"),
        ("normal_forms", FORM, ""),
        ("dirty_rows", "pattern = 'LD\\d{4}-\\d{3}'", LOOSE),
    ],
)
def test_a_wrong_file_fails_its_case_alone(case: str, old: str, new: str, own_catalogue: Path) -> None:
    """A mistake in columns, words or numbers is seen, named, and told where to mend; what does not hang on it still passes."""
    results = ran(city_file(old, new), own_catalogue)
    assert failed(results) == [case]
    others = {one.name: one.outcome for one in results if one.name != case}
    behind = {"template": {"normal_forms", "dirty_rows"}, "mapping": {"numbers"}}.get(case, set())
    assert others == {name: "not_run" if name in behind else "ok" for name in CASES if name != case}


def test_another_citys_columns_are_not_ours(own_catalogue: Path) -> None:
    """A file that was copied and not changed does not know the city's columns."""
    assert "持证主体" in OWN_WAYS['enterprise_name = ["企业名称"']
    assert "mapping" in failed(ran(FILES.file_of(CHANGSHA), own_catalogue))


def test_no_person_of_the_sample_is_in_the_results(tmp_path: Path) -> None:
    """The sample stays in the city: its file's name, its people and their phones are in no result."""
    file = tmp_path / f"{contacts.FILE_NAME}.xlsx"
    file.write_bytes(contacts.workbook(contacts.rows("CSLX")))
    results = ran(FILES.file_of(CHANGSHA), file)
    text = json.dumps([one.as_json() for one in results], ensure_ascii=False)
    assert contacts.found_in(text.encode()) == []
    assert contacts.FILE_NAME not in text
