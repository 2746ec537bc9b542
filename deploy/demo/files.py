"""The demo's papers: three cities' catalogues, a later edition of one, an assessment sheet. All firms are invented."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from deploy.cities.read import read_cities
from deploy.joint.sheet import COLUMNS, CRITERION_COLUMNS
from schemas.city import City

SHARED_NUMBER = "XTLX-00190"
"""Under this number Xiangtan lists a product that Changsha lists too."""
_FREE_ROW = 13
"""A blank row of the sample between two sections."""
_SHARED_ROW: tuple[int | str | date, ...] = (
    36,
    "长沙例渌电梯有限公司",
    "91430102DEM0044104",
    "岳塘区",
    "浅基坑乘客电梯",
    "TKJ1000/1.75-QK",
    "电梯",
    "GB 7588-2003",
    SHARED_NUMBER,
    "2021年第一批",
    date(2021, 3, 1),
    date(2024, 2, 29),
    "有效",
)
ALIKE_NUMBER, ALIKE_TO = "ZZLX-00190", "CSLX-00129"
"""Under these numbers Zhuzhou and Changsha list what may be one product: only the name differs.

Changsha's listing is the one that its later edition changes, so it spoke last, or in the same second, and is the one shown.
"""
_ALIKE_ROW: tuple[int | str | date, ...] = (
    36,
    "长沙例天电机有限公司",
    "91430104DEM0045257",
    "荷塘区",
    "高效节能异步电机",
    "YE3-80M1-2、YE3-90S-4、YE3-100L1-4、YE3-112M-4",
    "通用设备",
    "GB 18613-2020",
    ALIKE_NUMBER,
    "2021年第一批",
    date(2021, 3, 1),
    date(2024, 2, 29),
    "有效",
)
_ADDED = {"xiangtan": _SHARED_ROW, "zhuzhou": _ALIKE_ROW}
EXPIRING_NUMBER, LAST_DAY, DAY_AFTER = "ZZLX-00148", "2021-07-22", "2021-07-23"
"""A listing of Zhuzhou's sample, its last valid day, and the day from which the city renews it for three years."""
CHANGED_NUMBER, WITHDRAWN_NUMBER = "CSLX-00129", "CSLX-00139"
"""What Changsha's later edition changes: one gets a further model, one is withdrawn."""


CITIES = {city.word: city for city in read_cities()}
"""The demo's cities: those that come with the program."""


def _sheet(path: Path, city: str) -> tuple[Workbook, Worksheet]:
    with as_file(files("deploy.demo") / "catalogues" / f"{city}.xlsx") as original:
        book = load_workbook(original)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = book.worksheets[0]
    return book, sheet


def write_catalogues(directory: Path) -> dict[City, Path]:
    """One workbook a city; two get one more row: a product that Changsha lists as well, and one that may be Changsha's."""
    written = {}
    for city in CITIES.values():
        path = directory / f"{city.word}.xlsx"
        book, sheet = _sheet(path, city.word)
        for column, value in enumerate(_ADDED.get(city.word, ()), start=1):
            sheet.cell(_FREE_ROW, column, value)
        book.save(path)
        written[city] = path
    return written


def write_later_edition(directory: Path) -> Path:
    """Changsha's catalogue a week later: a further model for one entry, another one withdrawn."""
    path = directory / "changsha-2021-07-23.xlsx"
    book, sheet = _sheet(path, "changsha")
    _replace(sheet, "填报日期：2021年7月16日", "填报日期：2021年7月23日")
    columns = _columns(sheet)
    for row in sheet.iter_rows(min_row=5):
        number = row[columns["认定编号"]].value
        if number == CHANGED_NUMBER:
            row[columns["规格型号"]].value = f"{row[columns['规格型号']].value}、YE3-112M-4"
        elif number == WITHDRAWN_NUMBER:
            row[columns["状态"]].value = "已撤销"
            sheet.cell(row[0].row or 1, 16, "企业自愿申请退出")
    book.save(path)
    return path


def write_renewal(directory: Path) -> Path:
    """Zhuzhou's catalogue after it renewed one entry, from the day after its last."""
    path = directory / "zhuzhou-2021-07-23.xlsx"
    book, sheet = _sheet(path, "zhuzhou")
    for column, value in enumerate(_ALIKE_ROW, start=1):
        sheet.cell(_FREE_ROW, column, value)
    _replace(sheet, "填报日期：2021年7月16日", "填报日期：2021年7月23日")
    columns = _columns(sheet)
    begins = date.fromisoformat(DAY_AFTER)
    for row in sheet.iter_rows(min_row=5):
        if row[columns["认定编号"]].value == EXPIRING_NUMBER:
            row[columns["发证日期"]].value = begins
            row[columns["有效期至"]].value = begins.replace(year=begins.year + 3) - timedelta(days=1)
    book.save(path)
    return path


def _replace(sheet: Worksheet, old: str, new: str) -> None:
    for row in sheet.iter_rows(max_row=4):
        for cell in row:
            if isinstance(cell.value, str) and old in cell.value:
                cell.value = cell.value.replace(old, new)


def _columns(sheet: Worksheet) -> Mapping[str, int]:
    header = next(row for row in sheet.iter_rows(max_row=10) if any(cell.value == "认定编号" for cell in row))
    return {str(cell.value): index for index, cell in enumerate(header)}


def write_assessments(path: Path, listings: Sequence[Mapping[str, Any]], fails: Sequence[str]) -> Path:
    """A sheet on which each listing meets everything, but those numbered in `fails` miss 环保 (environment)."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a sheet")
    sheet.append(list(COLUMNS))
    for listing in listings:
        answers = dict.fromkeys(CRITERION_COLUMNS, "是") | {"品牌影响": ""}
        if listing["certificate_no"] in fails:
            answers["环保"] = "否"
        values = {
            "认定编号": listing["certificate_no"],
            "城市": CITIES[listing["city"]].zh,
            **answers,
            "依据": "联席会议第一次会议纪要",
            "评审人": "评审组",
            "日期": "2021-07-22",
        }
        sheet.append([values[name] for name in COLUMNS])
    book.save(path)
    return path
