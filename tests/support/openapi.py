"""Answers held against an OpenAPI document, as strictly as a reader who believes that it says everything."""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


class Document:
    """An OpenAPI 3.1 document whose objects have the properties they name and no others."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self._components = {"components": {"schemas": _closed(document["components"]["schemas"])}}

    def template_of(self, path: str) -> str:
        """The path of the document that this one is an instance of: the one with the fewest parameters."""
        fitting = [one for one in self.paths if re.fullmatch(re.sub(r"{\w+}", ".+", one), path)]
        return min(fitting, key=lambda one: (one.count("{"), -len(one)))

    def check(self, path: str, status: int, media_type: str, body: Any) -> None:
        """Raises jsonschema's ValidationError when the answer is not what the document promises."""
        responses = self.paths[self.template_of(path)]["get"]["responses"]
        promised = responses.get(str(status), responses.get(f"{status // 100}XX"))
        schema = promised["content"][media_type]["schema"]
        Draft202012Validator(schema | self._components, format_checker=FormatChecker()).validate(body)


def _closed(value: Any) -> Any:
    """The schema, with every object that names its properties closed. What a city's entry holds is the city's."""
    if isinstance(value, Mapping):
        found = {name: one if name == "RegisterEntry" else _closed(one) for name, one in value.items()}
        return found | {"additionalProperties": False} if "properties" in found and found.get("type") == "object" else found
    return [_closed(one) for one in value] if isinstance(value, list) else value
