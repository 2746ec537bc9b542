"""What a hub counts of each batch, as alerts and dashboards see it."""

from collections import Counter

from consumers.handle import BatchReport
from consumers.store.position import Claim
from deploy.hub import begin_counting, observer
from deploy.telemetry import Metrics

ZHUZHOU = "/registers/zhuzhou"


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"source": ZHUZHOU, **labels})


def _report(**reasons: int) -> BatchReport:
    outcomes = {"statement_differs": "applied", "statement_agrees": "applied", "behind_parked": "parked"}
    counted = Counter({(outcomes.get(reason, "refused"), reason): count for reason, count in reasons.items()})
    return BatchReport(Claim(ZHUZHOU, 1, 0), sum(reasons.values()), Counter(applied=1), counted)


def test_refused_records_and_statements_are_counted_by_reason() -> None:
    """Refusals by reason, statements by result; other reasons are outcomes of events and counted as such only."""
    metrics = Metrics()
    observe = observer(metrics)
    observe(ZHUZHOU, _report(signature_invalid=2, statement_differs=1, behind_parked=4), 0.01)
    observe(ZHUZHOU, _report(signature_invalid=1), 0.01)
    assert _value(metrics, "czt_records_refused_total", reason="signature_invalid") == 3
    assert _value(metrics, "czt_statements_checked_total", reason="statement_differs") == 1
    assert _value(metrics, "czt_records_refused_total", reason="behind_parked") is None
    assert _value(metrics, "czt_records_decided_total", outcome="applied") == 2


def test_what_alerts_look_at_begins_at_zero() -> None:
    """Before the first batch the counters are there, so that the first event is an increase."""
    metrics = Metrics()
    begin_counting(metrics, [ZHUZHOU])
    assert _value(metrics, "czt_records_read_total") == 0
    for reason in ("statement_agrees", "statement_differs", "statement_unchecked"):
        assert _value(metrics, "czt_statements_checked_total", reason=reason) == 0
