"""The bench goes on working: all of it once, with counts that take no time, in this process."""

from pathlib import Path

from tests.bench.ground import Ground
from tests.bench.measure import Scale, measured
from tests.bench.report import NAMES, as_json, as_markdown
from tests.bench.runs import in_this_process
from tests.support.kafka_server import KafkaServer
from tests.support.postgres_server import PostgresServer

TINY = Scale(rounds=1, events=200, logged=100, relayed=50, rows=20, two=False)


def test_bench(fresh_kafka: KafkaServer, postgres_server: PostgresServer, tmp_path: Path) -> None:
    """Every variant runs on real servers, does the work that it is timed for, and stands in the table."""
    ground = Ground(fresh_kafka, postgres_server, tmp_path)
    try:
        found = as_json(measured(ground, TINY, in_this_process), TINY)
    finally:
        ground.drop_databases()
    table = as_markdown(found)
    for name in [name for name in NAMES if "×2" not in name]:
        assert found["runs"][name]["per_second"]["median"] > 0
        assert NAMES[name] in table
    assert found["scale"]["events"] == 200
    for bare in ("COPY", "COPY rows"):
        assert found["ratios"][f"hub postgresql / min(drain, {bare})"]["median"] > 0
    stages = found["stages"]["postgresql"]
    assert stages["decide"] > 0
    assert sum(stages.values()) - stages["all"] <= stages["all"] + 1
