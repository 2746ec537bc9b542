"""A printed batch: whatever names hold, the page is a page and the workbook holds text; the code says what it leads to."""

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consumers.core.model import Product
from deploy.papers.batch_paper import BatchPaper, Item, batch_page
from deploy.papers.batch_sheet import COLUMNS, write_batch_sheet
from deploy.papers.code import batch_code
from deploy.papers.page import chinese_number
from schemas.checkpoint import Checkpoint
from tests.support.cities import CITIES, FILES, ZHUZHOU

HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-1+1",
    "\u202e名\x1b[31m",
    "a&b\"'",
)
CHANGE = {"audit_index": 44, "type": "cn.czt.entry.withdrawn.v1", "subject": "ZZLX-1", "recorded_at": "2021-08-01T00:00:00.000000Z"}


def _item(place: int, name: str, city: str = "zhuzhou", **now: object) -> Item:
    listing = {"city": city, "certificate_no": name[:20], "status": "active", "valid_from": "2021-01-01", "valid_to": "2023-12-31"}
    product = Product(
        f"{place:020x}",
        uscc=f"91430200DEM00{place // 2:04d}X",
        enterprise_name=name,
        product_name=name,
        models=(name, "A-1"),
        category=name,
        listings=(listing,),
    )
    said = {"state_hash": product.hash, "status": "recognized", "disputed": False, "changed": [], "moved_to": None}
    return Item(FILES.of(city), product, said | now)


def _paper(*items: Item, url: str = "") -> BatchPaper:
    proof = Checkpoint("czt.local/shared-store", 60, bytes(32))
    return BatchPaper(
        number=12,
        document="〔2021〕12号<b>",
        host=ZHUZHOU,
        day="2021-07-22",
        by="甲<i>",
        agreed_by="乙",
        log_size=40,
        audit_index=41,
        rule_set=1,
        signers=tuple(CITIES),
        items=items,
        proof=proof,
        signed=True,
        cities=FILES,
        code=batch_code(url, 12, proof.origin, proof.size, "AAAA"),
    )


def test_hostile_names_stay_words_on_the_page() -> None:
    """No tag, no control or direction character of anybody's data reaches the page."""
    page = batch_page(_paper(*[_item(place, name) for place, name in enumerate(HOSTILE)]))
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\\u202e名\\x1b[31m" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)


def test_hostile_names_stay_text_in_the_workbook(tmp_path: Path) -> None:
    """Every cell but the row's number is text, also what begins like a formula."""
    write_batch_sheet(tmp_path / "b.xlsx", _paper(*[_item(place, name) for place, name in enumerate(HOSTILE)]))
    sheet = load_workbook(tmp_path / "b.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells if not isinstance(cell.value, int)} == {"s"}
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith(("=", "+", "-", "@")))
    head = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "序号")
    assert head == tuple(COLUMNS)
    assert {'=HYPERLINK("http://x")', "-1+1"} <= {row[1] for row in sheet.iter_rows(values_only=True)}
    assert sheet.print_title_rows is not None


def test_grouped_by_city_and_enterprise() -> None:
    """Each city has its section with the counts, each enterprise one cell beside all of its products."""
    page = batch_page(_paper(_item(0, "甲厂", "changsha"), _item(2, "乙厂"), _item(3, "乙厂"), _item(4, "丙厂", "xiangtan")))
    assert re.findall("<h2>([^<]*)</h2>", page) == [
        "一、长沙市（1 家企业，1 个产品）",
        "二、株洲市（1 家企业，2 个产品）",
        "三、湘潭市（1 家企业，1 个产品）",
    ]
    assert page.count('rowspan="2">乙厂<br>') == 1
    assert page.count('rowspan="1">') == 6
    assert "共 3 家企业、4 个产品" in page
    assert "（第十二批）" in page
    assert "同等条件下优先" in page
    assert re.findall("<div>(..市)[^<]*<br>签章", page) == ["长沙市", "株洲市", "湘潭市"]


def test_what_changed_since_is_said_beside_the_product() -> None:
    """The event, where it is in the log, and the status that a reader must not take for recognised."""
    paper = _paper(
        _item(0, "甲厂"), _item(2, "乙厂", changed=[CHANGE], status="lapsed", disputed=True), _item(4, "丙厂", state_hash="0")
    )
    page = batch_page(paper)
    assert "公布后：撤销（日志第 44 条）；现状态：失效；有异议" in page
    assert "公布后：与批次所记散列不符" in page
    assert page.count("公布后：") == 2
    said = paper.as_json()
    assert (said["changed"], said["unlike"]) == ([f"{2:020x}"], [f"{4:020x}"])


@pytest.mark.parametrize("url", ["", "https://czt.example.org/app"])
def test_the_code_says_where_it_leads(url: str) -> None:
    """With a public address to the batch's page; without one it holds what finds the proof, and the paper says so."""
    paper = _paper(_item(0, "甲厂"), url=url)
    page = batch_page(paper)
    if url:
        assert (paper.code.text, paper.code.leads) == (f"{url}/batches/12", True)
        assert f"扫码查看本批的证明：{url}/batches/12" in page
    else:
        assert (paper.code.text, paper.code.leads) == ("czt.local/shared-store\n60\nAAAA\nbatch 12\n", False)
        assert "扫码不打开网页" in page
    assert page.count("<svg") == 1


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (103, "一百零三"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (2010, "二千零一十"),
    ],
)
def test_batches_are_counted_as_official_papers_do(number: int, words: str) -> None:
    """第十批, not 第一十批; one 零 for a gap, none at the end."""
    assert chinese_number(number) == words
