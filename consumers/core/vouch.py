"""Who vouches for a record: its own valid signature, or a vouched successor that names its hash.

A signature vouches for the chain up to it, so a window of records is read from its end: one Ed25519 check covers every
record whose hash leads to it. What nobody vouches for waits while it is the tail, and is refused once a later record is vouched.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Literal

from consumers.core.model import TrustedKey
from schemas.envelope import Envelope
from schemas.ports import Record
from schemas.signing import claimed_signature, decoded, is_valid
from schemas.values import value


@value
class Read:
    """A record and what could be read of it."""

    record: Record
    envelope: Envelope


@value
class Vouched:
    """An event of the source, with the sequence that it, or its successor, gives it."""

    sequence: int


@value
class Refused:
    """Never an event: `reason` says why. Consumes no sequence."""

    reason: str


@value
class Waiting:
    """Nobody vouches for it yet."""


Standing = Vouched | Refused | Waiting
SignatureState = Literal["none", "good", "wrong", "revoked"]


def signature_state(read: Read, keys: Mapping[str, TrustedKey]) -> SignatureState:
    """What the record's own signature is worth under the keys trusted for its source (by keyid).

    An unknown key counts as no signature: the decision that trusts it may still be on its way.
    """
    claimed = claimed_signature(read.record.headers)
    key = keys.get(claimed[0]) if claimed else None
    if claimed is None or key is None:
        return "none"
    sequence = read.envelope.sequence
    if sequence is not None and sequence < key.from_sequence:
        return "none"
    signature = decoded(claimed[1])
    if signature is None or not is_valid(base64.b64decode(key.key), signature, read.record.value or b""):
        return "wrong"
    if key.revoked_after is not None and (sequence is None or sequence > key.revoked_after):
        return "revoked"
    return "good"


def vouch(
    window: Sequence[Read],
    source: str,
    keys: Mapping[str, TrustedKey],
    known: Mapping[int, str],
    wanted: Mapping[str, int],
) -> list[Standing]:
    """The standing of each record of a window of one source, in the window's order.

    `known`: sequence → hash of records decided before. `wanted`: hash → sequence, for records that accepted successors name.
    """
    standings: list[Standing] = [Waiting()] * len(window)
    needed: dict[str, int] = dict(wanted)
    for index in range(len(window) - 1, -1, -1):
        standings[index] = _standing(window[index], source, keys, needed)
        previous = window[index].envelope.previous_hash
        standing = standings[index]
        if isinstance(standing, Vouched):
            # The same bytes without a signature, read before these, are the same event: a relay that died sends again.
            needed.setdefault(window[index].envelope.record_hash, standing.sequence)
            if previous is not None:
                needed.setdefault(previous, standing.sequence - 1)
    _follow_late(window, standings, needed)
    return _settle_unvouched(window, standings, known)


def _follow_late(window: Sequence[Read], standings: list[Standing], needed: dict[str, int]) -> None:
    """Vouch for records that come after the successor that names them, as they would be were they read one by one."""
    late: dict[str, list[int]] = {}
    for index, read in enumerate(window):
        standing, nobodys = standings[index], read.envelope.problem is not None and read.envelope.sequence is None
        unread = nobodys and standing == Refused(read.envelope.problem or "")
        if read.record.value is not None and (isinstance(standing, Waiting) or unread):
            late.setdefault(read.envelope.record_hash, []).append(index)
    found = [record_hash for record_hash in late if record_hash in needed]
    while found:
        record_hash = found.pop()
        for index in late.pop(record_hash, ()):
            standings[index] = Vouched(needed[record_hash])
            previous = window[index].envelope.previous_hash
            if previous is not None:
                needed.setdefault(previous, needed[record_hash] - 1)
                found.append(previous)


def _standing(read: Read, source: str, keys: Mapping[str, TrustedKey], needed: Mapping[str, int]) -> Standing:
    envelope = read.envelope
    if envelope.source and envelope.source != source:
        return Refused("wrong_source")
    state = signature_state(read, keys)
    if state == "wrong":
        return Refused("signature_invalid")
    if state == "revoked":
        return Refused("key_revoked")
    if read.record.value is not None and envelope.record_hash in needed:
        return Vouched(needed[envelope.record_hash])
    if state == "good" and envelope.sequence is not None:
        return Vouched(envelope.sequence)
    if envelope.problem and envelope.sequence is None:
        return Refused(envelope.problem)
    return Waiting()


def _settle_unvouched(window: Sequence[Read], standings: list[Standing], known: Mapping[int, str]) -> list[Standing]:
    """Duplicates need nobody's word; what stands before a newly vouched record and isn't in its chain is refused."""
    first: dict[str, int] = {}
    for index, read in enumerate(window):
        if isinstance(standings[index], Vouched):
            first.setdefault(read.envelope.record_hash, index)
    vouched_later = False
    for index in range(len(window) - 1, -1, -1):
        envelope = window[index].envelope
        is_known = envelope.sequence is not None and known.get(envelope.sequence) == envelope.record_hash
        if isinstance(standings[index], Waiting):
            if is_known and envelope.sequence is not None:
                standings[index] = Vouched(envelope.sequence)
            elif vouched_later:
                standings[index] = Refused(envelope.problem or "signature_missing")
        elif isinstance(standings[index], Vouched) and not is_known and first[envelope.record_hash] == index:
            vouched_later = True
    return standings
