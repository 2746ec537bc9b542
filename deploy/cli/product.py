"""`czt hub product`: one product whole, with where each of its fields comes from."""

import re
from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.command import command
from schemas.errors import AnswerIsNo

RULES = {
    "event_time": "rule.event_time",
    "city_code": "rule.city_code",
    "certificate_no": "rule.certificate_no",
    "only_listing": "rule.only_listing",
    "no_listing": "rule.no_listing",
}
"""What may have chosen a field's value, and the text for it."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "product", "czt hub product 0123456789abcdef0123")(product)


def product(
    call: Call, key: Annotated[str, typer.Argument(metavar="PRODUCT", help="产品标识，新旧皆可 · a key, also an old one")]
) -> None:
    """一个产品的每个字段取自哪条目录、依据哪条规则、落选的说法 · where each field of a product comes from, and what lost."""
    from consumers.store import queries
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring, wiring.store.snapshot() as loader:
        answer = queries.golden(loader, key) if re.fullmatch("[0-9a-f]{20}", key) else None
    if answer is None:
        raise AnswerIsNo(call.text("product.unknown", product=key), call.text("product.unknown_next"))
    call.answer(answer, lambda: _show(call, answer))


def _show(call: Call, answer: dict[str, Any]) -> None:
    if answer["asked_for"] != answer["product_key"]:
        call.say("product.moved", old=answer["asked_for"], new=answer["product_key"])
    status = call.text(answer["status"]) + (f" · {call.text('disputed')}" if answer["disputed"] else "")
    batch = f" · {call.text('batch')} {answer['batch']}（{answer['recognized_on']}）" if answer["batch"] else ""
    call.line(f"{answer['product_key']}  {status}{batch}")
    call.table(
        ["field", "shown", "from", "rule", "others_say"],
        [
            [
                one["field"],
                _words(one["value"]),
                one["from"],
                call.text(RULES[one["rule"]]),
                "；".join(f"{_words(lost['value'])} ({lost['from']})" for lost in one["lost"]),
            ]
            for one in answer["fields"]
        ],
    )
    order = " → ".join(call.text(RULES[name]) for name in answer["field_precedence"])
    call.say("product.rules", rule_set=answer["rule_set"], order=order)
    listings = [
        [one["city"], one["certificate_no"], one["status"], one["valid_from"], one["valid_to"]] for one in answer["listings"]
    ]
    call.table(["city", "certificate_no", "listed_as", "valid_from", "valid_to"], listings)
    if answer["day"] is None:
        call.say("hub.no_day")
    else:
        call.say("buyers.as_of", day=answer["day"], size=answer["log_size"])
    call.say("preference")


def _words(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value or "")
