"""What the rows around the table say: which city filed the catalogue, when, and how many products it counts."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from producers.catalogue.dates import read_date, read_date_text
from producers.catalogue.header import Header
from producers.catalogue.layout import Layout
from producers.catalogue.sheet import Cell, CellKind, Sheet, SheetRow, squeeze
from producers.city_file import CityFile
from schemas.city import City

_FILED = r"(?:填报|填表|报送|上报|制表|编制|导出|更新|发布|统计)(?:日期|时间)|(?:数据)?(?:截至|截止)(?:日期|时间)?"
_CN = "[〇零○一二三四五六七八九十]"
_DAY = rf"(?:\d{{4}}[-年./]\d{{1,2}}[-月./]\d{{1,2}}日?|\d{{8}}|{_CN}{{4}}年{_CN}{{1,2}}月{_CN}{{1,3}}日)"
_FILED_ON = re.compile(rf"(?:{_FILED})[:为]?({_DAY})")
_FILED_LABEL = re.compile(rf"(?:.*[^\w])?(?:{_FILED})[:为]?")
_PRODUCTS = re.compile(r"(\d[\d,]{0,8})[个项种款件条](?:两型)?产品|产品(?:总数|数量|数|共计|共|计)?:?(\d[\d,]{0,8})[个项种款件条]?")
_NUMBER = re.compile(r"(?:共|计|:)*(\d[\d,]{0,8})[个项种款件条]?")

MIN_FOREIGN_ROWS = 3
"""Certificate numbers of another city that show, without a title, whose catalogue it is; fewer may be slips."""


def filed_on(sheet: Sheet, header: Header, layout: Layout, epoch: int) -> date | None:
    """The 填报日期, above the table first, else below it; None when none is written."""
    first_data = layout.data[0].number if layout.data else 0
    texts = {one.row for one in layout.layout if one.reason in ("title_row", "meta_row", "footer_note", "footer_total")}
    rows = [row for row in sheet.rows if row.number in texts]
    rows.sort(key=lambda row: (row.number > first_data, row.number))
    return next((day for row in rows for day in _days(row, epoch)), None)


def _days(row: SheetRow, epoch: int) -> Iterable[date]:
    cells = [cell for cell in row.cells if not cell.is_blank]
    for index, cell in enumerate(cells):
        said = squeeze(cell.text)
        found = _FILED_ON.search(said)
        if found is not None:
            read = read_date_text(found[1])
        elif _FILED_LABEL.fullmatch(said) and index + 1 < len(cells):
            read = read_date(cells[index + 1], epoch)
        else:
            continue
        if read.day is not None:
            yield read.day


def filed_by(sheet: Sheet, header: Header, city_file: CityFile) -> City | None:
    """The city, of those that take part, that the rows above the table name; None when they name none, or several."""
    above = "".join(squeeze(cell.text) for row in sheet.rows[: header.first] for cell in row.cells)
    cities = (city_file.city, *city_file.others)
    named = [city for city in cities if city.zh in above] or [city for city in cities if city.zh[:-1] in above]
    return named[0] if len(named) == 1 else None


def numbered_by(numbers: Sequence[str], city_file: CityFile) -> City | None:
    """The other city most certificate numbers belong to; None when it isn't clear."""
    owners = [city for number in numbers for prefix, city in city_file.other_prefixes.items() if number.startswith(prefix)]
    for city in set(owners):
        if owners.count(city) >= MIN_FOREIGN_ROWS and owners.count(city) * 2 > len(numbers):
            return city
    return None


def declared_products(sheet: Sheet, header: Header, layout: Layout) -> int | None:
    """The product count of the last footer that has one."""
    totals = {one.row for one in layout.layout if one.reason == "footer_total"}
    counts = [_products(row, header) for row in sheet.rows if row.number in totals]
    return next((count for count in reversed(counts) if count is not None), None)


def _products(row: SheetRow, header: Header) -> int | None:
    cells = [cell for cell in row.cells if not cell.is_blank]
    found = _PRODUCTS.search(" ".join(squeeze(cell.text) for cell in cells))
    if found is not None:
        return _integer(found[1] or found[2])
    below_products = row.at(header.columns.get("product_name", len(row.cells)))
    if (count := _count(below_products)) is not None:
        return count
    counts = [count for count in map(_count, cells) if count is not None]
    return counts[0] if len(counts) == 1 else None


def _count(cell: Cell) -> int | None:
    if cell.kind is CellKind.NUMBER:
        return cell.number if isinstance(cell.number, int) and 0 <= cell.number < 10**9 else None
    found = _NUMBER.fullmatch(squeeze(cell.text))
    return _integer(found[1]) if found is not None else None


def _integer(digits: str) -> int:
    return int(digits.replace(",", ""))
