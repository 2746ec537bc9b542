"""`czt joint identity …`: which listings are one product. Near matches are questions; people decide, two at a time."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from deploy.cli.decided import First, Second, decide_one, require_two
from deploy.cli.paging import Cursor, Limit, show_next
from schemas.errors import UsageError

if TYPE_CHECKING:
    from schemas.decisions import ListingRef

Listing = Annotated[str, typer.Argument(metavar="CITY/NO", help="在册记录：城市/认定编号 · a listing")]
Undo = Annotated[bool, typer.Option("--undo", help="撤回先前的决定 · take the decision back")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    two = "--by 张三 --agreed-by 李四"
    command(app, "list", "czt joint identity list")(identity_list)
    command(app, "join", f"czt joint identity join changsha/CSLX-00112 xiangtan/XTLX-00190 {two}")(join)
    command(app, "separate", f"czt joint identity separate changsha/CSLX-00112 {two}")(separate)


def identity_list(call: Call, limit: Limit = 100, cursor: Cursor = 0) -> None:
    """疑似同一产品的各对，以及已作的认定 · pairs that may be one product, and the decisions in force."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.identity_questions(loader, limit, cursor)
    call.answer(answer, lambda: _show(call, answer))


def _show(call: Call, answer: dict[str, Any]) -> None:
    rows = [
        [one["score"], " ".join(one["left"]["listings"]), " ".join(one["right"]["listings"]), _differing(one)]
        for one in answer["questions"]
    ]
    call.table(["score", "left", "right", "differs"], rows, right=["score"])
    if rows:
        call.say("identity.questions")
    for one in answer["pointers"]:
        call.line(f"{one['listing']} → {one['follows'] or '⊥'}")
    show_next(call, answer)


def _differing(one: dict[str, Any]) -> str:
    return "；".join(f"{name}: {_words(one['left'][name])} ≠ {_words(one['right'][name])}" for name in one["differs"])


def _words(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value or "")


def join(
    call: Call,
    listing: Listing,
    follows: Annotated[str | None, typer.Argument(metavar="[CITY/NO]", help="它跟随的条目 · the listing it follows")] = None,
    undo: Undo = False,
    by: First = "",
    agreed_by: Second = "",
) -> None:
    """认定一条目与另一条目是同一产品 · one listing follows another: both are the same product."""
    from deploy.joint.proposals import identity_joined

    people = require_two(call, by, agreed_by)
    if (follows is None) != undo:
        raise UsageError(call.text("identity.named"), call.text("identity.named_next"))
    mine, other = reference(call, listing), reference(call, follows) if follows else None
    decide_one(call, lambda _, size: identity_joined(mine, other, undo, people, size), None)


def separate(call: Call, listing: Listing, undo: Undo = False, by: First = "", agreed_by: Second = "") -> None:
    """认定一条目单独成为一个产品 · a listing stands alone, whatever its identity says."""
    from deploy.joint.proposals import identity_separated

    people, mine = require_two(call, by, agreed_by), reference(call, listing)
    decide_one(call, lambda _, size: identity_separated(mine, undo, people, size), None)


def reference(call: Call, words: str) -> "ListingRef":
    """The listing that `city/number` means. Raises `UsageError`."""
    from schemas.decisions import ListingRef

    city, _, number = words.partition("/")
    if call.settings.cities.named(city) is None or not number or len(number) > 64:
        raise UsageError(call.text("listing.form", found=words), call.text("listing.form_next"))
    return ListingRef(city=city, certificate_no=number)
