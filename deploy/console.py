"""The console's process: the HTTP server around the console's application, with what only this side can give it."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from deploy.as_of import stores_at
from deploy.console_status import StatusDesk
from deploy.http_health import PortTaken, health
from deploy.running import Forever
from deploy.telemetry import Metrics
from deploy.wiring import Wiring
from schemas import metrics as m
from schemas.errors import Both, Overloaded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from uvicorn import Server

    from consumers.console.parts import Parts
    from consumers.store.load import Loader

logger = logging.getLogger("czt.console")

FOLD_SECONDS = 30.0
"""How long a question about the past may take: folding the log keeps one of the machine's cores busy."""
FOLD_ENTRIES = 2_000
"""Entries between looks at the clock."""
CONNECTIONS = 500
"""Open at a time, half of the files that systems give a process; those beyond get 503 from the server itself."""
IDLE_SECONDS = 15
"""A connection on which nothing is asked is closed."""
LEAVE_SECONDS = 10
"""How long answers under way may take once the process is told to stop."""


def serve(wiring: Wiring, process: Forever) -> None:
    """Answer until the process is told to stop. Raises `PortTaken`, `SchemaOutdated`, `StoreUnavailable`."""
    with StatusDesk(wiring.settings, wiring.clock) as desk, _bound(wiring) as listener:
        server = _server(_parts(wiring, desk, process), wiring, process.metrics)
        with ThreadPoolExecutor(1, "console") as thread, process.running(lambda: unready(wiring)):
            serving = thread.submit(server.run, [listener])
            serving.add_done_callback(lambda _: process.stop.set())
            logger.info("listening", extra={"address": "{}:{}".format(*listener.getsockname())})
            try:
                process.stop.wait()
            finally:
                server.should_exit = True
            serving.result()  # a server that ended by itself says why


@contextmanager
def _bound(wiring: Wiring) -> Iterator[socket.socket]:
    host, port = wiring.settings.console_host, wiring.settings.console_port
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise PortTaken(
            Both(f"{host}:{port} 监听不了：{error.strerror}", f"Can't listen on {host}:{port}: {error.strerror}"),
            Both("请改 CZT_CONSOLE_HOST 或 CZT_CONSOLE_PORT。", "Change CZT_CONSOLE_HOST or CZT_CONSOLE_PORT."),
        ) from error
    with listener:
        yield listener


def _server(parts: "Parts", wiring: Wiring, metrics: Metrics) -> "Server":
    from uvicorn import Config, Server

    from consumers.console.app import create_app
    from consumers.console.guard import MOST_HEADER_BYTES

    config = Config(
        create_app(parts, probes(wiring, metrics)),
        http="h11",  # which bounds what it keeps of a request that is not complete
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=LEAVE_SECONDS,
    )
    return Server(config)


def _parts(wiring: Wiring, desk: StatusDesk, process: Forever) -> "Parts":
    from consumers.console.parts import Parts
    from consumers.console.problems import DEFAULT

    folding = Folding(wiring, process.stop)

    def observe(route: str, status: int, seconds: float) -> None:
        process.metrics.count(m.HTTP_REQUESTS, 1, {"route": route, "status": str(status)})
        process.metrics.observe(m.HTTP_REQUEST_SECONDS, seconds, {"route": route})

    return Parts(
        store=wiring.store,
        cities=tuple(wiring.settings.cities),
        status=desk.status,
        then=folding.then,
        checkpoint=wiring.archive.latest,
        observe=observe,
        stopping=process.stop.is_set,
        version=version("czt"),
        lang=wiring.settings.lang or DEFAULT,
    )


def unready(wiring: Wiring) -> str | None:
    """Why the console can't answer, None when it can. Raises `StoreUnavailable` and its like for the same."""
    wiring.log_size()
    return None


class Folding:
    """Questions about the past, one at a time and bounded, because each folds the log again."""

    def __init__(self, wiring: Wiring, stop: threading.Event) -> None:
        self._wiring = wiring
        self._stop = stop
        self._busy = threading.Lock()

    @contextmanager
    def then(self, index: int) -> "Iterator[Loader]":
        """What the store said right after entry `index`. Raises `Overloaded`, `LogRolledBack`, `StoreUnavailable`."""
        if not self._busy.acquire(blocking=False):
            raise Overloaded(Both("正在回答另一个关于过去的问题。", "Another question about the past is being answered."))
        try:
            with Wiring(self._wiring.settings, self._wiring.clock) as own:
                yield from self._folded(own, index)
        finally:
            self._busy.release()

    def _folded(self, own: Wiring, index: int) -> "Iterator[Loader]":
        deadline = time.monotonic() + FOLD_SECONDS
        with closing(stores_at(own, [*range(FOLD_ENTRIES - 1, index, FOLD_ENTRIES), index])) as reached:
            for stop, loader in reached:
                if stop == index:
                    yield loader
                elif self._stop.is_set() or time.monotonic() > deadline:
                    raise Overloaded(Both(f"{FOLD_SECONDS:.0f} 秒内算不完。", f"It takes longer than {FOLD_SECONDS:.0f} s."))


def probes(wiring: Wiring, metrics: Metrics) -> "list[BaseRoute]":
    """`/healthz`, `/readyz` and `/metrics`, as on the port of CZT_METRICS_PORT, on the console's own."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    from consumers.console.guard import ROUTE

    async def probe(request: "Request") -> "Response":
        request.scope[ROUTE] = request.url.path
        status, line = await run_in_threadpool(health, request.url.path, lambda: unready(wiring))
        return PlainTextResponse(f"{line}\n", status)

    async def scrape(request: "Request") -> "Response":
        request.scope[ROUTE] = request.url.path
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", probe), Route("/readyz", probe), Route("/metrics", scrape)]
