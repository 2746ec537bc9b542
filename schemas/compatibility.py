"""Whether two versions of one JSON Schema can stand for each other: what one allows, a reader of the other understands.

FULL compatibility inside a major version is what lets cities and hub change programs on different days. Readers ignore
unknown fields, so an optional field may come or go. Everything else that binds must be equal: a new required field, a longer
list of values, a wider limit would each let somebody write what somebody else refuses.
"""

from itertools import combinations
from typing import Any

Schema = dict[str, Any]

_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "default"})
"""Keywords that bind nobody. Definitions bind where a `$ref` names them."""
_SUBSCHEMAS = frozenset({"properties", "required"})


def differences(one: Schema, other: Schema) -> list[str]:
    """Where the two are not compatible, each as `data.entry.uscc: …`; empty when they are."""
    return _compared(one, other, one, other, "")


def transitive_differences(versions: list[Schema]) -> list[str]:
    """The differences between every two of the versions: compatible neighbours need not make compatible ends."""
    return [found for one, other in combinations(versions, 2) for found in differences(one, other)]


def _compared(one: Any, other: Any, root: Schema, other_root: Schema, where: str) -> list[str]:
    one, other = _resolved(one, root), _resolved(other, other_root)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for i, (a, b) in pairs for found in _compared(a, b, root, other_root, f"{where}[{i}]")]
    if not isinstance(one, dict) or not isinstance(other, dict):
        # 1 == 1.0 == True in Python, and a bound of 1 is no bound of True.
        same = type(one) is type(other) and one == other
        return [] if same else [f"{where or 'the event'}: {_short(one)} against {_short(other)}"]
    problems = _compared_fields(one, other, root, other_root, where)
    for keyword in sorted((one.keys() | other.keys()) - _ANNOTATIONS - _SUBSCHEMAS):
        place = f"{where} {keyword}".strip()
        problems += _compared(one.get(keyword), other.get(keyword), root, other_root, place)
    return problems


def _compared_fields(one: Schema, other: Schema, root: Schema, other_root: Schema, where: str) -> list[str]:
    """Fields that both name are compatible; those that only one of them names are optional there."""
    changed = sorted({*one.get("required", [])} ^ {*other.get("required", [])})
    problems = [f"{_below(where, name)}: required in one of them only" for name in changed]
    fields, others = one.get("properties", {}), other.get("properties", {})
    for name in sorted(fields.keys() & others.keys()):
        problems += _compared(fields[name], others[name], root, other_root, _below(where, name))
    return problems


def _resolved(schema: Any, root: Schema) -> Any:
    """The schema with its `$ref` replaced by the definition that it names; what stands beside it stays."""
    while isinstance(schema, dict) and "$ref" in schema:
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        schema = {**root["$defs"][schema["$ref"].removeprefix("#/$defs/")], **beside}
    return schema


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _short(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:80]
