"""The type of codes, numbers and days that stand as text: compared and sorted by their bytes."""

from sqlalchemy import String


def code(length: int) -> String:
    """Text of at most so many characters, in one order on every database.

    PostgreSQL would else sort by the language it was set up with, and take half as long again to keep an index.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")
