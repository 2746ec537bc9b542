"""Districts and counties of the three cities (GB/T 2260), with the names and codes that were replaced."""

import unicodedata

from schemas import text

HISTORIC = "historic_region_code"

_PROVINCE = ("湖南省", "湖南")
_CITY_NAMES = {"430100": "长沙", "430200": "株洲", "430300": "湘潭"}
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

_HISTORIC_NAMES = _RENAMED | {name: now for name, now in _REPLACED.values() if name not in _CURRENT.values()}


def _by_name() -> dict[str, dict[str, tuple[str, tuple[str, ...]]]]:
    """For each city: every way to write a division, with its code and warnings."""
    tables: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {city: {} for city in _CITY_NAMES}
    for code, name in _CURRENT.items():
        table = tables[_city(code)]
        table[code] = table[name] = (code, ())
        bare = name.rstrip(_KINDS)
        if len(bare) > 1 and bare not in _CITY_NAMES.values():
            table[bare] = (code, ())
    for name, now in _HISTORIC_NAMES.items():
        tables[_city(now)][name] = (now, (HISTORIC,))
    for old, (_, now) in _REPLACED.items():
        tables[_city(now)][old] = (now, (HISTORIC,))
    return tables


def _city(code: str) -> str:
    return code[:4] + "00"


_TABLES = _by_name()


def district_code(city_code: str, written: str) -> tuple[str, tuple[str, ...]] | None:
    """The current six-digit code and warnings for a division of a city, else None.

    `written` is a name, with or without 区, 县 or 市 and the province's and city's names before it, or a code. A name
    or code that was replaced gives what it became, with `historic_region_code`.
    """
    table = _TABLES.get(city_code)
    if table is None:
        return None
    name = text.enterprise_name(unicodedata.normalize("NFKC", written)).value
    city = _CITY_NAMES[city_code]
    for prefix in ("", *_PROVINCE):
        rest = name.removeprefix(prefix)
        for start in ("", city + "市", city):
            if rest.startswith(start) and rest[len(start) :] in table:
                return table[rest[len(start) :]]
    return None


def current(code: str) -> str | None:
    """The code that holds today for a current or replaced six-digit code of the three cities, else None."""
    if code in _CURRENT:
        return code
    return _REPLACED[code][1] if code in _REPLACED else None
