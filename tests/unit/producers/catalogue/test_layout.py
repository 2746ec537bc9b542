"""Finding header, data and the rest in sheets of other shapes."""

import io
import random
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.unit.producers.catalogue.catalogues import (
    LABELS,
    OTHER_LABELS,
    TITLE,
    Touch,
    accepted,
    csv_bytes,
    grid,
    read,
    row,
    xlsx,
)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("labels", [LABELS, OTHER_LABELS], ids=["usual", "other"])
def test_columns_in_any_order_and_wording(labels: dict[str, str], seed: int) -> None:
    """Columns are found by what they are called, in any order."""
    fields = list(labels)
    random.Random(seed).shuffle(fields)
    cells = grid([row(1), row(2)], {field: labels[field] for field in fields})
    for report in (read(xlsx(cells)), read(csv_bytes(cells), "目录.csv")):
        assert [one.outcome for one in report.rows] == ["accept", "accept"], report.rows
        assert report.extra_columns == ()
        entry = accepted(report.rows[1])
        assert (entry.enterprise_name, entry.category, entry.models) == (
            row(2)["enterprise_name"],
            "通用设备",
            ("FJ-2",),
        )
        assert [(one.row, one.reason) for one in report.layout] == [(1, "title_row"), (2, "header_1")]


def test_extra_columns_are_named_and_kept_out() -> None:
    """A column nobody asked for is named in the report, its values are not; contact columns are not even named."""
    labels = {**LABELS, "profit": "年利润（万元）", "mail": "电子邮箱"}
    report = read(xlsx(grid([row(1) | {"profit": "七百万", "mail": "someone@example.test"}], labels)))
    assert report.extra_columns == ("年利润（万元）",)
    assert "七百万" not in repr(report)
    assert "someone" not in repr(report)
    assert "联系" not in repr(report)


def _at(**values: Any) -> list[Any]:
    return [values.get(field) for field in LABELS]


def _two_row_header(rows: list[dict[str, Any]]) -> tuple[list[list[Any]], Touch]:
    top: list[Any] = ["序号", "企业", "", "", "产品信息", "", "认定", "", "有效期", "", "状态", "联系方式", "", "备注"]
    low: list[Any] = [
        "",
        "名称",
        "统一社会信用代码",
        "区县",
        "名称",
        "型号",
        "编号",
        "批次",
        "起",
        "止",
        "",
        "姓名",
        "电话",
        "",
    ]
    fields = ["seq", "enterprise_name", "uscc", "district", "product_name", "models", "certificate_no", "batch"]
    fields += ["valid_from", "valid_to", "status", "person", "phone", "remark"]
    cells = [["长沙市目录"], ["填报日期：2021年7月16日"], top, low, *([one.get(f) for f in fields] for one in rows)]

    def touch(sheet: Any) -> None:
        for merged in ("A1:N1", "A2:N2", "A3:A4", "B3:D3", "E3:F3", "G3:H3", "I3:J3", "K3:K4", "L3:M3", "N3:N4"):
            sheet.merge_cells(merged)

    return cells, touch


def test_two_row_header_with_split_labels() -> None:
    """A label may need the group above it to mean something."""
    cells, touch = _two_row_header([row(1)])
    for report in (read(xlsx(cells, touch)), read(csv_bytes(cells), "目录.csv")):
        entry = accepted(report.rows[0])
        assert (entry.valid_to, entry.product_name) == (date(2023, 12, 14), row(1)["product_name"])
        assert [one.reason for one in report.layout] == ["title_row", "meta_row", "header_1", "header_2"]
        assert report.filed_on == date(2021, 7, 16)
        assert "12300000001" not in repr(report)


ENGLISH = ["No.", "Enterprise", "USCC", "District", "Product", "Model", "Category", "Standard", "Certificate No."]
CONTACT_SPLIT = {**LABELS, "person": "联系方式", "phone": ""}


