"""Catalogues of the real size, all invented: 150 enterprises with 263 products, and those that a rolling second batch adds.

The numbers of the whole are those of the first batch of July 2021; how they spread over the cities and firms is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

from schemas import uscc
from schemas.city import City


@dataclass(frozen=True, slots=True)
class Share:
    """How many enterprises and products a city has in a batch."""

    enterprises: int
    products: int


FIRST = {"changsha": Share(68, 121), "zhuzhou": Share(47, 82), "xiangtan": Share(35, 60)}
SECOND = {"changsha": Share(17, 27), "zhuzhou": Share(12, 19), "xiangtan": Share(9, 14)}
"""A second batch: other enterprises, published in the same year."""

HEAD = (
    *("序号", "企业名称", "统一社会信用代码", "所属区县", "产品名称", "规格型号", "产品类别", "执行标准"),
    *("认定编号", "批次", "发证日期", "有效期至", "状态"),
)
_PREFIXES = {"changsha": "CSLX", "zhuzhou": "ZZLX", "xiangtan": "XTLX"}
_DISTRICTS = {
    "changsha": ("芙蓉区", "岳麓区", "长沙县", "浏阳市"),
    "zhuzhou": ("荷塘区", "天元区", "攸县", "醴陵市"),
    "xiangtan": ("雨湖区", "岳塘区", "湘潭县", "韶山市"),
}
_SYLLABLES = "云雨石川江林松竹兰星辰海天宇泰华瑞安和"
_LINES = (
    ("环保设备", "一体化污水处理设备", "WSZ-AO", "HJ 2521-2012"),
    ("通用设备", "高效节能异步电动机", "YE4", "GB 18613-2020"),
    ("新能源装备", "储能变流器", "PCS", "GB/T 34120-2017"),
    ("轨道交通装备", "永磁同步牵引电机", "YQ", "GB/T 25123.4-2015"),
    ("新型建材", "再生骨料混凝土砌块", "RB", "GB/T 25177-2010"),
    ("电气设备", "智能配电箱", "XL", "GB/T 7251.12-2013"),
    ("通用设备", "磁悬浮离心鼓风机", "CG", "GB/T 28381-2012"),
)
_ISSUED = (date(2019, 3, 1), date(2020, 6, 1), date(2020, 12, 15), date(2021, 3, 1))
_FIRST_BODY = {"changsha": 2000, "zhuzhou": 4000, "xiangtan": 6000}
"""Bodies `DEM0nnnn` of the codes: no real organisation has them."""


def write_edition(directory: Path, city: City, *, second: bool) -> Path:
    """A city's catalogue: of the first batch, or the later edition that also holds what the second adds."""
    filed = "2021年10月15日" if second else "2021年7月16日"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"{city.zh}现行有效两型产品目录"])
    sheet.append([f"填报单位：{city.zh}工业和信息化局（盖章）        填报日期：{filed}"])
    sheet.append(list(HEAD))
    for number, row in enumerate(rows(city, second=second), start=1):
        sheet.append([number, *(row[name] for name in HEAD[1:])])
    path = directory / f"{city.word}-{'second' if second else 'first'}.xlsx"
    directory.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def rows(city: City, *, second: bool) -> Iterator[Mapping[str, str | date]]:
    """The rows by column, enterprise by enterprise."""
    yield from _rows(city, FIRST[city.word], 0, 0)
    if second:
        yield from _rows(city, SECOND[city.word], FIRST[city.word].enterprises, FIRST[city.word].products)


def _rows(city: City, share: Share, firms_before: int, products_before: int) -> Iterator[Mapping[str, str | date]]:
    made = products_before
    for firm in range(share.enterprises):
        has = share.products // share.enterprises + (firm < share.products % share.enterprises)
        for place in range(has):
            yield _enterprise(city, firms_before + firm) | _product(city, firms_before + firm, place, made)
            made += 1


def _enterprise(city: City, firm: int) -> dict[str, str | date]:
    one, two = divmod(firm, len(_SYLLABLES))
    district = _DISTRICTS[city.word][firm % len(_DISTRICTS[city.word])]
    return {
        "企业名称": f"{city.zh[:2]}例{_SYLLABLES[one]}{_SYLLABLES[two]}科技有限公司",
        "统一社会信用代码": uscc.complete(f"91{city.code[:4]}02", f"DEM0{_FIRST_BODY[city.word] + firm:04d}"),
        "所属区县": district,
    }


def _product(city: City, firm: int, place: int, made: int) -> dict[str, str | date]:
    category, name, model, standard = _LINES[(firm + place) % len(_LINES)]
    issued = _ISSUED[firm % len(_ISSUED)]
    return {
        "产品名称": name,
        "规格型号": f"{model}-{100 + 5 * (firm % 40)}",
        "产品类别": category,
        "执行标准": standard,
        "认定编号": f"{_PREFIXES[city.word]}-{1001 + made:05d}",
        "批次": f"{issued.year}年第一批",
        "发证日期": issued,
        "有效期至": issued.replace(year=issued.year + 3) - timedelta(days=1),
        "状态": "有效",
    }
