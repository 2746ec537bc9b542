"""`czt city key …` and `czt joint key new|use|list`: a source's own keys, changed without a pause."""

from typing import Any

import typer

from deploy.cli import chains
from deploy.cli.call import Call
from deploy.cli.command import command
from schemas.city import JOINT_OFFICE, source_name

CityOption = chains.CityOption
ROLES = {"current": "key.current", "next": "key.next", "former": "key.former"}


def register_city(app: typer.Typer) -> None:
    """Add a city's commands."""
    command(app, "new", "czt city key new --city changsha")(city_new)
    command(app, "use", "czt city key use --city changsha")(city_use)
    command(app, "list", "czt city key list --city changsha")(city_list)


def register_joint(app: typer.Typer) -> None:
    """Add the joint office's commands."""
    command(app, "new", "czt joint key new")(joint_new)
    command(app, "use", "czt joint key use")(joint_use)
    command(app, "list", "czt joint key list")(joint_list)


def city_new(call: Call, city: CityOption) -> None:
    """换密钥第一步：生成新密钥，现有的照用 · make the next key; the present one goes on signing."""
    _new(call, city.source)


def city_use(call: Call, city: CityOption) -> None:
    """换密钥第二步：联席办信任后，改用新密钥 · sign with the next key, once the joint office trusts it."""
    _use(call, city.source)


def city_list(call: Call, city: CityOption) -> None:
    """本市各把密钥：现用、新的、用过的，联席办是否信任 · this city's keys, and whether the joint office trusts them."""
    _list(call, city.source)


def joint_new(call: Call) -> None:
    """换联席办密钥第一步：生成新密钥 · make the joint office's next key; the present one goes on signing."""
    _new(call, JOINT_OFFICE)


def joint_use(call: Call) -> None:
    """换联席办密钥第二步：由旧密钥签名的决定信任后改用 · sign with the next key, once a decision trusts it."""
    _use(call, JOINT_OFFICE)


def joint_list(call: Call) -> None:
    """联席办各把密钥及其是否受信任 · the joint office's keys, and whether they are trusted."""
    _list(call, JOINT_OFFICE)


def _new(call: Call, source: str) -> None:
    from deploy.keys import encoded, load_signer, public_file
    from deploy.next_keys import make_next, next_name

    name, directory = source_name(source), call.settings.key_dir
    made = make_next(directory, name)
    signer, file = load_signer(directory, next_name(name)), public_file(directory, next_name(name))
    answer = {"source": source, "keyid": signer.keyid, "key": encoded(signer.public_key), "file": str(file), "made": made}
    call.answer(answer, lambda: call.say("key.made" if made else "key.there", name=name, keyid=signer.keyid, file=file))


def _use(call: Call, source: str) -> None:
    from deploy.key_rotation import require_trusted_next
    from deploy.next_keys import use_next
    from deploy.wiring import Wiring

    with Wiring(call.settings) as wiring:
        require_trusted_next(wiring, source)
    before, keyid = use_next(call.settings.key_dir, source_name(source))
    answer = {"source": source, "keyid": keyid, "before": before}
    call.answer(answer, lambda: call.say("key.used", name=source_name(source), keyid=keyid, before=before))


def _list(call: Call, source: str) -> None:
    from deploy.key_rotation import keys_trusted
    from deploy.keys import load_public, public_file
    from deploy.next_keys import next_name, own_keys
    from deploy.wiring import Wiring
    from schemas.signing import keyid_of

    name, directory = source_name(source), call.settings.key_dir
    with Wiring(call.settings) as wiring:
        known = keys_trusted(wiring, source)
    places = {"current": public_file(directory, name), "next": public_file(directory, next_name(name))}
    roles = {keyid_of(load_public(file)): role for role, file in places.items() if file.exists()}
    keys: list[dict[str, Any]] = [
        {
            "keyid": keyid,
            "role": roles.get(keyid, "former"),
            "trusted": one is not None,
            "revoked_after": one.revoked_after if one is not None else None,
        }
        for keyid, one in ((keyid, known.get(keyid)) for keyid in own_keys(directory, name))
    ]
    call.answer({"source": source, "keys": keys}, lambda: _show(call, keys))


def _show(call: Call, keys: list[dict[str, Any]]) -> None:
    rows = [
        [one["keyid"], call.text(ROLES[one["role"]]), call.text("yes" if one["trusted"] else "no"), one["revoked_after"]]
        for one in keys
    ]
    call.table(["keyid", "key.role", "key.trusted", "key.revoked_after"], rows, right=["key.revoked_after"])
