"""The shared side: the hub's worker, what follows the log, and the two audits, on the parts that `czt` itself is wired from."""

import time
from collections.abc import Callable
from typing import Any

from consumers.audit.verify import verify_log
from deploy.keys import LOG_KEY, load_public, public_file
from deploy.settings import Settings
from deploy.verifying import replayed
from deploy.wiring import Wiring
from schemas.topics import topic_of
from tests.bench.stages import stage_clock

Work = Callable[[], dict[str, float]]


def _wiring(arguments: dict[str, Any]) -> Wiring:
    return Wiring(Settings(**arguments["settings"]))


def hub(arguments: dict[str, Any]) -> Work:
    """Decide everything on `sources`."""
    wiring = _wiring(arguments)
    sources = tuple(arguments["sources"])
    worker = wiring.worker(sources, lambda source, report, seconds: None)
    for source in sources:
        wiring.subscriber.end_offset(topic_of(source), 0)

    def work() -> dict[str, float]:
        with wiring:
            totals = worker.run_until_idle()
            worker.release()
        expect({"applied": totals.read}, dict(totals.outcomes))
        return {"count": totals.read}

    return work


def stages(arguments: dict[str, Any]) -> Work:
    """The same, with the CPU seconds of each stage as further facts."""
    wiring = _wiring(arguments)
    worker = wiring.worker(tuple(arguments["sources"]), lambda source, report, seconds: None)

    def work() -> dict[str, float]:
        with wiring, stage_clock(wiring.store, wiring.subscriber) as clock:
            cpu = time.process_time()
            totals = worker.run_until_idle()
            found = clock.by_stage(time.process_time() - cpu)
            worker.release()
        return {"count": totals.read, **found}

    return work


def outbound(arguments: dict[str, Any]) -> Work:
    """Send everything that a log holds: receipts and products."""
    wiring = _wiring(arguments)
    sender = wiring.outbound()

    def work() -> dict[str, float]:
        with wiring:
            sent = sender.run_until_idle()
            sender.release()
        return {"count": sum(sent.values())}

    return work


def verify(arguments: dict[str, Any]) -> Work:
    """Check a whole log under a checkpoint that was signed just before."""
    wiring = _wiring(arguments)
    key = load_public(public_file(wiring.settings.key_dir, LOG_KEY))
    wiring.checkpointer().sign()

    def work() -> dict[str, float]:
        with wiring, wiring.store.snapshot() as loader:
            found = verify_log(loader.connection, wiring.archive, wiring.settings.log_origin, key, wiring.first_joint_key())
        expect([], [check for check in found.checks if not check.ok])
        return {"count": found.size}

    return work


def replay(arguments: dict[str, Any]) -> Work:
    """Fold a whole log into a store of its own and compare both."""
    wiring = _wiring(arguments)

    def work() -> dict[str, float]:
        with wiring:
            report = replayed(wiring)
        expect((), report.differences)
        return {"count": report.entries}

    return work


def expect(wanted: object, got: object) -> None:
    """A figure for work that went wrong would be no figure. Raises ValueError."""
    if wanted != got:
        raise ValueError(f"expected {wanted}, got {got}")
