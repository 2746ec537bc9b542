"""A batch as a workbook: the same content as the page, one product a row. Nothing in it is ever a formula."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from deploy.cities.read import Cities
from deploy.papers.batch_paper import BatchPaper, Item
from deploy.papers.page import LONGEST, chinese_day, chinese_number
from deploy.words import WORDS
from schemas.text import printable

COLUMNS = {
    "序号": 6,
    "企业名称": 32,
    "统一社会信用代码": 22,
    "产品名称": 28,
    "规格型号": 30,
    "产品类别": 18,
    "列入城市": 16,
    "认定编号": 18,
    "有效期起": 14,
    "有效期止": 14,
    "公布后的变化": 34,
    "产品标识": 24,
}
"""Heads and widths in characters."""


def write_batch_sheet(file: Path, paper: BatchPaper) -> None:
    """Write the workbook: heading, head row, a row a product. Raises OSError."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = f"第{chinese_number(paper.number)}批"
    for row, text in enumerate(_heading(paper), start=1):
        _put(sheet, row, 1, text)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(COLUMNS))
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    head = sheet.max_row + 1
    for column, (name, width) in enumerate(COLUMNS.items(), start=1):
        _put(sheet, head, column, name)
        sheet.cell(head, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, item in enumerate(paper.items, start=1):
        sheet.cell(head + number, 1, number)
        for column, text in enumerate(_row(item, paper.cities), start=2):
            _put(sheet, head + number, column, text)
    _lay_out(sheet, head)
    book.save(file)


def _heading(paper: BatchPaper) -> list[str]:
    return [
        f"长株潭两型产品互认目录（第{chinese_number(paper.number)}批）",
        f"{paper.document}　主办：{paper.host.zh}　{chinese_day(paper.day)}",
        f"{paper.enterprises} 家企业，{len(paper.items)} 个产品。{WORDS['preference'][0]}",
        f"内容取自审计日志 {paper.proof.origin} 的 {paper.log_size} 条时，第 {paper.audit_index} 条为公布决定。",
    ]


def _row(item: Item, cities: Cities) -> list[str]:
    drawn, listings = item.drawn, item.drawn.listings
    return [
        drawn.enterprise_name,
        drawn.uscc,
        drawn.product_name,
        "、".join(drawn.models),
        drawn.category or "",
        "；".join(cities.zh(one["city"]) for one in listings),
        "；".join(one["certificate_no"] for one in listings),
        "；".join(one["valid_from"] for one in listings),
        "；".join(one["valid_to"] for one in listings),
        "；".join(item.remarks),
        drawn.product_key,
    ]


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A cell that is text whatever it begins with: typed as text, and marked so for whoever edits it."""
    cell = sheet.cell(row, column)
    cell.value = printable(text, LONGEST)
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def _lay_out(sheet: Worksheet, head: int) -> None:
    """A4 across, as wide as the paper, the head row on every page, page numbers below."""
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.center.text = "第 &P 页，共 &N 页"
    sheet.HeaderFooter.oddFooter = footer
