"""The answer to a buyer's question, in words: is it recognised, and on what basis."""

from collections.abc import Callable, Mapping
from typing import Any

from consumers.store.load import Loader
from consumers.store.queries.lookup import lookup
from consumers.store.queries.stated import stated

Named = Callable[[str], str]
"""A city's Chinese name by its word."""

SHOWN_OTHERS = 5


def recognition(
    loader: Loader, named: Named, *, uscc: str = "", enterprise_name: str = "", product_name: str, models: str = ""
) -> dict[str, Any]:
    """`hub lookup`: what `lookup` finds, with status and basis, day and log size."""
    found = lookup(loader, uscc=uscc, enterprise_name=enterprise_name, product_name=product_name, models=models)
    status, basis = status_and_basis(found, named)
    return {**found, "status": status, "basis": basis, **stated(loader)}


def status_and_basis(found: Mapping[str, Any], named: Named) -> tuple[str, str]:
    """Of what `lookup` found: the product's status and its publication and listings; without one, the match and what is listed."""
    product = found["product"]
    if product is None:
        return found["match"], "；".join("、".join(one["models"]) or "无型号" for one in found["others"][:SHOWN_OTHERS])
    status = "disputed" if product["disputed"] and product["status"] == "recognized" else product["status"]
    return status, _basis(product, named)


def _basis(product: Mapping[str, Any], named: Named) -> str:
    """Batch and day of publication, and every listing with its validity."""
    published = [f"第{product['batch']}批（{product['recognized_on']}）"] if product["batch"] else []
    listed = [
        f"{named(one['city'])} {one['certificate_no']}（{one['valid_from']} 至 {one['valid_to']}）" for one in product["listings"]
    ]
    return "；".join([*published, *listed])
