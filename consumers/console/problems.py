"""Errors as problem details (RFC 9457), with a reason of the catalogue, in the reader's language."""

import logging
from http import HTTPStatus
from typing import Any, Literal

import orjson
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas import reasons
from schemas.errors import AnswerIsNo, Both, CztError, DatabaseUnusable, SchemaOutdated, ServiceError, UsageError
from schemas.text import printable

logger = logging.getLogger("czt.console")

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
SHOWN_CHARACTERS = 60
SHOWN_MISTAKES = 20
Lang = Literal["zh", "en"]
DEFAULT: Lang = "zh"
"""For readers who don't say: those of the three cities."""

_AGAIN = Both("请稍后再试；一直如此，请告知管理员。", "Try again later; if it stays so, tell the operator.")


def problem(status: int, reason: str, detail: str, next_step: str, lang: Lang) -> Response:
    """The answer to a request that can't be answered. Readers wait before they ask a busy or broken console again."""
    known = reasons.get(reason)
    body: dict[str, Any] = {
        "type": f"urn:czt:reason:{reason}",
        "title": known.zh if lang == "zh" else known.en,
        "status": status,
        "detail": detail,
        "reason": reason,
        "next_step": next_step,
    }
    headers = {"content-language": lang, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_SECONDS)
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def problem_of(error: CztError, lang: Lang) -> Response:
    """An error of our tree. What is wrong with our own services is for the log; the reader learns which kind it is."""
    if isinstance(error, ServiceError | DatabaseUnusable | SchemaOutdated):
        logger.warning("could not answer: %s", error)
        known = reasons.get(error.reason)
        return problem(503, error.reason, known.zh if lang == "zh" else known.en, _AGAIN.in_(lang), lang)
    status = 404 if isinstance(error, AnswerIsNo) else 400 if isinstance(error, UsageError) else 500
    detail, next_step = error.said(lang) or (error.message, error.next_step)
    return problem(status, error.reason, detail, next_step, lang)


def problem_of_http(error: HTTPException, lang: Lang) -> Response:
    """No such address, or not this method."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        said = Both("没有这个地址。", "There is nothing at this address.")
    else:
        said = Both("这里只能读取（GET）。", "This can only be read (GET).")
    step = Both("地址见 /api/v1/openapi.json。", "The addresses are in /api/v1/openapi.json.")
    made = problem(error.status_code, "usage", said.in_(lang), step.in_(lang), lang)
    made.headers.update(error.headers or {})
    return made


def problem_of_defect(lang: Lang) -> Response:
    """A defect of ours. What it was stands in the log."""
    said = Both("程序出错，未能答复。", "The program failed to answer.")
    return problem(500, "failed", said.in_(lang), _AGAIN.in_(lang), lang)


def wrong_question(error: ValidationError) -> UsageError:
    """The parameters that are missing, unknown or impossible, all at once unless they are very many."""
    wrong = error.errors(include_url=False)[:SHOWN_MISTAKES]
    found = [_wrong(one["type"], str(one["loc"][-1]), one["msg"], one["input"]) for one in wrong]
    return UsageError(
        Both("；".join(one.zh for one in found), "; ".join(one.en for one in found)),
        Both("参数见 /api/v1/openapi.json。", "The parameters are in /api/v1/openapi.json."),
    )


def _wrong(kind: str, name: str, message: str, given: object) -> Both:
    name = printable(name, SHOWN_CHARACTERS)
    if kind == "missing":
        return Both(f"缺少参数 {name}", f"{name} is missing")
    if kind == "extra_forbidden":
        return Both(f"没有叫 {name} 的参数", f"there is no parameter {name}")
    found, wanted = printable(str(given), SHOWN_CHARACTERS), message.removeprefix("Value error, ").removeprefix("Input ")
    return Both(f"{name} 的值“{found}”不对：{wanted}", f"{name}: found '{found}': {wanted}")


def language(request: Request, default: Lang) -> Lang:
    """The reader's: that of Accept-Language's first word, where it is one of ours."""
    first = request.headers.get("accept-language", "").strip().lower()
    return "zh" if first.startswith("zh") else "en" if first.startswith("en") else default
