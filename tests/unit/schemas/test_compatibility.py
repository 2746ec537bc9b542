"""FULL compatibility of two schemas, and of every two in a row of versions."""

from typing import Any

import pytest

from schemas.compatibility import differences, transitive_differences

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 10}


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required}


BASE = _object(["name"], name=TEXT, remark=TEXT)


@pytest.mark.parametrize(
    "other",
    [
        BASE,
        BASE | {"title": "other", "description": "words", "$id": "urn:x", "examples": [{}]},
        _object(["name"], name=TEXT, remark=TEXT, added=TEXT),
        _object(["name"], name=TEXT),
        _object(["name"], remark=TEXT, name=TEXT | {"default": "x"}),
        {"$defs": {"Text": TEXT}, **_object(["name"], name={"$ref": "#/$defs/Text"}, remark=TEXT)},
    ],
)
def test_compatible(other: Schema) -> None:
    """Words, order, unused definitions and optional fields may change."""
    assert differences(BASE, other) == []
    assert differences(other, BASE) == []


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (_object(["name", "remark"], name=TEXT, remark=TEXT), "remark"),
        (_object([], name=TEXT, remark=TEXT), "name"),
        (_object(["name", "added"], name=TEXT, remark=TEXT, added=TEXT), "added"),
        (_object(["name"], name={"type": "integer"}, remark=TEXT), "name"),
        (_object(["name"], name=TEXT | {"maxLength": 20}, remark=TEXT), "name"),
        (_object(["name"], name=TEXT | {"pattern": "^a"}, remark=TEXT), "name"),
        (_object(["name"], name=TEXT, remark={"anyOf": [TEXT, {"type": "null"}]}), "remark"),
        (BASE | {"additionalProperties": False}, "additionalProperties"),
    ],
)
def test_incompatible(other: Schema, where: str) -> None:
    """What is required, and every limit, must stay as it is; each difference says where it is."""
    assert any(found.startswith(where) for found in differences(BASE, other))
    assert differences(other, BASE)


def test_values_of_a_list_bind() -> None:
    """A new value in a list would be refused by those who don't know it; a value less, by those who do."""
    three, two = {"enum": ["a", "b", "c"]}, {"enum": ["a", "b"]}
    assert differences(three, two)
    assert differences(two, three)
    assert differences(two, {"enum": ["a", "d"]})


def test_looks_below() -> None:
    """Nested objects, alternatives, items and definitions are compared too, and the place is named in full."""
    inner, other = _object(["a"], a=TEXT), _object(["a"], a={"type": "integer"})
    assert differences(_object([], data=inner), _object([], data=other))[0].startswith("data.a")
    assert differences({"items": inner}, {"items": other})
    assert differences({"anyOf": [inner, {"type": "null"}]}, {"anyOf": [other, {"type": "null"}]})
    assert differences({"$defs": {"X": inner}, "$ref": "#/$defs/X"}, {"$defs": {"X": other}, "$ref": "#/$defs/X"})


def test_a_number_is_no_truth() -> None:
    """In JSON, 1 and true differ, although Python calls them equal."""
    assert differences({"const": 1}, {"const": True})


def test_every_pair_counts() -> None:
    """A field that went and came back as something else: each step is compatible, the ends are not."""
    versions = [_object([], a=TEXT), _object([]), _object([], a={"type": "integer"})]
    assert not differences(versions[0], versions[1])
    assert not differences(versions[1], versions[2])
    assert transitive_differences(versions)
