"""stopgap"""
from collections.abc import Sequence
from schemas.codec import canonical, sha256_hex
from schemas.text import model, product_name
def name_key(name: str) -> str:
    return product_name(name).value
def model_key(models: Sequence[str]) -> list[str]:
    return sorted({model(m).value for m in models})
def product_key(uscc: str, name: str, models: Sequence[str]) -> str:
    return sha256_hex(canonical([uscc, name_key(name), model_key(models)]))[:20]
