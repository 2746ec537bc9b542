"""Districts and counties (GB/T 2260), with the names and codes that were replaced.

The table here is that of the three founding cities. A city that isn't in it brings its own, in its file; of such a city
the shared side knows no more than the form of its codes.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from schemas import text

HISTORIC = "historic_region_code"

_KINDS = "区县市"

_CURRENT = {
    "430102": "芙蓉区",
    "430103": "天心区",
    "430104": "岳麓区",
    "430105": "开福区",
    "430111": "雨花区",
    "430112": "望城区",
    "430121": "长沙县",
    "430181": "浏阳市",
    "430182": "宁乡市",
    "430202": "荷塘区",
    "430203": "芦淞区",
    "430204": "石峰区",
    "430211": "天元区",
    "430212": "渌口区",
    "430223": "攸县",
    "430224": "茶陵县",
    "430225": "炎陵县",
    "430281": "醴陵市",
    "430302": "雨湖区",
    "430304": "岳塘区",
    "430321": "湘潭县",
    "430381": "湘乡市",
    "430382": "韶山市",
}

_REPLACED = {
    "430122": ("望城县", "430112"),  # 2011
    "430123": ("浏阳县", "430181"),  # 1993
    "430124": ("宁乡县", "430182"),  # 2017
    "430219": ("醴陵市", "430281"),  # renumbered
    "430221": ("株洲县", "430212"),  # 2018
    "430222": ("醴陵县", "430281"),  # 1985
    "430306": ("韶山区", "430382"),  # 1990
    "430322": ("湘乡县", "430381"),  # 1986
}
"""Former code: its name, and the code of what it became as a whole.

Divisions that were split among others (the 郊区 of each city, the 东区 and 西区 of the eighties) are left out: nobody
can say from the name alone where a firm would be now.
"""

_RENAMED = {"酃县": "430225"}
"""Another name under the same code: 炎陵县 since 1994."""

Read = tuple[str, tuple[str, ...]]
"""A code of today, and warnings."""


@dataclass(frozen=True, slots=True)
class Divisions:
    """The divisions of one city, by every way to write them; `before` are the names that may stand in front."""

    before: tuple[str, ...]
    written: Mapping[str, Read]

    def read(self, words: str) -> Read | None:
        """The six-digit code of today and warnings, else None.

        `words` is a name, with or without 区, 县 or 市 and the province's and city's names before it, or a code. A name
        or code that was replaced gives what it became, with `historic_region_code`.
        """
        name = text.enterprise_name(unicodedata.normalize("NFKC", words)).value
        for start in self.before:
            if name.startswith(start) and name[len(start) :] in self.written:
                return self.written[name[len(start) :]]
        return None

    def today(self) -> dict[str, str]:
        """The full name of each division as it is today, by its code."""
        names: dict[str, str] = {}
        for name, (code, warnings) in self.written.items():
            if not warnings and name != code:
                names.setdefault(code, name)
        return names


def divisions(
    city: str,
    zh: str,
    province: str,
    own: Mapping[str, str],
    own_replaced: Mapping[str, tuple[str, str]],
) -> Divisions:
    """The divisions of a city by its six-digit code and Chinese name: those of the table here, and the city's own.

    `own`: code → name; `own_replaced`: former code → its name, and the code of what it became.
    """
    now = {code: name for code, name in (_CURRENT | dict(own)).items() if _city(code) == city}
    replaced = {code: said for code, said in (_REPLACED | dict(own_replaced)).items() if _city(said[1]) == city}
    short = zh.removesuffix("市")
    written: dict[str, Read] = {}
    for code, name in now.items():
        written[code] = written[name] = (code, ())
        bare = name.rstrip(_KINDS)
        if len(bare) > 1 and bare != short:
            written[bare] = (code, ())
    renamed = {name: code for name, code in _RENAMED.items() if _city(code) == city}
    for name, code in [*renamed.items(), *replaced.values()]:
        if name not in now.values():
            written[name] = (code, (HISTORIC,))
    for old, (_, code) in replaced.items():
        written[old] = (code, (HISTORIC,))
    provinces = ("", province, province.removesuffix("省"))
    before = tuple(dict.fromkeys(start + end for start in provinces for end in ("", zh, short)))
    return Divisions(before, written)


def _city(code: str) -> str:
    return code[:4] + "00"


_TABLED = frozenset(map(_city, _CURRENT))


def is_possible(code: str, register_city: str) -> bool:
    """Whether an entry of this city may name this district, current or replaced.

    Of a city that is not in the table here, any division of its own is possible (GB/T 2260: four digits of the city, two
    that are not 00): the standard changes by the year, and only the city's own file says how it stands.
    """
    if _city(code) in _TABLED:
        return code in _CURRENT or code in _REPLACED
    return _city(code) == register_city and not code.endswith("00")
