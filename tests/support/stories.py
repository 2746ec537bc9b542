"""Random source histories: what three cities and the joint office do, drawn as small steps that Hypothesis can shrink.

A story is stages. In each, the cities speak freely, days begin and keys change; then the joint office decides, one thing after
the other, on what it sees. `tests.support.scenes` makes events of it.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

VERBS = (
    "remark",
    "category",
    "change_identity",
    "correct_identity",
    "correct",
    "renew",
    "suspend",
    "reinstate",
    "withdraw",
    "defraud",
    "impossible",
    "foreign",
    "newer",
    "skip_versions",
    "answer",
    "statement",
)
RULINGS = (
    "assess",
    "batch",
    "raise",
    "settle",
    "join",
    "unjoin",
    "separate",
    "unite",
    "rules",
    "release",
    "revoke_nothing",
)


@dataclass(frozen=True)
class Act:
    """What a city does: to which of its entries, with which of a few values; whether it is signed, and comes late."""

    city: int
    entry: int
    verb: str
    pick: int
    signed: bool
    late: bool


@dataclass(frozen=True)
class Ruling:
    """What the joint office decides; the numbers pick objects among those there are."""

    kind: str
    pick: int
    other: int


@dataclass(frozen=True)
class Stage:
    """What may happen in any order across sources, and then the rulings. `rotates`: the city that takes a new key.

    `answers`: cities answer objections, and no entry changes its identity that another city's follows by decision: an answer is
    for a city to give that lists the product, and where one only follows another, that other one says which product it is.
    """

    acts: tuple[Act, ...]
    days: int
    rotates: int | None
    answers: bool
    rulings: tuple[Ruling, ...]


_ACTS = st.builds(
    Act,
    city=st.integers(0, 2),
    entry=st.integers(0, 1),
    verb=st.sampled_from(VERBS),
    pick=st.integers(0, 15),
    signed=st.booleans(),
    late=st.sampled_from((False, False, False, True)),
)
_RULINGS = st.builds(Ruling, kind=st.sampled_from(RULINGS), pick=st.integers(0, 7), other=st.integers(0, 7))
_PUBLISHING = st.just((*(Ruling("assess", number, 0) for number in range(4)), Ruling("batch", 0, 0)))
STAGES = st.builds(
    Stage,
    acts=st.lists(_ACTS, min_size=1, max_size=9).map(tuple),
    days=st.integers(0, 1),
    rotates=st.none() | st.integers(0, 2),
    answers=st.booleans(),
    rulings=_PUBLISHING | st.lists(_RULINGS, max_size=5).map(tuple),
)
STORIES = st.lists(STAGES, min_size=1, max_size=4)
