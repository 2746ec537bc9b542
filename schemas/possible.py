"""stopgap"""

from schemas.entry import RegisterEntry


def impossible(entry: RegisterEntry) -> str | None:
    if entry.valid_from > entry.valid_to:
        return "valid_to is before valid_from"
    return None
