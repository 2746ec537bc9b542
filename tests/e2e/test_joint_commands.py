"""The joint office's desk at the command line: objections, identity, parked events; each answer as a person meets it."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from schemas.rules import RULE_SET_1
from tests.support.cli import Cli, favourable, write_sheet

SAMPLES = Path(__file__).parents[1] / "samples"
DAY = "2021-07-22"
TWO = ("--by", "张三", "--agreed-by", "李四")


@pytest.fixture
def office(cli: Cli) -> Cli:
    """A line where Changsha's sample is in the shared store, and the day began."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    _import(cli, SAMPLES / "changsha" / "catalogue.xlsx")
    return cli


def _import(cli: Cli, file: Path) -> None:
    cli("city", "import", str(file), "--city", "changsha", "--as-of", DAY)
    _carry(cli)


def _carry(cli: Cli) -> None:
    cli.ok("city", "relay", "--city", "changsha", "--once")
    cli.ok("hub", "run", "--until-idle")


def _product(cli: Cli, key: str) -> Any:
    return next(one for one in cli.ok("hub", "products", "--limit", "1000")["products"] if one["product_key"] == key)


def _listed(product: Any) -> str:
    return f"{product['listings'][0]['city']}/{product['listings'][0]['certificate_no']}"


def test_an_objection_from_raising_to_its_effect(office: Cli, tmp_path: Path) -> None:
    """Raised, it shows to every reader; the city answers, two people settle it, and its effect holds until it is undone."""
    first = office.ok("hub", "products", "--status", "candidate", "--limit", "1")["products"][0]
    key, number = first["product_key"], first["listings"][0]["certificate_no"]
    office.ok("joint", "assess", str(write_sheet(tmp_path / "sheet.xlsx", [favourable("changsha", number)])))
    office.ok("hub", "run", "--until-idle")
    office.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", *TWO)
    office.ok("joint", "objection", "raise", key, "YY-1", "--text", "型号与证书不符", "--by", "赵六")
    office.ok("hub", "run", "--until-idle")
    opened = office.ok("joint", "objection", "list")["objections"]
    assert [(one["objection"], one["deadline"], one["answered"], one["overdue"]) for one in opened] == [
        ("YY-1", "2021-08-06", [], False)
    ]
    assert (_product(office, key)["status"], _product(office, key)["disputed"]) == ("recognized", True)
    office.ok("joint", "objection", "answer", key, "YY-1", "--city", "changsha", "--text", "已核实，证书无误")
    _carry(office)
    assert office.ok("joint", "objection", "list")["objections"][0]["answered"] == ["changsha"]
    office.ok("joint", "objection", "settle", key, "YY-1", "--effect", "suspend", "--text", "<b>换货</b>", *TWO)
    office.ok("hub", "run", "--until-idle")
    assert (_product(office, key)["status"], _product(office, key)["disputed"]) == ("suspended", False)
    assert office.ok("joint", "objection", "list")["objections"] == []
    _check_export(office, tmp_path / "file", key)
    _check_print(office, tmp_path, key)


def _check_print(office: Cli, folder: Path, key: str) -> None:
    """The batch as it was published, with what changed since, on the page, in the workbook and in `show`."""
    files = [str(folder / "b.html"), str(folder / "b.xlsx")]
    told = office.ok("joint", "batch", "print", "1", "--html", files[0], "--xlsx", files[1])
    assert (told["products"], told["changed"], told["unlike"], told["files"]) == (1, [key], [], files)
    size = office.ok("hub", "status")["log"]["checkpoint_size"]
    assert (told["proof"]["size"], told["proof"]["signed"], told["code_leads_to_proof"]) == (size, True, False)
    assert "提出异议、答复异议、了结异议" in (folder / "b.html").read_text("utf-8")
    [product] = office.ok("joint", "batch", "show", "1")["products"]
    kinds = ["cn.czt.objection.raised.v1", "cn.czt.objection.answered.v1", "cn.czt.objection.settled.v1"]
    assert [one["type"] for one in product["changed"]] == kinds
    assert office("joint", "batch", "print", "1").code == 2
    assert office("joint", "batch", "print", "2", "--html", files[0]).code == 1


