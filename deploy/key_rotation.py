"""What the joint office decided about a source's keys: the next one is used only once it is trusted.

The overlap costs nothing: the hub takes signatures of every key that it trusts, so no event waits while people act.
"""

from typing import TYPE_CHECKING

from deploy.keys import load_signer, private_file, public_file
from deploy.next_keys import next_name
from deploy.whole_topic import whole_topic
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, source_name
from schemas.errors import AnswerIsNo, Both, KeyMissing, ServiceError
from schemas.topics import JOINT

if TYPE_CHECKING:
    from consumers.core.model import TrustedKey


def keys_trusted(wiring: Wiring, source: str) -> "dict[str, TrustedKey]":
    """The source's keys by id that the joint office trusts, or trusted until it revoked them.

    Only decisions count that the key in the trust file vouches for: whoever else can write to the topic decides nothing.
    Raises `BrokerUnavailable`, `TopicMissing`, `KeyMissing` and `KeyUnusable` for the trust file.
    """
    from consumers.core.trusting import trusted_keys

    first = wiring.first_joint_key()
    found = {first.keyid: first} if source == JOINT_OFFICE else {}
    known = trusted_keys(whole_topic(wiring.subscriber, JOINT), first)
    return found | {keyid: key for (owner, keyid), key in known.items() if owner == source}


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
    known = keys_trusted(wiring, source).get(keyid)
    if known is None or known.revoked_after is not None:
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
    """Id and public file of the key in use, if the joint office never trusted it; None also where that can't be known.

    That is where its topic can't be read, or there is no trust file to read it by.
    """
    keyid = wiring.signer(source).keyid
    try:
        known = keys_trusted(wiring, source)
    except (ServiceError, KeyMissing):
        return None
    return None if keyid in known else {"keyid": keyid, "file": str(public_file(wiring.settings.key_dir, source_name(source)))}
