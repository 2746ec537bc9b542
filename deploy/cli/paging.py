"""What listings are asked for: how many, from where, of which sources."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from schemas.city import SOURCES, source_name, source_of
from schemas.errors import Both, UsageError

MAX_LIMIT = 10_000
"""A page is held in memory."""

Limit = Annotated[int, typer.Option("--limit", min=1, max=MAX_LIMIT, help="最多几条 · how many at most")]
Cursor = Annotated[int, typer.Option("--cursor", min=0, help="从上一页给出的位置继续 · go on where the last page ended")]


def show_next(call: Call, answer: Mapping[str, Any]) -> None:
    """Say so when there is more."""
    if answer["next"] is not None:
        call.say("next", cursor=answer["next"])


def sources_of(words: str | None) -> tuple[str, ...]:
    """The sources named, with commas between; all when none is. Raises `UsageError` for a word that is no source."""
    if words is None:
        return SOURCES
    try:
        return tuple(source_of(word.strip()) for word in words.split(","))
    except KeyError as unknown:
        known = ", ".join(source_name(source) for source in SOURCES)
        raise UsageError(
            Both(f"没有叫“{unknown.args[0]}”的来源。", f"No source is called {unknown.args[0]!r}."),
            Both(f"来源有：{known}", f"Sources are: {known}"),
        ) from None