def _check_export(office: Cli, folder: Path, key: str) -> None:
    """The whole file: each step with its record, receipt and product before and after; deadline, effect and rules; a page."""
    told = office.ok("joint", "objection", "export", "YY-1", "--out", str(folder))
    assert (told["state"], told["product_key"], told["steps"]) == ("settled", key, 3)
    file = json.loads((folder / "objection.json").read_text("utf-8"))
    kinds = [(one["type"].split(".")[3], one["source"], one["outcome"], one["receipt"]["outcome"]) for one in file["steps"]]
    assert kinds == [
        ("raised", "/joint-office", "applied", "applied"),
        ("answered", "/registers/changsha", "applied", "applied"),
        ("settled", "/joint-office", "applied", "applied"),
    ]
    for one in file["steps"]:
        value = base64.b64decode(one["record"]["value"])
        assert hashlib.sha256(value).hexdigest() == one["record"]["hash"] == one["leaf"]["record_hash"]
        assert json.loads(value)["data"] == one["data"]
    stood = [
        (one["before"]["products"][0]["status"], one["after"]["products"][0]["status"], one["after"]["products"][0]["disputed"])
        for one in file["steps"]
    ]
    assert stood == [("recognized", "recognized", True), ("recognized", "recognized", True), ("recognized", "suspended", False)]
    assert file["steps"][0]["after"]["products"][0]["listings"][0]["entry"]["certificate_no"]
    assert file["deadline"] == {
        "day": "2021-08-06",
        "raised_on": DAY,
        "days_given": 15,
        "rule_set": 1,
        "rule_set_days": 15,
        "settled_on": DAY,
        "overdue": False,
    }
    assert (file["effect"]["effect"], [one["status_after"] for one in file["effect"]["products"]]) == ("suspend", ["suspended"])
    assert (file["rule_sets"][0]["objection_days"], file["checkpoint"]["size"]) == (15, file["log_size"])
    page = (folder / "objection.html").read_text("utf-8")
    assert all(
        words in page for words in ("型号与证书不符", "已核实，证书无误", "赵六", "李四 同意", "2021年8月6日", "不是参加采购的门槛")
    )
    assert "&lt;b&gt;换货&lt;/b&gt;" in page
    assert "<b>" not in page
    assert office("joint", "objection", "export", "YY-0", "--out", str(folder)).code == 1


def test_an_objection_that_nobody_settles(office: Cli, tmp_path: Path) -> None:
    """On its deadline it is in time; the day after it is overdue, in the list, in the status, for the alert and in its file."""
    key = office.ok("hub", "products", "--limit", "1")["products"][0]["product_key"]
    for number, until in (("YY-1", DAY), ("YY-2", "2021-07-23")):
        office.ok("joint", "objection", "raise", key, number, "--text", "型号与证书不符", "--deadline", until)
    office.ok("hub", "run", "--until-idle")
    assert office.ok("hub", "status")["objections"] == {"open": 2, "overdue": 0}
    office.ok("joint", "day", "2021-07-23")
    office.ok("hub", "run", "--until-idle")
    opened = office.ok("joint", "objection", "list")["objections"]
    assert [(one["objection"], one["overdue"]) for one in opened] == [("YY-1", True), ("YY-2", False)]
    assert office.ok("hub", "status")["objections"] == {"open": 2, "overdue": 1}
    office.ok("joint", "objection", "raise", key, "YY-1", "--text", "再说一次", "--by", "钱七")
    office.ok("hub", "run", "--until-idle")
    told = office.ok("joint", "objection", "export", "YY-1", "--out", str(tmp_path))
    file = json.loads((tmp_path / "objection.json").read_text("utf-8"))
    assert (told["state"], told["product_key"], file["deadline"]["overdue"], file["effect"]) == ("open", key, True, None)
    assert [(one["outcome"], one["receipt"]["reason"]) for one in file["steps"]] == [
        ("applied", None),
        ("rejected", "decision_not_allowed"),
    ]
    page = (tmp_path / "objection.html").read_text("utf-8")
    assert all(words in page for words in ("未了结", "逾期", "钱七", "再说一次", "不予采用"))
    assert "逾期 1 件" in office("hub", "status", "--lang", "zh").out
    assert "逾期" in office("joint", "objection", "list", "--lang", "zh").out


def test_an_objection_to_nothing(office: Cli) -> None:
    """An unknown product is said at once, and one person alone can't settle."""
    ran = office("joint", "objection", "raise", "0" * 20, "YY-1", "--text", "x", "--json")
    assert (ran.code, ran.error()["reason"]) == (1, "answer_is_no")
    ran = office("joint", "objection", "settle", "0" * 20, "YY-1", "--effect", "none", "--by", "甲", "--agreed-by", "甲", "--json")
    assert ran.code == 2


def test_joining_and_separating_can_be_undone(office: Cli) -> None:
    """Two listings become one product by decision, and are two again, as if nothing had been."""
    before = office.ok("hub", "products", "--limit", "1000")["products"]
    mine, other = before[0], before[1]
    office.ok("joint", "identity", "join", _listed(mine), _listed(other), *TWO)
    office.ok("hub", "run", "--until-idle")
    assert len(_product(office, other["product_key"])["listings"]) == 2
    assert office.ok("joint", "identity", "list")["pointers"] == [
        {"listing": _listed(mine), "follows": _listed(other), "separate": False}
    ]
    _check_fields(office, other["product_key"], mine)
    office.ok("joint", "identity", "join", _listed(mine), "--undo", *TWO)
    office.ok("joint", "identity", "separate", _listed(other), *TWO)
    office.ok("hub", "run", "--until-idle")
    assert _product(office, other["product_key"])["listings"] == []
    office.ok("joint", "identity", "separate", _listed(other), "--undo", *TWO)
    office.ok("hub", "run", "--until-idle")
    after = {one["product_key"]: one for one in office.ok("hub", "products", "--limit", "1000")["products"]}
    assert [after[one["product_key"]] for one in before] == before
    assert office.ok("audit", "replay")["equal"] is True


