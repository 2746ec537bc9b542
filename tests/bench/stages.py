"""CPU time of the hub by stage, without a profiler: the few functions a batch goes through are timed where they are called."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from consumers import handle
from consumers.store import log, position
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas.ports import Subscriber

STAGES = ("fetch", "read envelope", "vouch", "load", "decide", "write", "leaves", "log append", "commit", "rest")
"""In the order of a batch; `rest` is what lies between them."""


class StageClock:
    """CPU seconds of this process by stage; a stage inside another counts for itself only."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def timed(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, whose time is added to `stage`."""

        def timing(*arguments: Any, **named: Any) -> Any:
            self._inside.append(0.0)
            started = time.process_time()
            try:
                return call(*arguments, **named)
            finally:
                spent = time.process_time() - started
                self.seconds[stage] += spent - self._inside.pop()
                if self._inside:
                    self._inside[-1] += spent

        return timing

    def by_stage(self, whole: float) -> dict[str, float]:
        """Seconds of each stage, of which `rest` is what is left of `whole`."""
        known = {stage: self.seconds[stage] for stage in STAGES if stage != "rest"}
        return {**known, "rest": max(0.0, whole - sum(known.values()))}


@contextmanager
def stage_clock(store: Store, subscriber: Subscriber) -> Iterator[StageClock]:
    """Time what a worker on these parts does, until the end of the block."""
    clock = StageClock()
    places: list[tuple[str, Any, tuple[str, ...]]] = [
        ("fetch", subscriber, ("fetch", "end_offset")),
        ("read envelope", handle, ("read_envelope",)),
        ("vouch", handle, ("vouch",)),
        ("load", handle, ("needs_of",)),
        ("load", Loader, ("context", "chain", "keys", "received", "forks", "world")),
        ("load", position, ("lock", "claim")),
        ("decide", handle, ("decide_batch",)),
        ("write", handle, ("write_fold",)),
        ("write", position, ("advance",)),
        ("leaves", handle, ("prepared",)),
        ("log append", log, ("append",)),
        ("commit", store.writer.dialect, ("do_commit",)),
    ]
    with ExitStack() as undo:
        for stage, owner, names in places:
            for name in names:
                undo.enter_context(patch.object(owner, name, clock.timed(stage, getattr(owner, name))))
        yield clock
