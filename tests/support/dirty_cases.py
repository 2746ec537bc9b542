"""Every error and oddity of a catalogue's row, one at a time: what is typed, and what must come of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from schemas import uscc
from schemas.city import City
from tests.support.cities import CHANGSHA, XIANGTAN, ZHUZHOU

AS_OF = date(2021, 7, 22)
PREFIXES = {CHANGSHA: "CSLX", ZHUZHOU: "ZZLX", XIANGTAN: "XTLX"}
DISTRICTS = {
    CHANGSHA: {"芙蓉区": "430102", "岳麓区": "430104", "长沙县": "430121", "浏阳市": "430181"},
    ZHUZHOU: {"荷塘区": "430202", "天元区": "430211", "攸县": "430223", "醴陵市": "430281"},
    XIANGTAN: {"雨湖区": "430302", "岳塘区": "430304", "湘潭县": "430321", "韶山市": "430382"},
}
HISTORIC = {CHANGSHA: ("宁乡县", "430182"), ZHUZHOU: ("株洲县", "430212"), XIANGTAN: ("湘乡县", "430381")}
SYLLABLES = "云雨石川江昇林钜松乾竹兰星辰海天宇泰华瑞"


@dataclass(frozen=True)
class Case:
    """An error or oddity: what it changes, and what comes of it. `values` are fields of the entry that change."""

    changes: Mapping[str, Any]
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    csv_changes: Mapping[str, Any] | None = None
    csv_reasons: tuple[str, ...] | None = None
    csv_warnings: tuple[str, ...] | None = None
    struck: str | None = None
    hidden: bool = False


Clean = Mapping[str, Any]
Maker = Callable[[random.Random, Clean, City], Case]


def _fix(field_name: str, written: Any, warning: str, value: Any = None, entry_field: str | None = None) -> Case:
    values = {} if value is None else {entry_field or field_name: value}
    return Case({field_name: written}, (), (warning,) if warning else (), values)


def _wrong(reason: str, **changes: Any) -> Case:
    return Case(changes, (reason,))


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _swapped(code: str) -> str:
    """Two neighbours exchanged so that a check fails."""
    for place in range(10, 16):
        other = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if other != code and not uscc.is_valid(other):
            return other
    return code[:17] + ("A" if code[17] != "A" else "B")


def _confusable(rng: random.Random) -> str:
    """A code with O I S Z V typed for 0 1 5 2 U that is right when they are read so."""
    while True:
        code = uscc.complete("91430104", f"DEM{rng.randrange(100_000):05d}")
        typed = code.translate(str.maketrans("0152U", "OISZV"))
        if typed != code:
            return typed


def _term(rng: random.Random, clean: Clean, city: City) -> Case:
    begin = date(2020, 12, rng.randint(1, 28))
    word, years = rng.choice([("三年", 3), ("3年", 3), ("有效期五年", 5), ("自发证之日起三年", 3)])
    end = date(begin.year + years, begin.month, begin.day) - timedelta(days=1)
    return Case(
        {"valid_from": begin, "valid_to": word}, (), ("validity_term_computed",), {"valid_from": str(begin), "valid_to": str(end)}
    )


def _range(rng: random.Random, clean: Clean, city: City) -> Case:
    joint = rng.choice(["-", "至", "~", "—", "到"])
    written = f"2021.3.1{joint}2024.2.29" if rng.random() < 0.5 else f"2021年3月1日{joint}2024年2月29日"
    return Case(
        {"valid_from": None, "valid_to": written}, (), ("range_split",), {"valid_from": "2021-03-01", "valid_to": "2024-02-29"}
    )


def _typed_dates(rng: random.Random, clean: Clean, city: City) -> Case:
    begin, end = date(2021, rng.randint(1, 6), rng.randint(1, 28)), date(2024, rng.randint(1, 12), rng.randint(1, 28))
    forms: list[Callable[[date], Any]] = [
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{d.year}.{d.month}.{d.day}",
        lambda d: d.isoformat(),
        lambda d: f"{d:%Y%m%d}",
        lambda d: int(f"{d:%Y%m%d}"),
        lambda d: f"{d.year}/{d.month:02d}/{d.day:02d}",
    ]
    return Case(
        {"valid_from": rng.choice(forms)(begin), "valid_to": rng.choice(forms)(end)},
        values={"valid_from": str(begin), "valid_to": str(end)},
    )


CASES: dict[str, Maker] = {
    "fullwidth": lambda r, c, t: _fix("uscc", _wide(c["uscc"]), "fullwidth_normalised"),
    "case": lambda r, c, t: _fix("uscc", c["uscc"].lower(), "case_normalised"),
    "spaces": lambda r, c, t: _fix("uscc", f" {c['uscc'][:6]} {c['uscc'][6:]}\u3000", "whitespace_stripped"),
    "separators": lambda r, c, t: _fix("uscc", f"{c['uscc'][:8]}-{c['uscc'][8:17]}-{c['uscc'][17:]}", "separators_stripped"),
    "prefix": lambda r, c, t: replace(
        _fix("uscc", "'" + c["uscc"], "text_prefix_stripped"), csv_changes={"uscc": "\t" + c["uscc"]}
    ),
    "invisible": lambda r, c, t: _fix(
        "enterprise_name", c["enterprise_name"][:3] + "\u200b " + c["enterprise_name"][3:], "whitespace_stripped"
    ),
    "wide certificate": lambda r, c, t: _fix("certificate_no", _wide(c["certificate_no"]), "fullwidth_normalised"),
    "dash certificate": lambda r, c, t: _fix("certificate_no", c["certificate_no"].replace("-", "—"), "symbols_normalised"),
    "brackets": lambda r, c, t: _fix(
        "product_name", c["product_name"] + "(户外型)", "brackets_normalised", c["product_name"] + "（户外型）"
    ),
    "traditional": lambda r, c, t: _fix(
        "product_name", "環保" + c["product_name"] + "潔淨機", "traditional_to_simplified", "环保" + c["product_name"] + "洁净机"
    ),
    "split": lambda r, c, t: _fix(
        "models",
        r.choice(["、", "；", ";", "\n"]).join((c["models"], "B-2/3.5", "C.3")),
        "models_split",
        [c["models"], "B-2/3.5", "C.3"],
    ),
    "times": lambda r, c, t: _fix("models", f"{c['models']}-3{r.choice('xX*')}95", "symbols_normalised", [f"{c['models']}-3×95"]),
    "roman": lambda r, c, t: _fix("models", c["models"] + "Ⅱ", "symbols_normalised", [c["models"] + "II"]),
    "superscript": lambda r, c, t: _fix("models", c["models"] + "-10³", "", [c["models"] + "-10³"]),
    "no model": lambda r, c, t: _fix("models", r.choice(["/", "无", "—", "-"]), "model_placeholder_null", []),
    "number model": lambda r, c, t: replace(
        _fix("models", 100_000 + c["seq"], "model_number_to_text", [str(100_000 + c["seq"])]), csv_warnings=()
    ),
    "serials": lambda r, c, t: Case(
        {"valid_from": 44256, "valid_to": 45351},
        (),
        ("date_serial_parsed",),
        {"valid_from": "2021-03-01", "valid_to": "2024-02-29"},
    ),
    "chinese numerals": lambda r, c, t: Case(
        {"valid_from": "二〇二一年三月一日", "valid_to": "二〇二四年二月二十九日"},
        (),
        ("date_cn_numeral_parsed",),
        {"valid_from": "2021-03-01", "valid_to": "2024-02-29"},
    ),
    "term": _term,
    "range": _range,
    "typed dates": _typed_dates,
    "synonym": lambda r, c, t: Case({"status": r.choice(["现行有效。", "现行有效", "在册"])}, (), ("status_synonym",)),
    "suspended": lambda r, c, t: Case({"status": "暂停"}, values={"source_status": "suspended"}),
    "withdrawn": lambda r, c, t: Case({"status": "已撤销"}, values={"source_status": "withdrawn"}),
    "historic": lambda r, c, t: Case(
        {"district": HISTORIC[t][0]}, (), ("historic_region_code",), {"district_code": HISTORIC[t][1]}
    ),
    "outside": lambda r, c, t: Case({**_other_firm(r, "91440104")}, (), ("registered_outside_city",)),
    "institute": lambda r, c, t: Case({**_other_firm(r, "12430000")}, (), ("non_enterprise_body",)),
    "future": lambda r, c, t: Case({"valid_from": AS_OF + timedelta(days=1)}, (), ("not_yet_valid",), {"valid_from": "2021-07-23"}),
    "past": lambda r, c, t: Case({"valid_to": AS_OF - timedelta(days=1)}, (), ("expired_on_as_of",), {"valid_to": "2021-07-21"}),
    "last day": lambda r, c, t: Case(
        {"valid_from": date(2018, 7, 23), "valid_to": AS_OF}, values={"valid_from": "2018-07-23", "valid_to": "2021-07-22"}
    ),
    "batch form": lambda r, c, t: Case({"batch": r.choice(["2020年第1批", "2020-1", "二〇二〇年第一批", "2020年度第一批"])}),
    "no batch": lambda r, c, t: Case({"batch": None}, values={"batch": None}),
    "no number": lambda r, c, t: _wrong("certificate_missing", certificate_no=r.choice([None, "/", " "])),
    "other city": lambda r, c, t: _wrong("wrong_issuer", certificate_no=f"{_other_prefix(t)}-{r.randrange(10_000):05d}"),
    "no firm": lambda r, c, t: _wrong("enterprise_missing", enterprise_name=r.choice([None, "/", "—"])),
    "no product": lambda r, c, t: _wrong("product_missing", product_name=r.choice([None, "  ", "/"])),
    "no code": lambda r, c, t: _wrong("uscc_missing", uscc=r.choice([None, "/"])),
    "short code": lambda r, c, t: _wrong("uscc_length", uscc=c["uscc"][:17]),
    "old number": lambda r, c, t: _wrong("uscc_legacy_regno", uscc=f"43010000{r.randrange(10**7):07d}"),
    "organisation code": lambda r, c, t: _wrong(
        "uscc_legacy_orgcode", uscc=r.choice([c["uscc"][8:17], f"{c['uscc'][8:16]}-{c['uscc'][16]}"])
    ),
    "checksum": lambda r, c, t: _wrong("uscc_checksum", uscc=_swapped(c["uscc"])),
    "precision": lambda r, c, t: replace(
        _wrong("uscc_precision_lost", uscc=914301819990250000),
        csv_changes={"uscc": r.choice(["9.14301E+17", "914301819990250000"])},
    ),
    "confusable": lambda r, c, t: Case({**_other_firm(r, "91430104"), "uscc": _confusable(r)}, ("uscc_confusable",)),
    "former name": lambda r, c, t: _wrong("former_name_in_cell", enterprise_name=c["enterprise_name"] + "（原湘江电机厂）"),
    "attachment": lambda r, c, t: _wrong("model_in_attachment", models=r.choice(["详见附件", "见附件", "详见清单"])),
    "date model": lambda r, c, t: replace(
        _wrong("model_autoconverted_date", models=date(2021, 3, 12)), csv_changes={"models": "3月12日"}
    ),
    "no dates": lambda r, c, t: _wrong("date_missing", valid_from=None, valid_to=r.choice([None, "/"])),
    "impossible date": lambda r, c, t: _wrong(
        "date_invalid", valid_from=r.choice(["2021年2月30日", "2021.13.1", 2021, "第三季度"])
    ),
    "date order": lambda r, c, t: _wrong("date_order", valid_to=date(2019, 1, 1)),
    "day first": lambda r, c, t: _wrong("date_ambiguous_dmy", valid_from="3/4/2021"),
    "two digits": lambda r, c, t: _wrong("date_two_digit_year", valid_from=r.choice(["21.3.4", "21年3月4日"])),
    "month": lambda r, c, t: _wrong("date_month_only", valid_from=r.choice(["2021年3月", "2021.3"])),
    "open": lambda r, c, t: _wrong("validity_open_ended", valid_to=r.choice(["长期", "永久", "长期有效"])),
    "no status": lambda r, c, t: _wrong("status_missing", status=r.choice([None, "  ", "/"])),
    "status": lambda r, c, t: _wrong("status_unknown", status=r.choice(["待定", "整改"])),
    "district": lambda r, c, t: _wrong("district_unknown", district=r.choice(["某某新区", "浦东新区"])),
    "batch": lambda r, c, t: _wrong("batch_unknown", batch=r.choice(["首批", "第一批", "2020"])),
    "pattern": lambda r, c, t: _wrong(
        "certificate_pattern", certificate_no=r.choice([f"两型{r.randrange(10**6)}", f"{PREFIXES[t]}{r.randrange(10**5):05d}"])
    ),
    "remark": lambda r, c, t: _wrong("status_remark_conflict", remark=r.choice(["2021年3月已撤销", "该证书已注销"])),
    "struck": lambda r, c, t: Case({}, ("struck_out",), csv_reasons=(), struck=r.choice(["product_name", "enterprise_name"])),
    "hidden": lambda r, c, t: Case({}, ("hidden_row",), csv_reasons=(), hidden=True),
    "lost": lambda r, c, t: _wrong(
        "encoding_loss", product_name=c["product_name"][:2] + r.choice("?\ufffd") + c["product_name"][2:]
    ),
    "formula": lambda r, c, t: _wrong(
        "formula_injection", **{r.choice(["product_name", "models"]): r.choice(["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-(1)"])}
    ),
    "remark is text": lambda r, c, t: Case({"remark": "=1+1"}, values={"remark": "=1+1"}),
}
"""Each case by name. Those of conflicts and copies need another row: see `dirty_catalogues`."""


def _other_prefix(city: City) -> str:
    return next(prefix for owner, prefix in PREFIXES.items() if owner is not city)


def _other_firm(rng: random.Random, first8: str) -> dict[str, str]:
    """A firm that no other row names."""
    name = "".join(rng.choice(SYLLABLES) for _ in range(6))
    return {"enterprise_name": f"湖南例{name}有限公司", "uscc": uscc.complete(first8, f"DEM{rng.randrange(100_000):05d}")}
