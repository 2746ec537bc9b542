"""The one catalogue of reason codes behind reports, receipts, the console and the metrics.

Codes are never reused: a code that is no longer given stays, so that old receipts and log entries can be read.
"""

from collections.abc import Iterable
from typing import Literal

from schemas.reason_texts import Outcome, Reason
from schemas.reason_texts.files import FILES
from schemas.reason_texts.layout import LAYOUT
from schemas.reason_texts.program import PROGRAM
from schemas.reason_texts.records import RECORDS
from schemas.reason_texts.rows import ROWS
from schemas.reason_texts.warnings import WARNINGS

__all__ = ["ALL", "ROW_ORDER", "Outcome", "Reason", "get", "is_warning", "sort_reasons", "worst_outcome"]

ALL: dict[str, Reason] = {reason.code: reason for table in (LAYOUT, ROWS, WARNINGS, FILES, RECORDS, PROGRAM) for reason in table}
"""Every reason by code, in the order of the tables. `wrong_issuer`, of rows and of events, stands with the rows."""

ROW_ORDER: tuple[str, ...] = tuple(reason.code for reason in ROWS)
"""The codes that a data row can have as reasons, in the order in which they are listed."""

_POSITION = {code: position for position, code in enumerate(ALL)}


def get(code: str) -> Reason:
    """The reason with this code. Raises KeyError with the code when there is none."""
    return ALL[code]


def sort_reasons(codes: Iterable[str]) -> list[str]:
    """The codes in the order of the tables, each once. Raises KeyError with the first unknown one."""
    return sorted(set(codes), key=_POSITION.__getitem__)


def worst_outcome(codes: Iterable[str]) -> Literal["reject", "review", "accept"]:
    """What a row with these codes comes to: one `reject` outweighs any `review`, and warnings weigh nothing.

    Raises KeyError with an unknown code.
    """
    outcomes = {get(code).outcome for code in codes}
    if "reject" in outcomes:
        return "reject"
    return "review" if "review" in outcomes else "accept"


def is_warning(code: str) -> bool:
    """Whether the code only tells of a correction on an accepted row. Raises KeyError with an unknown code."""
    return get(code).outcome == "accept"