@pytest.mark.parametrize(
    ("labels", "below"),
    [
        (LABELS, {"enterprise_name": "（全称）", "uscc": "（18位）", "valid_to": "（年/月/日）"}),
        (LABELS, {"enterprise_name": "必填", "uscc": "必填", "remark": "选填"}),
        (LABELS, {"uscc": "18位", "valid_from": "yyyy-mm-dd", "valid_to": "格式：2021-07-16"}),
        (LABELS, dict(zip(LABELS, ENGLISH, strict=False))),
        (CONTACT_SPLIT, {"person": "姓名", "phone": "电话"}),
        (LABELS, dict(zip(LABELS, [*"甲乙丙丁", 1, 2, 3, 4], strict=False))),
    ],
    ids=["brackets", "required", "forms", "english", "contact", "numbered"],
)
def test_rows_that_explain_the_labels(labels: dict[str, str], below: dict[str, Any]) -> None:
    """They are header, where they stand first and where they are repeated, though they name no column more."""
    note = [below.get(field) for field in labels]
    cells = grid([row(1)], labels)
    cells = [*cells[:2], note, *cells[2:], cells[1], note, *grid([row(2)], labels)[2:]]
    for report in (read(xlsx(cells)), read(csv_bytes(cells), "目录.csv")):
        assert [one.reason for one in report.layout] == ["title_row", "header_1", "header_2", "header_1", "header_2"]
        assert [accepted(one).certificate_no for one in report.rows] == ["CSLX-00001", "CSLX-00002"]


def test_groups_that_are_not_merged() -> None:
    """A group's label covers the blanks to its right, in a workbook as well."""
    groups = [
        *("序号", "企业名称", "统一社会信用代码", "所属区县", "产品信息", "", "", ""),
        *("认定编号", "批次", "有效期", "", "状态"),
    ]
    labels = [*("", "", "", "", "名称", "型号", "类别", "执行标准"), *("", "", "起", "止", "")]
    fields = [field for field in LABELS if field not in ("person", "phone", "remark")]
    cells = [[TITLE], groups, labels, [row(1)[field] for field in fields]]
    for report in (read(xlsx(cells)), read(csv_bytes(cells), "目录.csv")):
        entry = accepted(report.rows[0])
        assert (entry.product_name, entry.valid_from) == (row(1)["product_name"], date(2020, 12, 15))


@pytest.mark.parametrize(
    "signature",
    [
        [_at(valid_to="长沙市工业和信息化局"), _at(valid_to="2021年7月16日")],
        [_at(seq="制表：某某", uscc="审核：某某"), _at(status="（盖章）")],
        [_at(enterprise_name="长沙市工业和信息化局（盖章）")],
    ],
)
def test_signatures_below_the_table(signature: list[list[Any]]) -> None:
    """A bureau's name, the day and who drew up the table are notes; a row in their place that names a product is data."""
    assert [one.reason for one in read(xlsx([*grid([row(1)]), *signature])).layout][2:] == ["footer_note"] * len(signature)
    assert read(xlsx([*grid([row(1)]), _at(product_name="节能风机")])).totals["reject"] == 1


def test_repeated_header_is_known_again() -> None:
    """Both rows of a header, repeated on the next page, are header rows again."""
    cells, touch = _two_row_header([row(1)])
    cells += [cells[2], cells[3], ["长沙市目录"], ["", ""]]
    report = read(csv_bytes(cells), "目录.csv")
    assert [one.reason for one in report.layout][4:] == ["header_1", "header_2", "title_row", "blank_row"]
    assert len(read(xlsx(cells, touch)).rows) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_at(seq="小计", product_name="2个产品"), "subtotal_row"),
        (_at(seq="通用设备小计：2个产品"), "subtotal_row"),
        (_at(enterprise_name="本页合计", product_name=2), "subtotal_row"),
        (_at(seq="合 计", enterprise_name="共1家企业", product_name="2个产品"), "footer_total"),
        (_at(seq="总计：1家企业2个产品"), "footer_total"),
        (_at(seq="注：有效期届满前可申请复核。"), "footer_note"),
        (_at(seq="填报人：某某", product_name="审核人：某某"), "footer_note"),
        (_at(seq="（二）环保设备"), "section_heading"),
        (_at(seq="环保设备类"), "section_heading"),
        (_at(), "blank_row"),
        (_at(seq=" ", remark="\u3000"), "blank_row"),
        (_at(seq=8), "blank_row"),
        (list(LABELS.values()), "header_1"),
        ([f"（{number}）" for number in range(1, len(LABELS) + 1)], "header_2"),
        (["长沙市两型产品目录"], "title_row"),
    ],
)
def test_row_between_data(line: list[Any], reason: str) -> None:
    """What stands between rows of data for the eye is layout, in a workbook and in CSV."""
    cells = grid([row(1)])
    cells += [line, *grid([row(2)])[2:]]
    for report in (read(xlsx(cells)), read(csv_bytes(cells), "目录.csv")):
        assert [one.outcome for one in report.rows] == ["accept", "accept"]
        assert (report.layout[-1].row, report.layout[-1].reason) == (4, reason)


