"""Whether a table can be captured: what the database says of it, against what its mapping needs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from producers.city_file import CaptureMapping
from schemas.errors import Both, TableRefused

Family = Literal["text", "number", "day", "other"]
"""What a column holds; `other`: what no cell of a catalogue can be, such as bytes, booleans, lists."""

_TEXT: frozenset[Family] = frozenset(("text",))
_DAYS: frozenset[Family] = frozenset(("text", "number", "day"))
_ANY: frozenset[Family] = frozenset(("text", "number"))
FITTING: Mapping[str, frozenset[Family]] = {
    **dict.fromkeys(("certificate_no", "uscc", "enterprise_name", "product_name", "status", "validity"), _TEXT),
    **dict.fromkeys(("valid_from", "valid_to"), _DAYS),
}
"""Column types by field; the others may hold text or numbers. A code kept as a number has lost its zeros or its last digits."""

MAP_IT = Both("请改正本市配置文件的 [capture]，再运行一次。", "Correct [capture] in the city's file, then run this again.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type in the database's own words, and what that comes to."""

    type: str
    family: Family


@dataclass(frozen=True, slots=True)
class Shape:
    """A table. `keys` are columns that name a row for ever: unique by themselves, and never null.

    `kind`: `table`, or in the database's words what else it is. `rights`: what our role lacks on it, as GRANT calls it.
    """

    kind: str
    columns: Mapping[str, Column]
    keys: frozenset[str]
    rights: tuple[str, ...] = ()


def require_fitting(shape: Shape | None, mapping: CaptureMapping, *, role: str = "") -> None:
    """Raises `TableRefused` with the first thing that stands against it, and what to do. `shape` is None where nothing is."""
    table = mapping.table
    if shape is None:
        raise TableRefused(Both(f"数据库里没有表 {table}。", f"The database has no table {table}."), MAP_IT)
    if shape.kind != "table":
        raise TableRefused(
            Both(
                f"{table} 不是普通的表（{shape.kind}），不能采集。",
                f"{table} is no ordinary table ({shape.kind}).",
            ),
            Both("请改用数据实际所在的表。", "Name the table that really holds the rows."),
        )
    if shape.rights:
        granted = ", ".join(shape.rights)
        raise TableRefused(
            Both(f"本程序对表 {table} 缺少权限：{granted}。", f"This program lacks rights on {table}: {granted}."),
            Both(
                f"请表的所有者执行：GRANT {granted} ON {table} TO {role};",
                f"Have the table's owner run: GRANT {granted} ON {table} TO {role};",
            ),
        )
    _require_columns(shape, mapping)
    if mapping.key not in shape.keys:
        raise TableRefused(
            Both(
                f"表 {table} 的列 {mapping.key} 不是主键：要唯一（单列主键或唯一索引，不可延迟）且不为空。",
                f"{mapping.key} is no key of {table}: it must be unique by itself (primary key or unique index, not deferrable) "
                "and never null.",
            ),
            _keys_there(shape),
        )


def _require_columns(shape: Shape, mapping: CaptureMapping) -> None:
    missing = [name for name in dict.fromkeys((mapping.key, *mapping.columns.values())) if name not in shape.columns]
    if missing:
        there = "、".join(shape.columns)
        raise TableRefused(
            Both(
                f"表 {mapping.table} 没有列 {'、'.join(missing)}；它有：{there}。",
                f"{mapping.table} has no column {', '.join(missing)}; it has: {', '.join(shape.columns)}.",
            ),
            MAP_IT,
        )
    for field, name in mapping.columns.items():
        column = shape.columns[name]
        if column.family not in FITTING.get(field, _ANY):
            raise TableRefused(
                Both(
                    f"列 {name} 的类型是 {column.type}，不能作 {field}。",
                    f"Column {name} is {column.type}, which can't be {field}.",
                ),
                Both(
                    "请改列的类型（代码、编号、名称、状态用文本，日期用日期或文本），或改用别的列。",
                    "Change its type (text for codes, numbers, names and status; dates or text for days), or name another column.",
                ),
            )


def _keys_there(shape: Shape) -> Both:
    if not shape.keys:
        return Both("请给表加上主键，再运行一次。", "Give the table a primary key, then run this again.")
    found = sorted(shape.keys)
    return Both(
        f"可作 key 的列：{'、'.join(found)}。请改正本市配置文件的 [capture]。",
        f"Columns that can be the key: {', '.join(found)}. Correct [capture] in the city's file.",
    )
