"""Answers a buyer's list from one snapshot of the store: status and basis of each row."""

from dataclasses import dataclass
from typing import Any

from consumers.store.load import Loader
from consumers.store.queries.lookup import lookup
from consumers.store.queries.recognition import status_and_basis
from consumers.store.queries.stated import stated
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
    now = stated(loader)
    return Checked(now["day"], now["log_size"], tuple(answered(loader, one, cities) for one in asked.rows))


def answered(loader: Loader, asked: Asked, cities: Cities) -> Answered:
    """One row, found by its identity."""
    found = lookup(
        loader,
        uscc=asked.uscc,
        enterprise_name=asked.enterprise_name,
        product_name=asked.product_name,
        models=asked.models,
    )
    status, basis = status_and_basis(found, cities.zh)
    product = found["product"]
    return Answered(asked, status, basis, None if product is None else product["product_key"])