def test_row_of_data_that_lacks_nearly_everything_stays_data() -> None:
    """A row with a product and no number is sent back, not passed over."""
    cells = [*grid([row(1)]), _at(enterprise_name="长沙例某有限公司", product_name="合计流量仪", models="HJ-1")]
    report = read(xlsx(cells))
    assert report.rows[1].outcome == "reject"
    assert "certificate_missing" in report.rows[1].reasons


def test_last_lone_text_is_a_note() -> None:
    """Below the last data row a lone text heads nothing."""
    report = read(xlsx([*grid([row(1)]), ["本目录由某处整理"]]))
    assert report.layout[-1].reason == "footer_note"


@pytest.mark.parametrize(
    ("footer", "declared"),
    [
        (_at(seq="合计", enterprise_name="共21家企业", product_name="34个产品"), 34),
        (_at(seq="合计：共21家企业、34项产品"), 34),
        (_at(seq="合计", product_name=34), 34),
        (_at(seq="总计", enterprise_name="21家", product_name="34"), 34),
        (_at(seq="合计", enterprise_name="企业21家，产品1,234个"), 1234),
        (_at(seq="合计"), None),
    ],
)
def test_control_total(footer: list[Any], declared: int | None) -> None:
    """The footer's product count stands against the data rows, copies included."""
    report = read(xlsx([*grid([row(1), row(1), row(2)]), footer]))
    found = report.control_total
    assert (found.declared, found.counted) == (declared, 3) if found else declared is None


def test_csv_rows_are_numbered_by_the_line_they_begin_on() -> None:
    """A line break inside a cell moves the lines below, as in an editor."""
    report = read(csv_bytes(grid([row(1, models="A-1\nB-2"), row(2)])), "目录.csv")
    assert [one.row for one in report.rows] == [3, 5]
    assert report.sheet is None


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_csv_in_every_dress(encoding: str, delimiter: str) -> None:
    """Encoding and delimiter are found out."""
    report = read(csv_bytes(grid([row(1)]), encoding, delimiter), "目录.csv")
    assert accepted(report.rows[0]).enterprise_name == row(1)["enterprise_name"]


@pytest.mark.parametrize(
    "meta",
    [
        ["填报单位：某局    填报日期：2021年7月16日"],
        ["填报日期", "2021-7-16"],
        ["填报日期：", date(2021, 7, 16)],
        ["数据截至2021.7.16"],
        ["（导出时间：2021/7/16）"],
    ],
)
def test_filed_on(meta: list[Any]) -> None:
    """The day of filing is found however it is written."""
    cells = grid([row(1)])
    assert read(xlsx([cells[0], meta, *cells[1:]])).filed_on == date(2021, 7, 16)


def test_no_filing_day() -> None:
    """Where none is written, none is made up."""
    assert read(xlsx(grid([row(1)]))).filed_on is None


def test_epoch_of_the_workbook() -> None:
    """A serial number counts from the workbook's own epoch."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for line in grid([row(1, valid_from=42794, valid_to=date(2024, 2, 29))]):
        book.worksheets[0].append(line)
    out = io.BytesIO()
    book.save(out)
    entry = accepted(read(out.getvalue()).rows[0])
    assert (entry.valid_from, entry.valid_to) == (date(2021, 3, 1), date(2024, 2, 29))


def test_hidden_sheets_and_sheets_without_a_header_do_not_matter() -> None:
    """A list of words on a hidden sheet, or an explanation, is not a catalogue."""
    book = load_workbook(io.BytesIO(xlsx(grid([row(1)]), sheets=("说明", "目录", "旧"))))
    book["说明"].delete_rows(1, 9)
    book["说明"]["A1"] = "填表说明"
    book["旧"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    report = read(out.getvalue())
    assert report.sheet == "目录"
    assert [one.outcome for one in report.rows] == ["accept"]
