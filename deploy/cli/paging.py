"""Pages of a listing: how many, from where, and how to ask for the next."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deploy.cli.call import Call

MAX_LIMIT = 10_000
"""A page is held in memory."""

Limit = Annotated[int, typer.Option("--limit", min=1, max=MAX_LIMIT, help="最多几条 · how many at most")]
Cursor = Annotated[
    int, typer.Option("--cursor", min=0, help="从上一页给出的位置继续 · go on where the last page ended")
]


def show_next(call: Call, answer: Mapping[str, Any]) -> None:
    """Say so when there is more."""
    if answer["next"] is not None:
        call.say("next", cursor=answer["next"])
