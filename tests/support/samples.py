"""The three samples of 2021: their files, and what the shared store must make of them, worked out from the answer keys."""

import json
from pathlib import Path
from typing import Any

from schemas.identity import product_key
from tests.support.cities import CITIES

FOLDER = Path(__file__).parents[1] / "samples"
DAY = "2021-07-22"
"""The day on which the answer keys say what is valid."""
XLSX, CSV = "catalogue.xlsx", "catalogue_gbk.csv"
PRODUCT_FIELDS = (
    *("product_key", "status", "disputed", "uscc", "enterprise_name", "product_name", "models", "category", "listings"),
    *("batch", "recognized_on"),
)
"""Of one product in `hub products --json`, as contracted."""


def sample(city: str, file: str = XLSX) -> str:
    """Where a city's catalogue is."""
    return str(FOLDER / city / file)


def sound_rows() -> list[dict[str, Any]]:
    """Values of every row that both forms of the files accept, and that is active and in date on `DAY`."""
    keys = [json.loads((FOLDER / city.word / "answer_key.json").read_text("utf-8")) for city in CITIES]
    rows = [row for key in keys for row in key["rows"] if "accept" == row["outcome"] == row.get("csv", row)["outcome"]]
    return [row["expect"] for row in rows if row["expect"]["eligible"]]


def word_of(code: str) -> str:
    """The word of the city with this code."""
    return next(city.word for city in CITIES if city.code == code)


def recognised_products() -> list[dict[str, Any]]:
    """What `hub products --status recognized` must list once batch 1 of `DAY` holds all sound rows."""
    return sorted(map(_product, sound_rows()), key=lambda product: str(product["product_key"]))


def _product(row: dict[str, Any]) -> dict[str, Any]:
    """No two sound rows are the same product."""
    days = {name: row[name] for name in ("valid_from", "valid_to")}
    listing = {"city": word_of(row["register_city"]), "certificate_no": row["certificate_no"], "status": "active"}
    return {
        "product_key": product_key(row["uscc"], row["product_name"], row["models"]),
        "status": "recognized",
        "disputed": False,
        **{name: row[name] for name in ("uscc", "enterprise_name", "product_name", "models", "category")},
        "listings": [listing | days],
        "batch": 1,
        "recognized_on": DAY,
    }
