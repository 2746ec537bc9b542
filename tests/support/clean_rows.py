"""Rows of a catalogue with nothing wrong, each another firm, product and certificate."""

import random
from datetime import date
from typing import Any

from schemas import uscc
from schemas.city import City
from tests.support.dirty_cases import DISTRICTS, PREFIXES, SYLLABLES, Clean

PRODUCTS = ("节能风机", "永磁电机", "高效水泵", "空压机", "LED路灯", "再生骨料砖", "污水处理设备", "储能变流器", "智能配电箱")
CATEGORIES = ("通用设备", "环保设备", "新型建材", "新能源装备")
STANDARDS = ("GB 18613-2020", "GB/T 7251.12-2013", "Q/LH 001-2020", "HJ 2521-2012")


class Firms:
    """Clean rows, each another firm, product and certificate."""

    def __init__(self, rng: random.Random, city: City) -> None:
        self.rng = rng
        self.city = city
        self._made = rng.randrange(100, 900) * 100

    def number(self) -> str:
        """The next certificate number."""
        self._made += 1
        return f"{PREFIXES[self.city]}-{self._made:05d}"

    def clean(self) -> dict[str, Any]:
        """A row with nothing wrong."""
        number = self.number()
        serial = self._made
        district = self.rng.choice(sorted(DISTRICTS[self.city]))
        name = "".join(SYLLABLES[int(digit) * 2 + self.rng.randrange(2)] for digit in f"{serial:05d}")
        return {
            "seq": serial % 1000,
            "enterprise_name": f"{self.city.zh[:2]}例{name}有限公司",
            "uscc": uscc.complete(f"91{self.city.code[:4]}{self.rng.choice(['02', '03'])}", f"DEM{serial:05d}"),
            "district": district,
            "product_name": self.rng.choice(PRODUCTS),
            "models": f"FJ-{serial}",
            "category": self.rng.choice(CATEGORIES),
            "standards": self.rng.choice(STANDARDS),
            "certificate_no": number,
            "batch": "2020年第一批",
            "valid_from": date(2020, 12, 15),
            "valid_to": date(2023, 12, 14),
            "status": "有效",
            "person": "测试联系人",
            "phone": f"123{serial:08d}",
            "remark": None,
        }

    def entry(self, cells: Clean) -> dict[str, Any]:
        """What the register holds of a clean row."""
        same = ("certificate_no", "uscc", "enterprise_name", "product_name", "category")
        return {name: cells[name] for name in same} | {
            "register_city": self.city.code,
            "batch": "2020-1",
            "district_code": DISTRICTS[self.city][cells["district"]],
            "models": [cells["models"]],
            "standards": [cells["standards"]],
            "valid_from": "2020-12-15",
            "valid_to": "2023-12-14",
            "source_status": "active",
        }
