"""One catalogue after another: what differs becomes the right typed events on the city's topic, and nothing else does."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, Ran
from tests.unit.producers.catalogue.catalogues import LABELS, Row, code, grid, row, xlsx

TOPIC = "czt.register.changsha"
TITLE = "长沙市两型产品目录　填报日期：2021年7月{day}日"
OTHER_CODE = code("91430104DEM09999")
WITHDRAWN = {"status": "已撤销", "remark": "提供虚假材料"}
RENEWED = {"valid_from": "2023-12-15", "valid_to": "2026-12-14"}


def _base() -> list[Row]:
    """Ten certificates; the third and fourth belong to one firm."""
    rows = [row(number) for number in range(1, 11)]
    rows[3] |= {name: rows[2][name] for name in ("enterprise_name", "uscc")}
    return rows


def _with(number: int, **changes: Any) -> list[Row]:
    """The base with one certificate's cells changed."""
    return [one | changes if one["seq"] == number else one for one in _base()]


class Office:
    """Changsha's office: it hands in one file a day and sends what comes of it."""

    def __init__(self, cli: Cli, folder: Path, day: int) -> None:
        self.cli = cli
        self._folder = folder
        self._day = day

    def hands_in(self, rows: list[Row], *words: str, day: int | None = None) -> Ran:
        """Import rows as a new file with a later date of filing."""
        self._day = day if day is not None else self._day + 1
        title = TITLE.format(day=self._day)
        file = self._folder / f"目录{self._day}-{len(list(self._folder.iterdir()))}.xlsx"
        file.write_bytes(xlsx(grid(rows, LABELS, title)))
        return self.again(file, *words)

    def again(self, file: Path, *words: str) -> Ran:
        """Import a file that is there."""
        self.file = file
        return self.cli("city", "import", str(file), "--city", "changsha", "--as-of", "2021-07-22", "--json", *words)

    def sends(self) -> list[tuple[str, str, int]]:
        """Relay; (word of the type, certificate number, entry version) of what is new on the topic."""
        return [(one["type"].split(".")[3], one["subject"], one["entryversion"]) for one in self.events()]

    def events(self) -> list[dict[str, Any]]:
        """Relay; the new events on the topic."""
        before = len(self._values())
        self.cli.ok("city", "relay", "--city", "changsha", "--once")
        return [json.loads(value) for value in self._values()[before:]]

    def _values(self) -> list[bytes]:
        with closing(sqlite3.connect(self.cli.home / "broker.db")) as broker:
            found = broker.execute("SELECT value FROM record WHERE topic = ? ORDER BY offset", (TOPIC,)).fetchall()
        return [value for (value,) in found]


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the base was imported and sent."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        cli = Cli(patch, {"CZT_HOME": str(folder / "home")})
        cli.ok("init")
        (folder / "files").mkdir()
        office = Office(cli, folder / "files", day=0)
        assert office.hands_in(_base()).code == 0
        assert office.sends() == [("listed", f"CSLX-{number:05d}", 1) for number in range(1, 11)]
    return folder


