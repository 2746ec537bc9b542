"""When two listings are the same product: same code, same name key, same set of models."""

from collections.abc import Sequence
from functools import lru_cache

from schemas import text
from schemas.codec import canonical, sha256_hex

KEY_DIGITS = 20
"""80 bits: among ten million products, the chance that any two keys are equal is below one in ten thousand million."""


@lru_cache(maxsize=16_384)
def name_key(product_name: str) -> str:
    """What two spellings of one product name share: its normal form."""
    return text.product_name(product_name).value


def model_key(models: Sequence[str]) -> list[str]:
    """The sorted set of the models' normal forms. No model is a value of its own: the empty list."""
    return sorted({normal for normal in map(_model, models) if normal})


@lru_cache(maxsize=16_384)
def _model(raw: str) -> str:
    return text.model(raw).value


def product_key(uscc: str, product_name: str, models: Sequence[str]) -> str:
    """First 20 hex digits of the SHA-256 of the RFC 8785 array [uscc, name key, model key]."""
    return _product_key(uscc, product_name, tuple(models))


@lru_cache(maxsize=4_096)
def _product_key(uscc: str, product_name: str, models: tuple[str, ...]) -> str:
    return sha256_hex(canonical([uscc, name_key(product_name), model_key(models)]))[:KEY_DIGITS]


def separate_key(city: str, certificate_no: str) -> str:
    """The product of a listing that stands alone by decision, whatever its identity says."""
    return sha256_hex(canonical(["separate", city, certificate_no]))[:KEY_DIGITS]
