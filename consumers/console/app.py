"""The console as an ASGI application: routes of the operations, errors as problems, bounds around all of it."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import orjson
from anyio import CapacityLimiter, to_thread
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consumers.console.conditional import Known, known_tags
from consumers.console.feed import Tide
from consumers.console.finding import PREFIX, Answer
from consumers.console.guard import ROUTE, Guard
from consumers.console.openapi import document
from consumers.console.operations import OPERATIONS, Operation
from consumers.console.parts import Parts
from consumers.console.problems import (
    language,
    problem_of,
    problem_of_defect,
    problem_of_http,
    wrong_question,
)
from consumers.console.questions import Changes, Question
from consumers.store import log
from schemas.errors import Both, CztError, UsageError
from schemas.text import printable

FOR_EVER = "public, max-age=31536000, immutable"
THREADS = 8
"""Questions answered at a time, each with one connection to the store; others wait their turn."""

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(parts: Parts, others: Sequence[BaseRoute] = ()) -> Starlette:
    """The application. `others`: routes that belong to the process, not to the API."""
    limiter, tide = CapacityLimiter(THREADS), Tide(lambda: _log_size(parts))
    routes: list[BaseRoute] = [Route(one.path, _endpoint(parts, one, limiter, tide)) for one in OPERATIONS]
    described = orjson.dumps(document(parts.version))
    routes += [Route(path, _described(described, path)) for path in (f"{PREFIX}/openapi.json", "/openapi.json")]
    return Starlette(
        routes=[*routes, *others],
        middleware=[Middleware(Guard, observe=parts.observe)],
        exception_handlers={
            CztError: lambda request, error: problem_of(error, language(request, parts.lang)),
            HTTPException: lambda request, error: problem_of_http(error, language(request, parts.lang)),
            Exception: lambda request, error: problem_of_defect(language(request, parts.lang)),
        },
    )


def _log_size(parts: Parts) -> int:
    with parts.store.snapshot() as loader:
        return log.size(loader.connection)


def _endpoint(parts: Parts, operation: Operation, limiter: CapacityLimiter, tide: Tide) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = operation.path
        question, has = _asked(operation.question, request), known_tags(request.headers.get("if-none-match", ""))

        async def find(known: Known = has) -> Answer:
            return await to_thread.run_sync(operation.find, parts, question, known, limiter=limiter)

        if isinstance(question, Changes) and question.wait:
            answer = await _awaited(parts, tide, request, question.wait, find)
            return _response(Answer(tag=answer.tag) if answer.tag in has else answer, operation.media_type)
        return _response(await find(), operation.media_type)

    return endpoint


def _asked(question: type[Question], request: Request) -> Question:
    """The question of a request, checked. Raises `UsageError` naming everything that is wrong with it."""
    given = [*request.query_params.multi_items(), *request.path_params.items()]
    twice = next((printable(name, 40) for name, count in Counter(name for name, _ in given).items() if count > 1), None)
    if twice is not None:
        said = Both(f"参数 {twice} 给了不止一次。", f"{twice} is given more than once.")
        raise UsageError(said, Both("每个只给一次。", "Give it once."))
    try:
        return question.model_validate(dict(given))
    except ValidationError as error:
        raise wrong_question(error) from None


async def _awaited(parts: Parts, tide: Tide, request: Request, seconds: int, find: Callable[[Known], Awaitable[Answer]]) -> Answer:
    """The feed once there is something new, the time is over, the reader has left, or the process stops."""
    deadline = time.monotonic() + seconds
    with tide.waiter():
        answer = await find(Known())
        while not answer.data["changes"] and time.monotonic() < deadline and not parts.stopping():
            if await tide.above(answer.data["log_size"]):
                answer = await find(Known())
            elif await request.is_disconnected():
                break
    return answer


def _response(answer: Answer, media_type: str) -> Response:
    kept = "no-store" if answer.tag is None else FOR_EVER if answer.for_ever else "no-cache"
    headers = {"cache-control": kept, "x-content-type-options": "nosniff"}
    if answer.tag is not None:
        headers["etag"] = answer.tag
    if answer.octets is not None:
        return Response(answer.octets, 200, headers, media_type)
    if answer.data:
        return Response(orjson.dumps(answer.data), 200, headers, media_type)
    return Response(status_code=304, headers=headers)


def _described(body: bytes, path: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        return Response(body, 200, {"cache-control": "no-cache"}, "application/json")

    return endpoint
