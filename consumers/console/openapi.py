"""The OpenAPI 3.1 document of the operations, from the models by which questions are read and answers are told."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from consumers.console.operations import OPERATIONS, Operation
from consumers.console.problems import MEDIA_TYPE
from consumers.store.queries import PREFERENCE

_REFERENCE = "#/components/schemas/{model}"
_DESCRIPTION = (
    f"长株潭两型产品互认，只读。互认只是{PREFERENCE}，不是参加采购的门槛。\n\n"
    "Three cities' registers of two-type products as one provable store; read only. Recognition is a preference under equal "
    "conditions, never a condition of entry to procurement."
)


class Problem(BaseModel):
    """Why there is no answer (RFC 9457). `reason` is a code of the catalogue, `next_step` what to do."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    next_step: str


def document(version: str) -> dict[str, Any]:
    """The whole document, for this version of the program."""
    shapes: list[type[BaseModel]] = [*(one.shape for one in OPERATIONS if one.shape is not None), Problem]
    _, found = models_json_schema([(one, "serialization") for one in shapes], ref_template=_REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "czt",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {plain(one.path): {"get": _operation(one)} for one in OPERATIONS},
        "components": {"schemas": found["$defs"]},
    }


def plain(path: str) -> str:
    """The path without what only the router needs to know of its parameters."""
    return re.sub(r":\w+}", "}", path)


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "operationId": re.sub(r"\W+", "_", plain(operation.path)).strip("_").removeprefix("api_v1_"),
        "summary": f"{operation.summary.zh} · {operation.summary.en}",
        "parameters": _parameters(operation),
        "responses": {
            "200": {
                "description": "答复 · the answer",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": _content(operation),
            },
            "304": {"description": "没有变化 · nothing new since the tag in If-None-Match"},
            "4XX": _problem("问题本身不对，或没有这个对象 · the question is wrong, or there is no such thing"),
            "5XX": _problem("暂时不能答复 · no answer for now"),
        },
    }


def _content(operation: Operation) -> dict[str, Any]:
    if operation.shape is None:
        return {operation.media_type: {"schema": {"type": "string"}}}
    return {operation.media_type: {"schema": {"$ref": _REFERENCE.format(model=operation.shape.__name__)}}}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(model=Problem.__name__)}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.question.model_json_schema()
    in_path = set(re.findall(r"{(\w+)", operation.path))
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in schema.get("required", ()),
            "description": said.pop("description"),
            "schema": _without_null(said),
        }
        for name, said in schema.get("properties", {}).items()
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An address can't hold null: a parameter that is left out is none."""
    found = {name: value for name, value in schema.items() if name not in ("title", "anyOf") and value is not None}
    for one in schema.get("anyOf", ()):
        found |= one if one != {"type": "null"} else {}
    return found
