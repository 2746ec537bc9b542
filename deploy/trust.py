"""Is the key in the trust file the joint office's first one? A hub with another key would wait for ever and not say why."""

from deploy.keys import load_trust
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE
from schemas.errors import Both, KeyUnusable, PositionLost, ServiceError
from schemas.signing import claimed_signature, decoded, is_valid, keyid_of
from schemas.topics import JOINT

LOOKED_AT = 64
"""Every 64th record at least is signed; genuine ones come first on a topic that only the joint office writes."""
WAIT_SECONDS = 5.0


def check_trust(wiring: Wiring) -> str:
    """The trust file and its key id.

    Raises `KeyMissing`, `KeyUnusable`: also when the joint office's first decisions are signed, and by none with this key.
    Where the broker doesn't answer or nothing was decided yet, there is nothing to compare with.
    """
    file = wiring.settings.trust_file
    key = load_trust(file)
    others = _other_signers(wiring, key)
    if others:
        raise KeyUnusable(
            Both(
                f"{file} 里的公钥（{keyid_of(key)}）不是联席办的第一把：最早的决定是用 {others} 签的。",
                f"{file} holds key {keyid_of(key)}, but the joint office's first decisions are signed with {others}.",
            ),
            Both(
                "请向联席办索取其最初的公钥文件（joint-office.pub），当面核对密钥编号后放到此处。",
                "Get the joint office's first public key (joint-office.pub) from the joint office itself, and put it there.",
            ),
        )
    return f"{file} {keyid_of(key)}"


def check_first_trust(wiring: Wiring) -> None:
    """The same for a hub that has not taken any decision yet; one that has is not stopped by what a topic holds.

    Raises `KeyMissing`, `KeyUnusable`, `StoreUnavailable`.
    """
    with wiring.store.snapshot() as loader:
        started = loader.chain(JOINT_OFFICE).received_through > 0
    if not started:
        check_trust(wiring)


def _other_signers(wiring: Wiring, key: bytes) -> str:
    """Ids of the keys that signed the first decisions, if this one signed none of them; else empty."""
    try:
        if wiring.subscriber.end_offset(JOINT, 0) == 0:
            return ""
        records = wiring.subscriber.fetch(JOINT, 0, 0, LOOKED_AT, WAIT_SECONDS)
    except (ServiceError, PositionLost):
        return ""
    signed = [(record.value or b"", claim) for record in records if (claim := claimed_signature(record.headers))]
    if any(is_valid(key, decoded(signature) or b"", value) for value, (_, signature) in signed):
        return ""
    return ", ".join(sorted({keyid[:16] for _, (keyid, _) in signed}))
