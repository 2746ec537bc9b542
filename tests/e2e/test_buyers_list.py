"""A buyer hands in a list and gets it back: every row with its status, its basis, and nothing else changed."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.support.cli import Cli, favourable, write_sheet
from tests.unit.producers.catalogue import catalogues

SAMPLES = Path(__file__).parents[1] / "samples"
DAY = "2021-07-22"
TWO = ("--by", "张三", "--agreed-by", "李四")


@pytest.fixture
def products(cli: Cli, tmp_path: Path) -> list[Any]:
    """Products of a store with one recognised product: the first of the list."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    cli("city", "import", str(SAMPLES / "changsha" / "catalogue.xlsx"), "--city", "changsha", "--as-of", DAY)
    cli.ok("city", "relay", "--city", "changsha", "--once")
    cli.ok("hub", "run", "--until-idle")
    found = cli.ok("hub", "products", "--status", "candidate")["products"]
    first = next(one for one in found if len(one["models"]) > 1)
    number = first["listings"][0]["certificate_no"]
    cli.ok("joint", "assess", str(write_sheet(tmp_path / "sheet.xlsx", [favourable("changsha", number)])))
    cli.ok("hub", "run", "--until-idle")
    cli.ok("joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", *TWO)
    cli.ok("hub", "run", "--until-idle")
    return [first, *(one for one in found if one is not first)]


def _asked(products: list[Any]) -> list[tuple[str, ...]]:
    """By code with one of its models, written carelessly; by name; another model; nobody's product."""
    first, second = products[0], products[1]
    return [
        ("1", f" {first['uscc'].lower()} ", "", first["product_name"], first["models"][0]),
        ("2", "", first["enterprise_name"], first["product_name"], "、".join(first["models"])),
        ("3", second["uscc"], second["enterprise_name"], second["product_name"], "、".join(second["models"])),
        ("4", first["uscc"], "", first["product_name"], "没有的型号-999"),
        ("5", "", "不存在的企业有限公司", first["product_name"], ""),
    ]


STATUSES = ["recognized", "recognized", "candidate", "model_differs", "none"]
HEAD = ("序号", "统一社会信用代码", "供应商", "货物名称", "规格型号")


def test_a_workbook_comes_back_with_two_more_columns(cli: Cli, products: list[Any], tmp_path: Path) -> None:
    """The original is untouched; the copy has the status and its basis behind every row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [("采购清单",), HEAD, *_asked(products)]:
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    before = (tmp_path / "list.xlsx").read_bytes()
    answer = cli.ok("hub", "check", str(tmp_path / "list.xlsx"), "--out", str(tmp_path / "back.xlsx"))
    assert [one["status"] for one in answer["rows"]] == STATUSES
    assert [one["row"] for one in answer["rows"]] == [3, 4, 5, 6, 7]
    assert answer["rows"][0]["product_key"] == products[0]["product_key"]
    assert "第1批（2021-07-22）；长沙市 CSLX-" in answer["rows"][0]["basis"]
    assert (answer["day"], answer["preference"]) == (DAY, "同等条件下优先")
    assert (tmp_path / "list.xlsx").read_bytes() == before
    back = load_workbook(tmp_path / "back.xlsx").active
    assert back is not None
    rows = [list(row) for row in back.iter_rows(values_only=True)]
    assert rows[1] == [*HEAD, "互认状态", "依据"]
    assert [row[5] for row in rows[2:]] == ["recognized", "recognized", "candidate", "other models are listed", "not listed"]
    assert [tuple(value or "" for value in row[:5]) for row in rows[2:]] == _asked(products)


def test_a_csv_comes_back_for_excel(cli: Cli, products: list[Any], tmp_path: Path) -> None:
    """GBK in, UTF-8 with a mark out; in Chinese when asked."""
    text = StringIO(newline="")
    csv.writer(text).writerows([HEAD, *_asked(products)])
    (tmp_path / "list.csv").write_bytes(text.getvalue().encode("gb18030"))
    ran = cli("hub", "check", str(tmp_path / "list.csv"), "--out", str(tmp_path / "back.csv"), "--lang", "zh")
    assert ran.code == 0
    assert "同等条件下优先" in ran.out
    assert (tmp_path / "back.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO((tmp_path / "back.csv").read_text("utf-8-sig"), newline="")))
    assert [row[5] for row in rows] == ["互认状态", "已列入", "已列入", "候选", "型号不符", "未列入名录"]


def test_a_workbook_that_no_copy_can_be_made_of(cli: Cli, tmp_path: Path) -> None:
    """What is wrong with it is said and nothing is written; without a copy it is answered all the same."""
    cli.ok("init")
    data = catalogues.xlsx(catalogues.grid([catalogues.row(1)]))
    spoiled = catalogues.rewritten(data, "styles.xml", lambda xml: xml.replace(b'fillId="0"', b'fillId="x"'))
    (tmp_path / "list.xlsx").write_bytes(spoiled)
    ran = cli("hub", "check", str(tmp_path / "list.xlsx"), "--out", str(tmp_path / "back.xlsx"), "--json")
    assert (ran.code, ran.error()["reason"], ran.out) == (2, "file_unreadable", "")
    assert not (tmp_path / "back.xlsx").exists()
    assert [one["status"] for one in cli.ok("hub", "check", str(tmp_path / "list.xlsx"))["rows"]] == ["none"]


def test_a_list_without_a_header(cli: Cli, tmp_path: Path) -> None:
    """What is missing is named; the list itself is never overwritten."""
    cli.ok("init")
    (tmp_path / "list.csv").write_text("甲,乙\n1,2\n", "utf-8")
    ran = cli("hub", "check", str(tmp_path / "list.csv"), "--json")
    assert (ran.code, ran.error()["reason"]) == (2, "header_not_found")
    ran = cli("hub", "check", str(tmp_path / "list.csv"), "--out", str(tmp_path / "list.csv"))
    assert ran.code == 2
    assert "--out" in ran.err
