"""What became of a record: its outcome, its reason, what changed; and the two answers of decisions that can't be carried out."""

from schemas.values import value


@value
class Verdict:
    """What became of one record: outcome, reason code, and what changed.

    `before` and `after` are hashes of the object concerned; `previous` the sequence of the same subject's previous event;
    `products` the keys whose row changed. `detail` is a sentence for the source, in leaves of vouched events only.
    """

    outcome: str
    reason: str | None = None
    detail: str = ""
    before: str | None = None
    after: str | None = None
    previous: int | None = None
    products: tuple[str, ...] = ()

    def following(self, previous: int | None) -> "Verdict":
        """The same, of an event that follows `previous`; None for its subject's first."""
        if previous is None:
            return self
        return Verdict(self.outcome, self.reason, self.detail, self.before, self.after, previous, self.products)

    @property
    def final(self) -> bool:
        """Whether this is an event's last word."""
        return self.outcome in FINAL


FINAL = frozenset({"applied", "superseded", "rejected"})
EVENT_OUTCOMES = FINAL | {"parked"}
"""Outcomes of events: they consume a sequence. `duplicate` and `refused` are of records."""


def not_allowed(detail: str) -> Verdict:
    """The decision breaks a rule; `detail` names it and what stands instead."""
    return Verdict("rejected", "decision_not_allowed", detail)


def unknown_object(detail: str) -> Verdict:
    """The decision names nothing that is known."""
    return Verdict("rejected", "decision_unknown_object", detail)
