"""A process that runs until it is told to stop: its log, its port, its signals, and how it leaves."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from deploy.http_health import HealthServer, Ready
from deploy.settings import Settings
from deploy.telemetry import Metrics, configure_logging
from schemas.errors import CztError

logger = logging.getLogger("czt.process")

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Forever:
    """What a long-running process has besides its work. SIGTERM and SIGINT set `stop`; the work ends when it can."""

    def __init__(self, settings: Settings) -> None:
        configure_logging(settings.log_format, settings.log_level)
        self.settings = settings
        self.metrics = Metrics()
        self.stop = threading.Event()

    @contextmanager
    def running(self, ready: Ready) -> Iterator[None]:
        """Answer signals and, on the port of the settings, Prometheus. Raises `PortTaken`."""
        before = {number: signal.signal(number, self._stopped) for number in STOPPING}
        port = self.settings.metrics_port
        server = HealthServer(self.metrics.registry, ready, self.settings.metrics_host, port) if port else None
        try:
            yield
        finally:
            if server is not None:
                server.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stopped(self, number: int, frame: FrameType | None) -> None:
        # From a thread of its own: the handler interrupts this one, perhaps while it holds the event's lock.
        threading.Thread(target=self.stop.set, name="stopping").start()


def leave(release: Callable[[], None]) -> None:
    """Give leases back, so that a standby can take over at once; when the database is away they end by themselves."""
    try:
        release()
    except CztError as error:
        logger.warning("leases end by themselves: %s", error)
