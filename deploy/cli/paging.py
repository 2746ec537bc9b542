"""What listings are asked for: how many, from where, of which sources."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from schemas.city import source_name
from schemas.errors import Both, UsageError

MAX_LIMIT = 10_000
"""A page is held in memory."""

Limit = Annotated[int, typer.Option("--limit", min=1, max=MAX_LIMIT, help="最多几条 · how many at most")]
Cursor = Annotated[int, typer.Option("--cursor", min=0, help="从上一页给出的位置继续 · go on where the last page ended")]


def show_next(call: Call, answer: Mapping[str, Any]) -> None:
    """Say so when there is more."""
    if answer["next"] is not None:
        call.say("next", cursor=answer["next"])


def sources_of(call: Call, words: str | None) -> tuple[str, ...]:
    """The sources named, with commas between; all when none is. Raises `UsageError` for a word that is no source."""
    if words is None:
        return call.settings.cities.sources
    return tuple(source_of(call, word.strip()) for word in words.split(","))


def source_of(call: Call, word: str) -> str:
    """The source a person means by `changsha`, `joint-office` or the full address. Raises `UsageError` if none."""
    known = call.settings.cities.sources
    for source in known:
        if word in (source, source_name(source)):
            return source
    names = ", ".join(source_name(source) for source in known)
    raise UsageError(
        Both(f"没有叫“{word}”的来源。", f"No source is called {word!r}."),
        Both(f"来源有：{names}", f"Sources are: {names}"),
    )
