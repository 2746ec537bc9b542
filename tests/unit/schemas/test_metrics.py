"""The metric catalogue keeps Prometheus' rules, so that dashboards and alert rules can be checked against it."""

import re

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from schemas import metrics
from schemas.metrics import BATCH_SECONDS, CATALOGUE, FORKED, RECORDS_READ, Metric, MetricKind

UNITS = {"seconds", "records", "entries"}


def test_every_metric_is_in_the_catalogue_once() -> None:
    """The catalogue lists each metric of the module, under a name of its own."""
    declared = [item for item in vars(metrics).values() if isinstance(item, Metric)]
    assert sorted(metric.name for metric in CATALOGUE) == sorted(metric.name for metric in declared)
    samples = [sample for metric in CATALOGUE for sample in metric.samples]
    assert len(samples) == len(set(samples))


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_names_units_and_words(metric: Metric) -> None:
    """A known unit ends the name that has one; labels are plain words; both languages explain it in one line."""
    assert metric.unit in UNITS | {""}
    assert metric.unit or metric.name.rpartition("_")[2] not in UNITS
    assert all(re.fullmatch(r"[a-z]+", label) and label not in {"le", "job", "instance"} for label in metric.labels)
    assert len(set(metric.labels)) == len(metric.labels)
    assert metric.help_en.isascii()
    assert re.search("[\u4e00-\u9fff]", metric.help_zh)
    assert not any(text.endswith((".", "。")) or "\n" in text for text in (metric.help_en, metric.help_zh))


def test_samples_are_what_the_client_exports() -> None:
    """prometheus_client exports each metric under the names that `samples` tells, `_created` aside."""
    registry = CollectorRegistry()
    for metric in CATALOGUE:
        labels = dict.fromkeys(metric.labels, "x")
        if metric.kind is MetricKind.HISTOGRAM:
            histogram = Histogram(metric.name, metric.help_en, metric.labels, registry=registry, buckets=metric.buckets)
            histogram.labels(**labels).observe(1)
        elif metric.kind is MetricKind.COUNTER:
            counter = Counter(metric.name, metric.help_en, metric.labels, registry=registry)
            (counter.labels(**labels) if labels else counter).inc()
        else:
            gauge = Gauge(metric.name, metric.help_en, metric.labels, registry=registry)
            (gauge.labels(**labels) if labels else gauge).set(1)
    exported = set(re.findall(r"^(czt_\w+?)(?:\{| )", generate_latest(registry).decode(), re.MULTILINE))
    told = {sample for metric in CATALOGUE for sample in metric.samples}
    assert {name for name in exported if not name.endswith("_created")} == told


def test_samples_of_each_kind() -> None:
    """A counter ends in `_total`, a gauge is its name, a histogram has buckets, sum and count."""
    assert RECORDS_READ.samples == ("czt_records_read_total",)
    assert FORKED.samples == ("czt_forked",)
    assert BATCH_SECONDS.samples == ("czt_batch_seconds_bucket", "czt_batch_seconds_sum", "czt_batch_seconds_count")
    assert list(BATCH_SECONDS.buckets) == sorted(set(BATCH_SECONDS.buckets))


@pytest.mark.parametrize(
    ("name", "kind", "unit", "buckets"),
    [
        ("read", MetricKind.COUNTER, "", ()),
        ("czt_Read", MetricKind.COUNTER, "", ()),
        ("czt__read", MetricKind.COUNTER, "", ()),
        ("czt_read_total", MetricKind.COUNTER, "", ()),
        ("czt_read_count", MetricKind.GAUGE, "", ()),
        ("czt_age", MetricKind.GAUGE, "seconds", ()),
        ("czt_age_seconds", MetricKind.GAUGE, "seconds", (1.0,)),
        ("czt_age_seconds", MetricKind.HISTOGRAM, "seconds", ()),
    ],
)
def test_a_bad_metric_is_not_made(name: str, kind: MetricKind, unit: str, buckets: tuple[float, ...]) -> None:
    """A metric that breaks a naming rule is a ValueError where it is written."""
    with pytest.raises(ValueError, match=name):
        Metric(name, kind, "help", "说明", unit=unit, buckets=buckets)
