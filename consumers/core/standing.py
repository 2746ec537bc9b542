"""What decisions hang on a product, and what of it a corrected listing takes along: the same whoever is heard first.

A listing takes what was decided under the key it leaves, and what it brought there itself; what another listing brought is that
one's. So it doesn't matter which of two cities corrects first. Objections stand by their number.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Standing = Mapping[str, Any]


def open_here(standing: Standing, members: Collection[str], former: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objections that are open at a product with these listings (`city/number`), whichever of them brought them.

    What a correction brought is here as long as the listing is, or when it left as another thing and left it behind.
    """
    own = [one for one in standing.get("objections", ()) if _is_here(one.get("via", ()), members, former)]
    brought = standing.get("brought", {}).get("objections", ())
    return [*own, *(one for one in brought if one["id"] not in {mine["id"] for mine in own})]


def suspended_here(standing: Standing, members: Collection[str], former: Mapping[str, Any]) -> bool:
    """Whether a decision suspends a product with these listings."""
    if any(_is_here(via, members, former) for via in standing.get("suspended_by", {}).values()):
        return True
    return bool(standing.get("brought", {}).get("suspended_by"))


def _is_here(via: Collection[str], members: Collection[str], former: Mapping[str, Any]) -> bool:
    return not via or any(name in members or (name in former and former[name]["moved_to"] is None) for name in via)


def brought_along(standing: Standing, listing: str, *, separate: bool) -> dict[str, Any]:
    """What `listing` shows of its own identity's `standing` at the product that it belongs to by decision.

    Whoever set it apart decided that what suspends the others does not suspend it; an open objection may mean it.
    """
    taken = taken_along(standing, listing)
    return with_parts(taken.get("objections", ()), {} if separate else taken.get("suspended_by", {}))


def taken_along(standing: Standing, listing: str) -> dict[str, Any]:
    """What `listing` (`city/number`) takes along from a key with this standing."""
    opened = [{**one, "via": [listing]} for one in standing.get("objections", ()) if _is_its(one.get("via", ()), listing)]
    held = {number: [listing] for number, via in standing.get("suspended_by", {}).items() if _is_its(via, listing)}
    return with_parts(opened, held)


def _is_its(via: Iterable[str], listing: str) -> bool:
    return not via or listing in via


def together(here: Standing, brought: Standing) -> dict[str, Any]:
    """Both as one standing: an objection that is open here and brought is one, answered by whoever answered either."""
    opened = {one["id"]: one for one in here.get("objections", ())}
    for one in brought.get("objections", ()):
        known = opened.get(one["id"])
        opened[one["id"]] = one if known is None else _one(known, one)
    held = dict(here.get("suspended_by", {}))
    for number, via in brought.get("suspended_by", {}).items():
        held[number] = _both(held[number], via) if number in held else via
    return with_parts(opened.values(), held)


def _one(here: Mapping[str, Any], brought: Mapping[str, Any]) -> dict[str, Any]:
    via = _both(here.get("via", ()), brought.get("via", ()))
    answered = sorted({*here["answered"], *brought["answered"]})
    return {name: value for name, value in here.items() if name != "via"} | {"answered": answered} | ({"via": via} if via else {})


def _both(here: Iterable[str], brought: Iterable[str]) -> list[str]:
    """Nothing on either side: it was decided under this very key."""
    return sorted({*here, *brought}) if here and brought else []


def with_parts(objections: Iterable[Mapping[str, Any]], suspended_by: Mapping[str, list[str]]) -> dict[str, Any]:
    """A standing of these parts; what is empty is left out."""
    opened = sorted(objections, key=lambda one: str(one["id"]))
    parts = {"objections": opened, "suspended_by": dict(sorted(suspended_by.items()))}
    return {name: part for name, part in parts.items() if part}
