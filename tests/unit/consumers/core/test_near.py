"""Near matches: which pairs of products people are asked about, and which they are not bothered with."""

from typing import Any

import pytest

from consumers.core.model import Product
from consumers.core.near import questions
from schemas.identity import product_key
from tests.support.sources import uscc


def product(**changes: Any) -> Product:
    """A listed product; `changes` are of its fields."""
    shown = {
        "uscc": uscc(1),
        "enterprise_name": "长沙示例环保设备有限公司",
        "product_name": "高效节能水泵",
        "models": ("SL-100",),
        "category": "节能设备",
        **changes,
    }
    key = product_key(shown["uscc"], shown["product_name"], shown["models"])
    return Product(key, **{"listings": ({"city": "changsha", "certificate_no": "1"},), **shown})


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"models": ("SL100",)}, ("models",)),
        ({"models": ("SL-100", "SL-200")}, ("models",)),
        ({"product_name": "高效节能型水泵"}, ("product_name",)),
        ({"models": ()}, ("models",)),
        ({"uscc": uscc(2)}, ("uscc",)),
        ({"uscc": uscc(2), "enterprise_name": "长沙示例环保设备公司"}, ("uscc", "enterprise_name")),
    ],
)
def test_people_are_asked(other: dict[str, Any], differs: tuple[str, ...]) -> None:
    """Another spelling of a model, one more model, a word more in the name, a code mistyped: the fields that differ are named."""
    left, right = product(), product(**other)
    (asked,) = questions([left, right])
    assert sorted([asked.left.product_key, asked.right.product_key]) == sorted([left.product_key, right.product_key])
    assert asked.differs == differs
    assert 80 <= asked.score <= 100


@pytest.mark.parametrize(
    "other",
    [
        {"models": ("SL-200",)},
        {"product_name": "智能配电箱"},
        {"uscc": uscc(2), "enterprise_name": "湘潭样本机械股份有限公司"},
        {"uscc": uscc(2), "models": ("SL-200",)},
        {"models": ("SL100",), "listings": ()},
    ],
)
def test_people_are_not_asked(other: dict[str, Any]) -> None:
    """A model with other digits, another product, another firm, a product that nobody lists: just two products."""
    assert questions([product(), product(**other)]) == []


def test_the_order_plays_no_part() -> None:
    """Each pair is asked once, the most alike first, whatever the order of the products."""
    found = [product(), product(models=("SL100",)), product(product_name="高效节能型水泵")]
    asked = questions(found)
    assert asked == questions(found[::-1])
    assert [one.score for one in asked] == sorted((one.score for one in asked), reverse=True)
    assert len({(one.left.product_key, one.right.product_key) for one in asked}) == len(asked)
