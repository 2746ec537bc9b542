"""stopgap"""

from dataclasses import dataclass
import unicodedata


@dataclass(frozen=True, slots=True)
class Normal:
    value: str
    warnings: tuple[str, ...]


def printable(text: str, limit: int = 200) -> str:
    return "".join(c for c in text if c.isprintable())[:limit]


def product_name(raw: str) -> Normal:
    return Normal(raw.strip(), ())


def model(raw: str) -> Normal:
    return Normal(unicodedata.normalize("NFKC", raw).strip(), ())
