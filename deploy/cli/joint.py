"""`czt joint …`: the joint office decides; every decision is an event of its own source."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli import batch, chains, conformance, identity, keys, objection
from deploy.cli.call import Call
from deploy.cli.command import command, group
from deploy.cli.decided import By, decide_one
from deploy.cli.paging import source_of
from schemas.city import JOINT_OFFICE, source_name
from schemas.errors import Both, UsageError

if TYPE_CHECKING:
    from deploy.joint.desk import Assessed

Owner = Annotated[
    str, typer.Argument(metavar="SOURCE", help="谁的密钥：城市，或 joint-office · whose key: a city's, or joint-office's")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "init-keys", "czt joint init-keys")(init_keys)
    command(app, "relay", "czt joint relay")(relay)
    own = group(app, "key", "密钥：城市的和联席办自己的 · keys: the cities' and the joint office's own")
    command(own, "trust", "czt joint key trust changsha changsha.pub")(trust)
    command(own, "revoke", "czt joint key revoke changsha 0123456789abcdef --after-sequence 120")(revoke)
    keys.register_joint(own)
    conformance.register_joint(app)
    rules = group(app, "rules", "规则集 · rule sets")
    command(rules, "activate", "czt joint rules activate")(activate)
    command(app, "day", "czt joint day 2021-07-22")(day)
    command(app, "assess", "czt joint assess 评审表.xlsx")(assess)
    batch.register(group(app, "batch", "批次 · batches"))
    objection.register(group(app, "objection", "异议 · objections"))
    chains.register_joint(app)
    identity.register(group(app, "identity", "同一产品的认定 · which listings are one product"))


def init_keys(call: Call) -> None:
    """建联席办密钥和信任文件 · make the joint office's key and the hub's trust file; safe to run again."""
    from deploy.initialise import make_joint_key
    from deploy.joint.office import Answer
    from deploy.keys import encoded
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        made = make_joint_key(wiring)
        signer = wiring.signer(JOINT_OFFICE)
    nothing_decided = Answer(None, published=False).as_json()
    answer = {**nothing_decided, "keyid": signer.keyid, "key": encoded(signer.public_key), "made": made}
    call.answer(answer, lambda: call.say("joint.keys" if made else "joint.keys_there", keyid=signer.keyid))


def relay(
    call: Call,
    once: Annotated[bool, typer.Option("--once", help="发完就停 · send what waits, then stop")] = False,
) -> None:
    """发出决定；每天零点开始新的一天 · send what is left, and begin each day at midnight in Shanghai."""
    from deploy.relaying import relay_forever, relay_once
    from deploy.running import Forever
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        if not once:
            relay_forever(wiring, JOINT_OFFICE, Forever(call.settings))
            return
        report = relay_once(wiring, JOINT_OFFICE)
    answer = {"source": JOINT_OFFICE, **vars(report)}
    call.answer(answer, lambda: call.say("relay.done", source="joint-office", **vars(report)))


def trust(
    call: Call,
    owner: Owner,
    file: Annotated[Path, typer.Argument(metavar="PUBFILE", help="其公钥文件 · its public key file")],
    by: By = None,
) -> None:
    """信任一市的公钥，或联席办的下一把 · trust a public key of a city, or the joint office's next one."""
    from deploy.joint.proposals import key_trusted
    from deploy.keys import load_public

    key, source = load_public(file), source_of(call, owner)
    city = call.settings.cities.named(source_name(source))
    decide_one(call, lambda person, size: key_trusted(source, city, key, person, size), by)


def revoke(
    call: Call,
    owner: Owner,
    keyid: Annotated[str, typer.Argument(help="密钥编号 · key id, 16 hex digits")],
    after_sequence: Annotated[int, typer.Option(min=0, help="此序号之后的签名作废 · signatures on higher sequences are refused")],
    by: By = None,
) -> None:
    """吊销公钥，此前的签名仍有效 · revoke a key; what it signed before stays good."""
    from deploy.joint.proposals import key_revoked

    source = source_of(call, owner)
    decide_one(call, lambda person, size: key_revoked(source, keyid, after_sequence, person, size), by)


def activate(
    call: Call,
    file: Annotated[Path | None, typer.Argument(help="规则集 JSON，默认规则集 1 · a rule set; rule set 1 if none")] = None,
    by: By = None,
) -> None:
    """启用规则集 · bring a rule set into force."""
    from deploy.joint.proposals import first_rules, rules_activated, rules_of

    if file is None:
        decide_one(call, first_rules, by)
        return
    rules = rules_of(_text(call, file))
    decide_one(call, lambda person, size: rules_activated(rules, person, size), by)


def _text(call: Call, file: Path) -> str:
    call.require_file(file)
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            Both(f"{file} 不是 UTF-8 的 JSON。", f"{file} is not JSON in UTF-8."),
            Both("请另存为 UTF-8。", "Save it as UTF-8."),
        ) from None


def day(
    call: Call,
    day: Annotated[
        datetime | None,
        typer.Argument(formats=["%Y-%m-%d"], metavar="[DAY]", help="哪一天，默认今天 · the day; today in Shanghai"),
    ] = None,
    by: By = None,
) -> None:
    """开始一天：有效期按这一天判断 · begin a day, by which validity is judged; days rise by one."""
    from deploy.joint.days import check_day, last_day
    from deploy.joint.proposals import day_began
    from deploy.wiring import Wiring
    from schemas.codec import shanghai_day

    with Wiring(call.settings) as wiring:
        today = shanghai_day(wiring.clock.now())
        begins = day.date() if day else today
        check_day(begins, last_day(wiring.source_engine(JOINT_OFFICE)), today)
    decide_one(call, lambda person, size: day_began(begins, person, size), by)


def assess(
    call: Call,
    file: Annotated[Path, typer.Argument(help="评审表：xlsx、csv · the assessment sheet")],
    by: By = None,
) -> int:
    """录入评审表 · record the findings of an assessment sheet."""
    from deploy.importing import limits
    from deploy.joint import desk
    from deploy.joint.sheet import read_assessments
    from deploy.wiring import Wiring

    call.require_file(file)
    with Wiring(call.settings) as wiring:
        done = desk.assess(wiring, read_assessments(file, limits(call.settings), call.settings.cities), by)
    call.answer(done.as_json(), lambda: _show_assessed(call, done))
    return 1 if any(row.problem for row in done.rows) else 0


def _show_assessed(call: Call, done: "Assessed") -> None:
    left = [row for row in done.rows if row.problem]
    if left:
        rows = [[row.row, row.certificate_no, call.text(str(row.problem), found=row.found)] for row in left]
        call.table(["row", "certificate_no", "reason"], rows, right=["row"])
    call.say("assess.done", done=len(done.answers), left=len(left))
    if not all(answer.published for answer in done.answers.values()):
        call.say("joint.unsent")