def _check_fields(cli: Cli, key: str, mine: Any) -> None:
    """Each field says its listing, the rule that chose it under the rule set in force, and what lost."""
    found = cli.ok("hub", "product", key)
    assert (found["rule_set"], found["field_precedence"]) == (1, ["event_time", "city_code", "certificate_no"])
    assert [one["field"] for one in found["fields"]] == ["uscc", "enterprise_name", "product_name", "models", "category"]
    assert {one["rule"] for one in found["fields"]} <= {"event_time", "certificate_no"}
    lost = {said["from"] for one in found["fields"] for said in one["lost"]} | {one["from"] for one in found["fields"]}
    assert _listed(mine) in lost
    assert len(lost) == 2
    assert {one["certificate_no"] for one in found["listings"]} >= {mine["listings"][0]["certificate_no"]}
    shown = cli("hub", "product", key, "--lang", "zh").out
    assert "取自" in shown
    assert "同等条件下优先" in shown
    assert cli("hub", "product", "0" * 20).code == 1
    assert cli("hub", "product", "x").code == 1


@pytest.mark.parametrize("words", [("changsha", "x"), ("nowhere/1", "changsha/1"), ("changsha/1",)])
def test_a_listing_that_is_not_written_as_one(office: Cli, words: tuple[str, ...]) -> None:
    """The form is named, with an example."""
    ran = office("joint", "identity", "join", *words, *TWO)
    assert ran.code == 2
    assert "changsha" in ran.err
    assert "Traceback" not in ran.err


def test_what_waits_is_released_by_two_people(office: Cli, tmp_path: Path) -> None:
    """Without names it is a dry run that writes nothing; with them the hub carries it out, and the city gets the receipt."""
    rules = RULE_SET_1.model_copy(update={"version": 2, "waits": ("changed",)})
    (tmp_path / "rules.json").write_text(rules.model_dump_json(), "utf-8")
    office.ok("joint", "rules", "activate", str(tmp_path / "rules.json"))
    office.ok("hub", "run", "--until-idle")
    sample = (SAMPLES / "changsha" / "catalogue_gbk.csv").read_bytes().decode("gb18030")
    name = next(row["entry"]["product_name"] for row in _rows(office) if row["outcome"] == "accept")
    (tmp_path / "later.csv").write_text(sample.replace(name, f"{name}二代"), "utf-8")
    _import(office, tmp_path / "later.csv")
    waiting = office.ok("hub", "parked", "list", "--reason", "rule_set_waits")["parked"]
    assert {one["type"] for one in waiting} == {"cn.czt.entry.changed.v1"}
    sequence = waiting[0]["sequence"]
    shown = office.ok("hub", "parked", "show", "changsha", str(sequence))
    assert json.loads(shown["value"])["data"]["entry"]["certificate_no"] == waiting[0]["subject"]
    dry = office.ok("hub", "parked", "release", "--source", "changsha")
    assert (dry["dry_run"], dry["decisions"]) == (True, [])
    assert dry["released"][0]["would_become"] == [
        {"sequence": sequence, "type": waiting[0]["type"], "outcome": "applied", "reason": None}
    ]
    office.ok("hub", "run", "--until-idle")
    assert len(office.ok("hub", "parked", "list")["parked"]) == len(waiting)
    done = office.ok("hub", "parked", "release", "--source", "changsha", *TWO)
    assert len(done["decisions"]) == len(waiting)
    office.ok("hub", "run", "--until-idle")
    assert office.ok("hub", "parked", "list")["parked"] == []
    receipts = {one["sequence"]: one["outcome"] for one in office.ok("city", "receipts", "--city", "changsha")["receipts"]}
    assert receipts[sequence] == "applied"
    assert office.ok("audit", "verify", "--against-store")["ok"] is True
    assert office("hub", "parked", "show", "changsha", str(sequence)).code == 1
    nothing = office("hub", "parked", "release", "--lang", "en")
    assert "Nothing that fits is parked" in nothing.out + nothing.err


def _rows(cli: Cli) -> Any:
    file = str(SAMPLES / "changsha" / "catalogue.xlsx")
    return cli("city", "import", file, "--city", "changsha", "--as-of", DAY, "--json").json()["rows"]
