"""Rows of a city's own table of products; no library is needed to make one."""

from typing import Any

from schemas.uscc import complete

TABLE = "products"


def product(number: int, **changes: Any) -> dict[str, Any]:
    """A row that is fine; each number is another firm, product and certificate."""
    row = {
        "id": number,
        "bh": f"CSLX-{number:05d}",
        "qymc": f"长沙例{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'甲乙丙丁戊己庚辛壬癸'[number // 10 % 10]}有限公司",
        "xydm": complete("91430104", f"DEM0{number:04d}"),
        "cpmc": f"节能风机{number}",
        "ggxh": f"FJ-{number}",
        "qsrq": "2020-12-15",
        "jzrq": "2023-12-14",
        "zt": "有效",
        "bz": None,
        "lxdh": "12300000001",
    }
    return row | changes
