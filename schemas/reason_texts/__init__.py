"""What the reason catalogue is made of: the shape of a reason here, the texts in the modules beside, one a table."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "accept", "review", "reject", "skip",  # a row; `accept` is a warning on an accepted one
    "file",  # a whole file is not taken, or not fully
    "refused", "rejected", "parked", "applied", "superseded",  # a record or event
    "error",  # the command stopped
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One code: what it leads to, what it means, and what the person who gets it does next (Chinese and English).

    `outcome` of a record's reason is the usual one: a record that can't be read is `refused`, and `rejected` when it
    is vouched for.
    """

    code: str
    outcome: Outcome
    zh: str
    en: str
    action_zh: str
    action_en: str
