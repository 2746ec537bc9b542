"""Around every request: how large, how many at a time, and what was answered how fast."""

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.console.problems import DEFAULT, language, problem, problem_of
from schemas.errors import Both, Overloaded

MOST_REQUESTS = 200
"""At a time, those who wait for changes included. Beyond that a reader is told to come back: queueing would only hide it."""
MOST_HEADER_BYTES = 16 * 1024
"""Address and headers together; our longest address is under 4 KiB."""
NO_ROUTE = "none"
"""Stands in the metrics for an address that is none: readers must not be able to make new series."""
ROUTE = "czt.route"
"""Where the route that was taken leaves its template, for the metrics."""


class Guard:
    """An ASGI middleware. `observe` is told route, status and seconds of each answer."""

    def __init__(self, app: ASGIApp, observe: Callable[[str, int, float], None]) -> None:
        self._app = app
        self._observe = observe
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._requests += 1
        try:
            app = _too_long if _header_bytes(scope) > MOST_HEADER_BYTES else self._app
            await (_busy if self._requests > MOST_REQUESTS else app)(scope, receive, sending)
        finally:
            self._requests -= 1
            self._observe(scope.get(ROUTE, NO_ROUTE), status, time.perf_counter() - began)


def _header_bytes(scope: Scope) -> int:
    return len(scope["path"]) + len(scope["query_string"]) + sum(len(name) + len(value) for name, value in scope["headers"])


async def _too_long(scope: Scope, receive: Receive, send: Send) -> None:
    lang = language(Request(scope), DEFAULT)
    said = Both(f"地址和请求头合计最多 {MOST_HEADER_BYTES} 字节。", f"Address and headers may have {MOST_HEADER_BYTES} bytes.")
    await problem(431, "usage", said.in_(lang), Both("请缩短。", "Make them shorter.").in_(lang), lang)(scope, receive, send)


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    error = Overloaded(Both("同时进行的请求太多。", "Too many requests at a time."))
    await problem_of(error, language(Request(scope), DEFAULT))(scope, receive, send)
