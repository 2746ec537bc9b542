"""Catalogues laid out in other ways than the samples, each with its key: where every row is, and what must become of it.

The key comes from what was put in: the entry of a clean row, however its cells were written, and the code of a layout row.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.city import City
from tests.support.clean_rows import Firms

LABELS: Mapping[str, Sequence[str]] = {
    "seq": ("序号", "序 号", "No.", "项次"),
    "enterprise_name": ("企业名称", "申报单位（全称）", "企 业 名 称", "获证\n企业", "*生产企业名称"),
    "uscc": ("统一社会信用代码", "统一社会\n信用代码", "社会信用代码（18位）", "企业统一社会信用代码*", "统一社会信用代码【必填】"),
    "district": ("所属区县", "所在县（市、区）", "所属　区县", "属地", "县市区"),
    "product_name": ("产品名称", "两型产品名称", "产品\n名称", "获证产品名称（全称）", "产品名称*"),
    "models": ("规格型号", "型号/规格", "规格、型号", "产品型号（规格）", "型 号"),
    "category": ("产品类别", "产品 分类", "所属领域", "类别（大类）", "产品种类"),
    "standards": ("执行标准", "产品执行标准号", "标准编号", "执行标准（编号）", "采用标准"),
    "certificate_no": ("认定编号", "证书编号", "两型产品\n证书编号", "证书号（编号）", "认定证书编号"),
    "batch": ("批次", "认定批次", "公布批次", "批 次", "入选批次"),
    "valid_from": ("发证日期", "有效期起始日期", "颁证\n日期", "认定日期（年月日）", "生效日期"),
    "valid_to": ("有效期至", "有效期截止日期", "有效\n期至", "证书到期日", "有效期止（含当日）"),
    "status": ("状态", "证书状态", "当前 状态", "目录状态", "有效状态"),
    "person": ("联系人", "企业联系人", "姓名（联系人）", "经办人", "联络人"),
    "phone": ("联系电话", "手机", "电话（手机）", "联系方式", "固定电话"),
    "remark": ("备注", "备 注", "备注说明", "其他说明", "说明"),
}
"""Of each column, the words it is found under, with blanks, line breaks, brackets and stars in them."""

DAYS: Sequence[Callable[[date], Any]] = (
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year}.{day.month:02d}.{day.day:02d}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f" {day.isoformat()} ",
    lambda day: f"{day.isoformat()} 00:00:00",
    lambda day: int(f"{day:%Y%m%d}"),
    lambda day: day,
)


@dataclass(frozen=True)
class Shaped:
    """`lines` as (what it is, its cells): a layout code, or the entry that must come of it."""

    city: City
    lines: Sequence[tuple[str | Mapping[str, Any], Sequence[Any]]]


class _Shape:
    """What the shapes share: firms, columns in an order of their own, and the ways cells are written in this file."""

    def __init__(self, seed: int, city: City) -> None:
        self.rng = random.Random(f"{seed} {city.word}")
        self.firms = Firms(self.rng, city)
        self.city = city
        self.fields = list(LABELS)
        self.rng.shuffle(self.fields)
        self.labels = {field: self.rng.choice(LABELS[field]) for field in LABELS}
        self.lines: list[tuple[str | Mapping[str, Any], Sequence[Any]]] = []
        self.counted = 0

    def title(self) -> None:
        """The title and who filed it."""
        self.add("title_row", [f"{self.city.zh}两型产品（服务）目录"])

    def add(self, kind: str, cells: Sequence[Any]) -> None:
        """A row of layout."""
        self.lines.append((kind, cells))

    def at(self, **values: Any) -> list[Any]:
        """Cells by field."""
        return [values.get(field) for field in self.fields]

    def data(self, **without: Any) -> None:
        """A clean row, written in one of the ways people write it. `without`: cells that this shape leaves to others."""
        cells = self.firms.clean() | without
        entry = self.firms.entry(self.firms.clean() | cells)
        entry |= {name: value for name, value in without.items() if name in entry}
        cells["valid_from"], cells["valid_to"] = (self.rng.choice(DAYS)(cells[name]) for name in ("valid_from", "valid_to"))
        if self.rng.random() < 0.3:
            more = f"{cells['models']}/B", f"{cells['models']}（防爆）"
            entry["models"] = [*entry["models"], more[0], f"{cells['models']}(防爆)"]
            cells["models"] = self.rng.choice(["、", "；", ";", "；\n"]).join((cells["models"], *more))
        if self.rng.random() < 0.3:
            cells["remark"] = f"咨询电话{cells['phone']}"
            entry["remark"] = "咨询电话***"
        if self.rng.random() < 0.3:
            cells["seq"] = str(cells["seq"])
        self.counted += 1
        self.lines.append((entry, [cells.get(field) for field in self.fields]))

    def done(self) -> Shaped:
        """The catalogue."""
        return Shaped(self.city, self.lines)


def pages(seed: int, city: City) -> Shaped:
    """Printed pages: title, filing line, header and its notes on each, a subtotal under each, signatures at the end."""
    shape = _Shape(seed, city)
    header = shape.at(**shape.labels)
    notes = shape.at(uscc="（18位）", valid_from="（年/月/日）", valid_to="yyyy-mm-dd", remark="选填")
    filed = [f"填报单位：{city.zh}工业和信息化局", None, None, "填报日期：2021年7月16日", None, None, "单位：个"]
    for number in range(1, 4):
        shape.title()
        shape.add("meta_row", filed)
        shape.add("header_1", header)
        shape.add("header_2", notes)
        for _ in range(shape.rng.randint(3, 6)):
            shape.data()
        shape.add("subtotal_row", [f"本页小计：{number}"])
        shape.add("footer_note", [f"第{number}页，共3页"])
    shape.add("footer_total", [f"合计：共{shape.counted}个产品"])
    shape.add("footer_note", ["制表人：测试甲", None, None, "审核人：测试乙"])
    shape.add("footer_note", [None] * 9 + [f"{city.zh}工业和信息化局（盖章）"])
    shape.add("footer_note", [None] * 9 + ["2021年7月16日"])
    return shape.done()


def sections(seed: int, city: City) -> Shaped:
    """One line of labels, categories as rows of their own, a total, a note."""
    shape = _Shape(seed, city)
    shape.fields.remove("seq")
    shape.fields.insert(0, "seq")
    shape.title()
    shape.add("header_1", shape.at(**shape.labels))
    for number, name in enumerate(shape.rng.sample(["通用设备", "环保设备", "新型建材", "新能源装备"], 3)):
        heading = shape.rng.choice(
            [f"{'一二三'[number]}、{name}", f"（{'一二三'[number]}）{name}类", name, f"{number + 1}. {name}"]
        )
        shape.add("section_heading", [heading])
        for _ in range(shape.rng.randint(2, 5)):
            shape.data(category=None)
        shape.add("blank_row", [None, " ", None, "\u3000"])
    shape.add("footer_total", shape.at(seq="总计", product_name=shape.counted))
    shape.add("footer_note", ["说明：本目录由市工业和信息化局负责解释。"])
    return shape.done()


def groups(seed: int, city: City) -> Shaped:
    """Two lines of labels, the upper one of groups that nobody merged; the order of the groups is another each time."""
    shape = _Shape(seed, city)
    blocks = {
        "序号": {"seq": ""},
        "企业": {"enterprise_name": "名称", "uscc": "统一社会信用代码", "district": "所属区县"},
        "产品": {"product_name": "名称", "models": "型号", "category": "类别", "standards": "执行标准"},
        "证书": {"certificate_no": "编号", "batch": "批次", "status": "状态"},
        "有效期": {"valid_from": "起", "valid_to": "止"},
        "联系方式": {"person": "姓名", "phone": "电话"},
        "备注": {"remark": ""},
    }
    order = list(blocks)
    shape.rng.shuffle(order)
    shape.fields = [field for name in order for field in blocks[name]]
    shape.title()
    shape.add("header_1", [name if place == 0 else None for name in order for place, _ in enumerate(blocks[name])])
    shape.add("header_2", [label or None for name in order for label in blocks[name].values()])
    for _ in range(shape.rng.randint(6, 12)):
        shape.data()
    shape.add("footer_total", [f"共计{shape.counted}项产品"])
    return shape.done()


SHAPES: Mapping[str, Callable[[int, City], Shaped]] = {"pages": pages, "sections": sections, "groups": groups}
