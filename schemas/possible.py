"""Whether the values of an entry can be true at all: the rules of the domain that its shape doesn't show."""

from schemas import districts, uscc
from schemas.entry import RegisterEntry


def impossible(entry: RegisterEntry) -> str | None:
    """The first rule that the entry breaks, as one sentence, or None.

    Rules: both checks of the USCC (GB 32100-2015), the order of the days, a district from the code tables (GB/T 2260),
    current or replaced. A USCC's region is never compared: it is where the firm was first registered.
    """
    if not uscc.is_valid(entry.uscc):
        return "uscc is not a valid unified social credit code (GB 32100-2015)."
    if entry.valid_from > entry.valid_to:
        return f"valid_to {entry.valid_to} is before valid_from {entry.valid_from}."
    if entry.district_code is not None and not districts.is_possible(entry.district_code, entry.register_city):
        return f"district_code {entry.district_code} is no district or county of a city that takes part (GB/T 2260)."
    return None
