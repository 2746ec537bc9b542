"""The two answers that decisions share when they can't be carried out."""

from consumers.core.model import Verdict


def not_allowed(detail: str) -> Verdict:
    """The decision breaks a rule; `detail` names it and what stands instead."""
    return Verdict("rejected", "decision_not_allowed", detail)


def unknown_object(detail: str) -> Verdict:
    """The decision names nothing that is known."""
    return Verdict("rejected", "decision_unknown_object", detail)
