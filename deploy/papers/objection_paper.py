"""An objection's file written out: all of it as JSON, and what people read of it as a page in Chinese."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.cities.read import Cities
from deploy.papers.page import page
from deploy.words import WORDS
from schemas import reasons
from schemas.city import city_word
from schemas.events import OBJECTION_ANSWERED, OBJECTION_RAISED, OBJECTION_SETTLED

KINDS = {OBJECTION_RAISED.name: "提出异议", OBJECTION_ANSWERED.name: "城市答复", OBJECTION_SETTLED.name: "了结"}
EFFECTS = {"none": "无影响", "suspend": "暂停该产品的互认", "restore": "恢复", "bar": "禁止该企业申报"}
STATES = {"open": "未了结", "settled": "已了结", "never_open": "未成立"}
LISTED = {"active": "有效", "suspended": "暂停", "withdrawn": "已撤销"}
NAMES = ("objection.json", "objection.html")


def write_objection(directory: Path, file: Mapping[str, Any], cities: Cities) -> list[Path]:
    """Write both into `directory`, which is made when it is missing. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in NAMES]
    paths[0].write_text(json.dumps(file, ensure_ascii=False, indent=1) + "\n", "utf-8")
    paths[1].write_text(objection_page(file, cities), "utf-8")
    return paths


def objection_page(file: Mapping[str, Any], cities: Cities) -> str:
    """The page: what people said, in order, with the product as it stood and where in the log each step is."""
    return page(
        "objection.html",
        file=file,
        product=_first_product(file),
        state=STATES[file["state"]],
        kinds=KINDS,
        effects=EFFECTS,
        listed=LISTED,
        who=lambda step: _who(step, cities),
        cities=cities,
        said=_said,
        before=_before,
        reason=lambda code: reasons.get(code).zh,
        preference=WORDS["preference"][0],
    )


def _first_product(file: Mapping[str, Any]) -> Any:
    """The product as it stood when somebody first spoke of it, else as it is."""
    stood = [one for step in file["steps"] for one in step["after"]["products"] if one["product_key"] == file["product_key"]]
    return stood[0] if stood else file["product_now"]


def _who(step: Mapping[str, Any], cities: Cities) -> str:
    """The people of a decision, the city of an answer."""
    word = city_word(step["source"])
    if word is not None:
        return cities.zh(word)
    second = _said(step, "agreed_by")
    return _said(step, "by") + (f"，{second} 同意" if second else "")


def _said(step: Mapping[str, Any], name: str) -> str:
    """A text of the event's data; empty when it has none, as an event that was rejected for its form may."""
    found = step["data"].get(name)
    return found if isinstance(found, str) else ""


def _before(step: Mapping[str, Any], key: str) -> Any:
    """The product right before the step; None when it was not there."""
    stood = step["before"]["products"] if step["before"] is not None else ()
    return next((one for one in stood if one["product_key"] == key), None)
