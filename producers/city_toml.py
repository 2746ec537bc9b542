"""Reads the files of all cities that take part, and names every one that is wrong, its key and what was expected."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

from producers.city_file import FIELDS, CaptureMapping, CityFile, StatusWords
from producers.toml_table import Table, Wrong
from schemas.city import WORD_PATTERN, City
from schemas.districts import Divisions, divisions
from schemas.entry import Kind, SourceStatus, StatusCode
from schemas.errors import Both, SettingsInvalid
from schemas.text import certificate_no


def city_files(texts: Iterable[tuple[str, str]]) -> tuple[CityFile, ...]:
    """The files of all cities that take part, by code, from (file name, TOML text); each knows of the others.

    Raises `SettingsInvalid` naming every file that is wrong, its key, and two that claim the same.
    """
    files: list[tuple[str, CityFile]] = []
    wrong: list[Both] = []
    for name, text in texts:
        try:
            files.append((name, _parsed(name, text)))
        except Wrong as problem:
            wrong.append(Both(f"{name}：{problem.said.zh}", f"{name}: {problem.said.en}"))
    wrong += _claimed_twice(files)
    if wrong:
        raise SettingsInvalid(
            Both(
                "\n  ".join(["城市文件有误：", *(one.zh for one in wrong)]),
                "\n  ".join(["City files are wrong:", *(one.en for one in wrong)]),
            ),
            Both(
                "请对照随程序附带的城市文件（deploy/cities/*.toml）改正后再运行。",
                "Correct them after the example of the files that come with the program (deploy/cities/*.toml), and call again.",
            ),
        )
    return _beside(sorted((one for _, one in files), key=lambda one: one.city.code))


def _claimed_twice(files: Sequence[tuple[str, CityFile]]) -> list[Both]:
    """What two files say of themselves that only one can."""
    found: list[Both] = []
    first: dict[tuple[str, str], str] = {}
    for name, one in files:
        says = {"word": one.city.word, "code": one.city.code, "zh": one.city.zh, "certificate.prefix": one.certificate_prefix}
        for claim in says.items():
            key, value = claim
            if value and claim in first:
                zh = f"{name}：{key} = {value!r} 已由 {first[claim]} 使用，每个市应各不相同"
                found.append(Both(zh, f"{name}: {key} = {value!r} is in {first[claim]} already; each city has its own"))
            first.setdefault(claim, name)
    return found


def _beside(files: Sequence[CityFile]) -> tuple[CityFile, ...]:
    """Each file, told of the other cities."""
    told = []
    for one in files:
        others = [other for other in files if other is not one]
        prefixes = {other.certificate_prefix: other.city for other in others if other.certificate_prefix}
        told.append(replace(one, others=tuple(other.city for other in others), other_prefixes=prefixes))
    return tuple(told)


def _parsed(name: str, text: str) -> CityFile:
    """A city's file from its TOML text. Raises `Wrong`."""
    try:
        table = Table(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Wrong(Both(f"不是 TOML：{error}", f"no TOML: {error}")) from None
    made = _city_file(table)
    table.require_read()
    if name != f"{made.city.word}.toml":
        raise Wrong(
            Both(
                f"word = {made.city.word!r}，文件名应为 {made.city.word}.toml",
                f"word = {made.city.word!r}, expected the file name {made.city.word}.toml",
            )
        )
    return made


def _city_file(raw: Table) -> CityFile:
    certificate, columns, header, remark = (raw.table(name) for name in ("certificate", "columns", "header", "remark"))
    plain = Both("大写字母、数字、短横，或空", "capital letters, digits, dashes, or nothing")
    prefix, pattern = certificate.text("prefix", "[A-Z0-9-]*", plain), certificate.pattern("pattern")
    city, needed, contact_words = _city(raw), header.words("needed", FIELDS), header.texts("contact_words")
    return CityFile(
        city=city,
        kind=Kind(raw.one_of("kind", tuple(Kind))),
        withdrawal_share=raw.share("withdrawal_share"),
        certificate_prefix=prefix,
        certificate_pattern=pattern,
        certificate_example=_example(certificate, prefix, pattern),
        columns={name: columns.texts(name) for name in columns.names(FIELDS)},
        needed=needed,
        contact_words=contact_words,
        not_in_labels=header.texts("not_in_labels"),
        statuses=_statuses(raw.table("status")),
        withdrawn_remark=remark.pattern("withdrawn"),
        suspended_remark=remark.pattern("suspended"),
        status_reasons=_reasons(remark.table("reasons")),
        batch_forms=raw.table("batch").patterns("forms", ("year", "number")),
        divisions=_divisions(raw, city),
        district_aliases=_aliases(raw.table("districts").table("aliases"), city),
        capture=_capture(raw.table("capture"), needed, contact_words) if raw.has("capture") else None,
    )


def _city(raw: Table) -> City:
    return City(
        raw.text("word", WORD_PATTERN, Both("1 至 40 个小写字母", "1 to 40 lower-case letters")),
        raw.text("code", r"\d{4}00", Both("市的六位行政区划代码，如 430100", "a city's six-digit division code such as 430100")),
        raw.text("zh", ".+[市州盟区]", Both("市名全称，如 长沙市", "the whole name, such as 长沙市")),
    )


def _example(certificate: Table, prefix: str, pattern: re.Pattern[str]) -> str:
    """A number that shows how the two are meant: where the three don't agree, one of them is mistyped."""
    expected = Both(
        "符合 pattern 和 prefix 的一个编号，规范写法（半角、大写），含有数字",
        "a number of this pattern and prefix, in its normal form (half-width, upper case), with a digit in it",
    )
    example = certificate.text("example", r".*\d.*", expected)
    if not pattern.fullmatch(example) or not example.startswith(prefix) or certificate_no(example).value != example:
        raise certificate.wrong("example", expected)
    return example


def _statuses(raw: Table) -> dict[SourceStatus, StatusWords]:
    found = {status: raw.table(status.value) for status in SourceStatus}
    return {name: StatusWords(frozenset(one.texts("words")), frozenset(one.texts("synonyms"))) for name, one in found.items()}


def _reasons(raw: Table) -> dict[str, re.Pattern[str]]:
    return {code: raw.pattern(code) for code in raw.names(get_args(StatusCode))}


def _divisions(raw: Table, city: City) -> Divisions:
    """What the program's own table has of the city and what its file adds: code = name, former code = [name, code of today]."""
    province = raw.text("province", ".+", Both("如 湖南省", "a name such as 湖南省"))
    districts = raw.table("districts")
    current, replaced = districts.optional("current"), districts.optional("replaced")
    own = {code: current.text(code, ".+", Both("区县名称", "a district's name")) for code in _own_codes(current, city)}
    former = {code: replaced.texts(code) for code in _own_codes(replaced, city)}
    for code, said in former.items():
        if len(said) != 2 or not _is_own(said[1], city):
            raise replaced.wrong(code, Both("[原名称, 现代码]", "[its name, the code of today]"))
    return divisions(city.code, city.zh, province, own, {code: (said[0], said[1]) for code, said in former.items()})


def _aliases(raw: Table, city: City) -> dict[str, str]:
    own = Both(f"{city.code[:4]} 开头的六位代码", f"six digits that begin with {city.code[:4]}")
    return {name: raw.text(name, rf"{city.code[:4]}\d\d", own) for name in raw.names()}


def _own_codes(raw: Table, city: City) -> list[str]:
    """The table's keys, when all are codes of this city's divisions; others are left for `require_read`."""
    return [code for code in raw.names() if _is_own(code, city)]


def _is_own(code: str, city: City) -> bool:
    return re.fullmatch(rf"{city.code[:4]}\d\d", code) is not None


_SQL_NAME = r"[^\s.\"'$\\\x00-\x1f\x7f]{1,63}"
"""A name of a table or column that can stand in quotation marks as it is; 63 bytes are PostgreSQL's limit."""
_COLUMN = Both("列名", "a column's name")


def _capture(raw: Table, needed: Sequence[Sequence[str]], contact_words: Sequence[str]) -> CaptureMapping:
    """The mapping of a table of the city's own: nothing needed may be missing, and no contact column captured."""
    table = raw.text("table", rf"({_SQL_NAME}\.)?{_SQL_NAME}", Both("表名，或 模式.表名", "a table, or schema.table"))
    key = raw.text("key", _SQL_NAME, _COLUMN)
    mapped, given, known = raw.table("columns"), raw.optional("fixed"), [field for field in FIELDS if field != "seq"]
    columns = {field: mapped.text(field, _SQL_NAME, _COLUMN) for field in mapped.names(known)}
    fixed = {field: given.text(field, "(?s).*", Both("一段文字", "a text")) for field in given.names(known) if field not in columns}
    for field, name in columns.items():
        if any(word.lower() in name.lower() for word in contact_words):
            raise mapped.wrong(field, Both("不含联系方式的列（联系方式不出本市）", "a column without contacts"))
    missing = [choice for choice in needed if not {*columns, *fixed} & set(choice)]
    missing += [] if "certificate_no" in columns else [("certificate_no",)]
    if missing:
        words = ", ".join("|".join(choice) for choice in missing)
        raise Wrong(Both(f"capture.columns 缺少 {words}", f"capture.columns: nothing gives {words}"))
    return CaptureMapping(table, key, columns, fixed)
