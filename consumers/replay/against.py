"""Verification against the store: the log checked by itself, and the store compared with what the log folds to."""

from dataclasses import replace

from consumers.audit.checks import Check, Verification
from consumers.replay.report import ReplayReport


def against_store(verification: Verification, report: ReplayReport) -> Verification:
    """The verification with one more check, `store`: whether a replay gave the same store, row for row."""
    return replace(verification, checks=(*verification.checks, _store_check(report)))


def _store_check(report: ReplayReport) -> Check:
    if report.equal:
        return Check("store", True, f"{report.entries} entries fold to the store, row for row")
    first = report.differences[0]
    where = f"{first.object} {first.key}, {first.field}"
    more = f" (and {report.total - 1} more; `czt audit replay` lists them)" if report.total > 1 else ""
    return Check("store", False, f"{where}: the store has {first.before!r}, the log says {first.after!r}{more}")
