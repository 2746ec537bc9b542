"""Answers a buyer's list from one snapshot of the store: status and basis of each row."""

from dataclasses import dataclass
from typing import Any

from consumers.store import log, queries
from consumers.store.load import Loader
from deploy.buyers.sheet import Asked, BuyersList
from deploy.cities.read import Cities


@dataclass(frozen=True, slots=True)
class Answered:
    """One row with its answer: `status` is the product's, or the kind of match where no single product was found."""

    asked: Asked
    status: str
    basis: str
    product_key: str | None

    def as_json(self) -> dict[str, Any]:
        """`{row, product_name, status, basis, product_key}`."""
        return {
            "row": self.asked.row,
            "product_name": self.asked.product_name,
            "status": self.status,
            "basis": self.basis,
            "product_key": self.product_key,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole list answered, on the store's day (None: no day began) and at its log's size."""

    day: str | None
    log_size: int
    rows: tuple[Answered, ...]


def check_list(loader: Loader, asked: BuyersList, cities: Cities) -> Checked:
    """Answer every row. All answers are of one moment."""
    day, size = loader.context(exclusive=False, lock=False).day, log.size(loader.connection)
    return Checked(day, size, tuple(answered(loader, one, cities) for one in asked.rows))


def answered(loader: Loader, asked: Asked, cities: Cities) -> Answered:
    """One row, found by its identity."""
    found = queries.lookup(
        loader,
        uscc=asked.uscc,
        enterprise_name=asked.enterprise_name,
        product_name=asked.product_name,
        models=asked.models,
    )
    product = found["product"]
    if product is None:
        return Answered(asked, found["match"], _others(found["others"]), None)
    status = "disputed" if product["disputed"] and product["status"] == "recognized" else product["status"]
    return Answered(asked, status, _basis(product, cities), product["product_key"])


def _basis(product: dict[str, Any], cities: Cities) -> str:
    """Batch and day of publication, and every listing with its validity."""
    published = [f"第{product['batch']}批（{product['recognized_on']}）"] if product["batch"] else []
    listed = [
        f"{cities.zh(one['city'])} {one['certificate_no']}（{one['valid_from']} 至 {one['valid_to']}）"
        for one in product["listings"]
    ]
    return "；".join([*published, *listed])


def _others(others: list[dict[str, Any]]) -> str:
    """What is listed instead, so that the buyer can compare."""
    return "；".join("、".join(one["models"]) or "无型号" for one in others[:5])