@pytest.fixture
def office(first_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office on the day after."""
    shutil.copytree(first_home, tmp_path / "office")
    cli = Cli(monkeypatch, {"CZT_HOME": str(tmp_path / "office" / "home")})
    return Office(cli, tmp_path / "office" / "files", day=1)


def _reasons(ran: Ran) -> dict[str, list[str]]:
    """Reasons of the rows that were not accepted, by certificate number."""
    return {one["certificate_no"]: one["reasons"] for one in ran.json()["rows"] if one["outcome"] != "accept"}


def test_reordered_rows_say_nothing(office: Office) -> None:
    """The same rows in another order, in another file of a later day: no event."""
    ran = office.hands_in(_base()[::-1], "--complete")
    assert (ran.code, ran.json()["events"], ran.json()["totals"]["accept"]) == (0, 0, 10)
    assert office.sends() == []


def test_the_same_file_again_says_nothing(office: Office) -> None:
    """Byte for byte the same file: the rows it gave, and no event, complete or not."""
    first = office.hands_in(_with(1, models="FJ-9"))
    again = office.again(office.file)
    assert (again.json()["rows"], again.json()["events"]) == (first.json()["rows"], 0)
    assert office.again(office.file, "--complete").json()["events"] == 0
    assert office.sends() == [("changed", "CSLX-00001", 2)]


def test_an_older_export_is_refused(office: Office) -> None:
    """A file whose date of filing is before that of the last one changes nothing and says why."""
    assert office.hands_in(_with(1, models="FJ-9"), day=20).code == 0
    refused = office.hands_in(_with(1, models="FJ-8"), "--complete", day=19)
    assert refused.error()["reason"] == "file_older_than_register"
    assert office.sends() == [("changed", "CSLX-00001", 2)]


def test_missing_rows_of_a_complete_file_are_withdrawn(office: Office) -> None:
    """Only of a complete one, and with a reason that says so."""
    assert office.hands_in(_base()[:9]).json()["events"] == 0
    assert office.hands_in(_base()[1:9], "--complete").code == 0
    events = office.events()
    assert [(one["type"], one["subject"]) for one in events] == [
        ("cn.czt.entry.withdrawn.v1", "CSLX-00001"),
        ("cn.czt.entry.withdrawn.v1", "CSLX-00010"),
    ]
    assert events[0]["data"]["entry"]["status_reason"] == {"code": "other", "text": "未列入完整目录"}


def test_what_was_withdrawn_by_silence_comes_back(office: Office) -> None:
    """A row that is there again is reinstated."""
    office.hands_in(_base()[1:], "--complete")
    office.hands_in(_base(), "--complete")
    assert office.sends() == [("withdrawn", "CSLX-00001", 2), ("reinstated", "CSLX-00001", 3)]


def test_mass_withdrawal_waits_for_the_exact_number(office: Office) -> None:
    """Three of ten are more than the share: held, a wrong number refused, the exact one carried out once."""
    held = office.hands_in(_base()[:7], "--complete")
    assert (held.code, held.json()["held"]) == (1, {"missing": 3, "limit": 2})
    for number in ("2", "4"):
        wrong = office.again(office.file, "--complete", "--confirm-withdrawals", number)
        assert (wrong.code, wrong.json()["events"], wrong.json()["held"]) == (1, 0, {"missing": 3, "limit": 2})
    assert office.sends() == []
    right = office.again(office.file, "--complete", "--confirm-withdrawals", "3")
    assert (right.code, right.json()["events"], right.json()["held"]) == (0, 3, None)
    assert office.again(office.file, "--complete", "--confirm-withdrawals", "3").json()["events"] == 0
    assert office.sends() == [("withdrawn", f"CSLX-{number:05d}", 2) for number in (8, 9, 10)]


Case = tuple[dict[str, Any], tuple[str, ...], str]
ONE_ROW: dict[str, Case] = {
    "renewed without a gap": (RENEWED, (), "renewed"),
    "renewed early": ({"valid_from": "2023-06-01", "valid_to": "2026-05-31"}, (), "renewed"),
    "renewed after a gap": ({"valid_from": "2024-09-01", "valid_to": "2027-08-31", "batch": "2024年第二批"}, (), "renewed"),
    "shorter validity": ({"valid_to": "2022-12-14"}, (), "corrected"),
    "code": ({"uscc": OTHER_CODE}, (), "corrected"),
    "district": ({"district": "芙蓉区"}, (), "corrected"),
    "product": ({"product_name": "高效节能风机"}, (), "changed"),
    "models": ({"models": "FJ-1、FJ-2"}, (), "changed"),
    "category": ({"category": "专用设备"}, (), "changed"),
    "standards": ({"standards": "GB 19761-2020"}, (), "changed"),
    "product, by the clerk's word": ({"product_name": "高效节能风机"}, ("--correction",), "corrected"),
    "renewal, by the clerk's word": (RENEWED, ("--correction",), "corrected"),
    "suspended": ({"status": "暂停"}, (), "suspended"),
    "withdrawn": (WITHDRAWN, (), "withdrawn"),
    "withdrawn, by the clerk's word": (WITHDRAWN, ("--correction",), "withdrawn"),
    "product and code": ({"product_name": "高效节能风机", "uscc": OTHER_CODE}, (), "changed"),
    "code and validity": ({"uscc": OTHER_CODE} | RENEWED, (), "corrected"),
    "product and renewal": ({"product_name": "高效节能风机"} | RENEWED, (), "changed"),
    "product and status": ({"product_name": "高效节能风机", "status": "暂停"}, (), "changed"),
}


@pytest.mark.parametrize("name", ONE_ROW)
def test_one_row(office: Office, name: str) -> None:
    """One difference, or two at once, is one event of the type that says most (design §6)."""
    changes, words, expected = ONE_ROW[name]
    assert office.hands_in(_with(1, **changes), "--complete", *words).code == 0
    (event,) = office.events()
    assert (event["type"], event["subject"]) == (f"cn.czt.entry.{expected}.v1", "CSLX-00001")
    assert event["entryversion"] == 2


def test_status_there_and_back(office: Office) -> None:
    """Suspended, active again, withdrawn for the remark's reason, active again: each has its own type."""
    for changes in ({"status": "暂停"}, {}, WITHDRAWN, {}):
        assert office.hands_in(_with(1, **changes), "--complete").code == 0
    events = office.events()
    assert [one["type"].split(".")[3] for one in events] == ["suspended", "reinstated", "withdrawn", "reinstated"]
    assert events[2]["data"]["entry"]["status_reason"] == {"code": "fraud", "text": "提供虚假材料"}


def test_first_seen_withdrawn(office: Office) -> None:
    """A certificate that comes withdrawn is listed with that status, its reason the status cell's words."""
    assert office.hands_in([*_base(), row(11, status="已撤销")], "--complete").code == 0
    (event,) = office.events()
    assert event["type"] == "cn.czt.entry.listed.v1"
    assert event["data"]["entry"]["source_status"] == "withdrawn"
    assert event["data"]["entry"]["status_reason"] == {"code": "other", "text": "已撤销"}


def test_renamed_firm(office: Office) -> None:
    """A firm whose every row carries the new name is renamed: each row `changed`, none a conflict."""
    renamed = [one | {"enterprise_name": "长沙例新名有限公司"} if one["seq"] in (3, 4) else one for one in _base()]
    ran = office.hands_in(renamed, "--complete")
    assert (ran.code, _reasons(ran)) == (0, {})
    assert office.sends() == [("changed", "CSLX-00003", 2), ("changed", "CSLX-00004", 2)]


@pytest.mark.parametrize("rows", [slice(None), slice(2, 3)], ids=["in the whole file", "in a file of one row"])
def test_firm_renamed_in_one_row(office: Office, rows: slice) -> None:
    """A new name in one of two rows is a question: the second name waits, nothing is sent."""
    ran = office.hands_in(_with(3, enterprise_name="长沙例新名有限公司")[rows])
    waiting = {"CSLX-00004"} if rows == slice(None) else {"CSLX-00003"}
    assert _reasons(ran) == {number: ["name_conflict_same_uscc"] for number in waiting}
    assert [word for word, number, _ in office.sends() if number in waiting] == []


def test_number_used_again_for_another_product(office: Office) -> None:
    """A number that the register has for another firm's other product is never silently `changed`: the row waits."""
    other = row(77, certificate_no="CSLX-00001", seq=1)
    ran = office.hands_in([other, *_base()[1:]], "--complete")
    assert (ran.code, _reasons(ran)) == (1, {"CSLX-00001": ["dup_certificate"]})
    assert office.sends() == []


@pytest.mark.parametrize("pair", [(1, 2), (3, 4)], ids=["of two firms", "of one firm"])
def test_swapped_numbers(office: Office, pair: tuple[int, int]) -> None:
    """Two certificates that exchanged their products are a question about both, and nothing is sent."""
    first, second = pair
    swapped = {first: f"CSLX-{second:05d}", second: f"CSLX-{first:05d}"}
    rows = [one | {"certificate_no": swapped.get(one["seq"], one["certificate_no"])} for one in _base()]
    ran = office.hands_in(rows, "--complete")
    assert _reasons(ran) == {f"CSLX-{number:05d}": ["dup_certificate"] for number in pair}
    assert office.sends() == []


def test_several_changes_of_one_file(office: Office) -> None:
    """Each entry has its own event, in the order of the rows, withdrawals by silence last; the others say nothing."""
    rows = _with(1, models="FJ-9")
    rows[1] |= {"uscc": OTHER_CODE}
    rows[4] |= RENEWED
    rows[5] |= {"status": "暂停"}
    assert office.hands_in([*rows[:9], row(11)], "--complete").code == 0
    assert office.sends() == [
        ("changed", "CSLX-00001", 2),
        ("corrected", "CSLX-00002", 2),
        ("renewed", "CSLX-00005", 2),
        ("suspended", "CSLX-00006", 2),
        ("listed", "CSLX-00011", 1),
        ("withdrawn", "CSLX-00010", 2),
    ]


def test_corrected_code_at_the_hub(office: Office) -> None:
    """A corrected code makes another product; the entry's history stays, and the old product says where it went."""
    office.cli.ok("hub", "run", "--until-idle")
    before = office.cli.ok("hub", "entry", "changsha", "CSLX-00001")["product_key"]
    office.hands_in(_with(1, uscc=OTHER_CODE))
    assert office.sends() == [("corrected", "CSLX-00001", 2)]
    office.cli.ok("hub", "run", "--until-idle")
    found = office.cli.ok("hub", "entry", "changsha", "CSLX-00001")
    assert found["product_key"] != before
    assert [one["type"].split(".")[3] for one in found["history"]] == ["listed", "corrected"]
    assert [one["before"] for one in found["history"][1]["changes"] if one["field"] == "uscc"] == [row(1)["uscc"]]
    published = {one["product_key"]: one for one in _published(office.cli)}
    assert published[before]["moved_to"] == found["product_key"]
    assert [one["certificate_no"] for one in published[found["product_key"]]["listings"]] == ["CSLX-00001"]


def _published(cli: Cli) -> list[dict[str, Any]]:
    """The products on the topic of recognised products, in order: readers keep the last of each key."""
    with closing(sqlite3.connect(cli.home / "broker.db")) as broker:
        query = "SELECT value FROM record WHERE topic = 'czt.recognized-products' ORDER BY rowid"
        return [json.loads(value)["data"] for (value,) in broker.execute(query)]
