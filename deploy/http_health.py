"""`/metrics` for Prometheus, `/healthz` (alive), `/readyz` (can work): what they say, and the small HTTP server that says it."""

import logging
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from schemas.errors import Both, ServiceError, UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("czt.http")

Ready = Callable[[], str | None]
"""None when the process can do its work, else one line that says why not."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True  # a scrape that hangs must not keep the process alive
    request_queue_size = 32


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """Scrapes come every few seconds; they are not news."""


class HealthServer:
    """Serves in a thread until `close`. `address` is what it listens on."""

    def __init__(self, registry: CollectorRegistry, ready: Ready, host: str, port: int) -> None:
        """Listens at once; port 0 lets the system choose. Raises `PortTaken`."""
        metrics = make_wsgi_app(registry)

        def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "/")
            if path == "/metrics":
                found: Iterable[bytes] = metrics(environ, start)
                return found
            status, body = health(path, ready)
            payload = f"{body}\n".encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(payload)))]
            start(f"{status.value} {status.phrase}", headers)
            return [payload]

        try:
            self._server = make_server(host, port, answer, server_class=_Server, handler_class=_Quiet)
        except OSError as error:
            raise PortTaken(
                Both(f"{host}:{port} 监听不了：{error.strerror}", f"Can't listen on {host}:{port}: {error.strerror}"),
                Both("请换一个 CZT_METRICS_PORT，0 为不开。", "Choose another CZT_METRICS_PORT, or 0 for none."),
            ) from error
        self.address = f"{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)
        self._thread.start()
        logger.info("listening", extra={"address": self.address})

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def health(path: str, ready: Ready) -> tuple[HTTPStatus, str]:
    """What is answered there, in one line."""
    if path == "/healthz":
        return HTTPStatus.OK, "ok"
    if path != "/readyz":
        return HTTPStatus.NOT_FOUND, "here are /metrics, /healthz and /readyz"
    try:
        problem = ready()
    except ServiceError as error:
        problem = error.message
    return (HTTPStatus.OK, "ok") if problem is None else (HTTPStatus.SERVICE_UNAVAILABLE, problem)


class PortTaken(UsageError):
    """The port is in use, or this user may not take it. Choose another, or 0 for none."""
