"""What the joint office's topic says of a source's keys: the next one is used only once it is trusted.

The overlap costs nothing: the hub takes signatures of every key that it trusts, so no event waits while people act.
"""

from dataclasses import dataclass

from deploy.keys import load_public, load_signer, private_file, public_file
from deploy.next_keys import next_name
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, source_name
from schemas.decisions import KeyRevoked, KeyTrusted
from schemas.envelope import read_envelope
from schemas.errors import AnswerIsNo, Both, KeyMissing, ServiceError
from schemas.signing import keyid_of
from schemas.topics import JOINT

WINDOW = 2_000
WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the joint office decided about a key: whether it trusts it, and the sequence after which it doesn't any more."""

    trusted: bool = False
    revoked_after: int | None = None


def standings(wiring: Wiring, source: str) -> dict[str, Standing]:
    """What the joint office's topic says of a source's keys, by id. The joint office's first key stands in the trust file.

    Raises `BrokerUnavailable`, `TopicMissing`.
    """
    found: dict[str, Standing] = {}
    if source == JOINT_OFFICE and wiring.settings.trust_file.exists():
        found[keyid_of(load_public(wiring.settings.trust_file))] = Standing(trusted=True)
    at, end = 0, wiring.subscriber.end_offset(JOINT, 0)
    while at < end:
        records = wiring.subscriber.fetch(JOINT, 0, at, WINDOW, WAIT_SECONDS)
        if not records:
            break
        for record in records:
            data = read_envelope(record.value).data
            if isinstance(data, KeyTrusted) and data.source == source:
                found[data.keyid] = Standing(True, found.get(data.keyid, Standing()).revoked_after)
            elif isinstance(data, KeyRevoked) and data.source == source:
                found[data.keyid] = Standing(True, data.after_sequence)
        at = records[-1].offset + 1
    return found


def require_trusted_next(wiring: Wiring, source: str) -> None:
    """Raises `AnswerIsNo` unless the joint office decided to trust the source's next key; `KeyMissing` where there is none."""
    name, directory = source_name(source), wiring.settings.key_dir
    who, group = ("联席办", "joint") if source == JOINT_OFFICE else (name, "city")
    more = "" if source == JOINT_OFFICE else f" --city {name}"
    if not private_file(directory, next_name(name)).exists():
        raise KeyMissing(
            Both(f"{who} 没有备用的新密钥。", f"{name} has no next key."),
            Both(f"先运行 czt {group} key new{more}。", f"Make it: `czt {group} key new{more}`."),
        )
    keyid = load_signer(directory, next_name(name)).keyid
    known = standings(wiring, source).get(keyid, Standing())
    if not known.trusted or known.revoked_after is not None:
        file = public_file(directory, next_name(name))
        raise AnswerIsNo(
            Both(
                f"联席办还没有信任新密钥 {keyid}，仍用现在的密钥。",
                f"The joint office does not trust key {keyid} (yet); the present one stays.",
            ),
            Both(
                f"把 {file} 交给联席办，由其运行 czt joint key trust {name} {file.name}，然后再运行本命令。",
                f"Hand {file} to the joint office, which runs `czt joint key trust {name} {file.name}`; then call again.",
            ),
        )


def untrusted_key(wiring: Wiring, source: str) -> dict[str, str] | None:
    """Id and public file of the key in use, if the joint office never trusted it; None also where its topic can't be read."""
    keyid = wiring.signer(source).keyid
    try:
        known = standings(wiring, source).get(keyid, Standing())
    except ServiceError:
        return None
    return None if known.trusted else {"keyid": keyid, "file": str(public_file(wiring.settings.key_dir, source_name(source)))}
