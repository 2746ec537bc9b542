"""Whether every event of the log stands in its source's chain and was vouched for, by the keys the log trusted then.

The log is read from its start with nothing but the joint office's first key: key decisions bring the others. The same
pure functions that placed and vouched in the hub do so here; what they answer must be what the entry says.
"""

from dataclasses import dataclass, field

from consumers.audit.checks import Findings
from consumers.audit.entries import Leaf, place_field
from consumers.audit.seen import Seen
from consumers.core.chain import Accepted, Chain, Known, Placement, place
from consumers.core.joint import decide_joint
from consumers.core.model import Context, TrustedKey
from consumers.core.vouch import Read, SignatureState, signature_state
from consumers.core.world import World
from schemas.city import JOINT_OFFICE
from schemas.decisions import KeyRevoked, KeyTrusted, ParkedReleased, SourceContinued


@dataclass(slots=True)
class _Unvouched:
    """A record whose successor has yet to vouch for it. Duplicates need nobody's word, but pass it on."""

    index: int
    previous: str | None
    required: bool


@dataclass(slots=True)
class _Source:
    chain: Chain = field(default_factory=Chain)
    seen: Seen = field(default_factory=Seen)
    forks: set[str] = field(default_factory=set)
    keys: dict[str, TrustedKey] = field(default_factory=dict)
    unvouched: dict[str, _Unvouched] = field(default_factory=dict)
    parked: set[int] = field(default_factory=set)


class Chains:
    """Checks `chains`, entry after entry. `first_joint_key`: from the auditor's own trust file."""

    def __init__(self, findings: Findings, first_joint_key: TrustedKey | None) -> None:
        self._findings = findings
        self._sources: dict[str, _Source] = {}
        self._world = World(JOINT_OFFICE, Context(), Chain())
        self._release: tuple[int, str] | None = None
        if first_joint_key is not None:
            self._source(JOINT_OFFICE).keys[first_joint_key.keyid] = first_joint_key

    def add(self, index: int, leaf: Leaf, read: Read) -> None:
        """The next entry, with its record."""
        source = self._source(leaf["source"])
        if "released_by" in leaf:
            self._decided_again(index, leaf, read)
            return
        self._release = None
        state = signature_state(read, source.keys)
        name = place_field(leaf)
        if name is None:
            self._refused(index, leaf, read, state)
            return
        self._vouched(index, leaf, read, state)
        self._placed(index, leaf, read, leaf[name])
        if leaf["outcome"] == "parked":
            source.parked.add(leaf["sequence"])
        if leaf["outcome"] == "applied" and leaf["source"] == JOINT_OFFICE:
            self._learn(index, leaf, read)

    def _decided_again(self, index: int, leaf: Leaf, read: Read) -> None:
        """A parked event: right after the decision that released it, and the same bytes as before."""
        source, sequence = self._source(leaf["source"]), leaf.get("sequence")
        if self._release != (leaf["released_by"], leaf["source"]):
            self._wrong(index, f"released by decision {leaf['released_by']}, which is not the one before it")
        if sequence not in source.parked or source.seen.get(sequence) != read.envelope.record_hash:
            self._wrong(index, f"{leaf['source']} {sequence} is decided again, but was not parked with these bytes")
        if leaf["outcome"] != "parked":
            source.parked.discard(sequence)

    def finish(self) -> None:
        """After the last entry: whoever is still not vouched for never was."""
        for address, source in self._sources.items():
            for record in source.unvouched.values():
                if record.required:
                    sentence = f"an event of {address} that no signature in the log vouches for"
                    self._wrong(record.index, sentence)

    def _source(self, address: str) -> _Source:
        return self._sources.setdefault(address, _Source())

    def _wrong(self, index: int, sentence: str) -> None:
        self._findings.wrong("chains", f"entry {index}: {sentence}")

    def _refused(self, index: int, leaf: Leaf, read: Read, state: SignatureState) -> None:
        """A record that is no event: its reason must be the true one."""
        envelope = read.envelope
        expected = envelope.problem or "signature_missing"
        if envelope.source and envelope.source != leaf["source"]:
            expected = "wrong_source"
        elif state in ("wrong", "revoked"):
            expected = "signature_invalid" if state == "wrong" else "key_revoked"
        elif state == "good" and envelope.sequence is not None:
            expected = "no refusal: its signature is good"
        if leaf.get("reason") != expected:
            self._wrong(index, f"refused as {leaf.get('reason')}, expected {expected}")

    def _vouched(self, index: int, leaf: Leaf, read: Read, state: SignatureState) -> None:
        source, envelope = self._source(leaf["source"]), read.envelope
        if state in ("wrong", "revoked") or envelope.source not in ("", leaf["source"]):
            self._wrong(index, f"{leaf['outcome']}, expected a refusal: signature {state}, source {envelope.source!r}")
        named = any(gap.upper_previous == envelope.record_hash for gap in source.chain.gaps)
        if named or (state == "good" and envelope.sequence is not None):
            previous = envelope.previous_hash
            source.unvouched.pop(envelope.record_hash, None)
            while previous is not None and previous in source.unvouched:
                previous = source.unvouched.pop(previous).previous
            return
        waiting = _Unvouched(index, envelope.previous_hash, required=leaf["outcome"] != "duplicate")
        source.unvouched.setdefault(envelope.record_hash, waiting)

    def _placed(self, index: int, leaf: Leaf, read: Read, sequence: int) -> None:
        source, envelope = self._source(leaf["source"]), read.envelope
        placement = place(
            source.chain,
            sequence,
            envelope.record_hash,
            envelope.previous_hash,
            source.seen.get(sequence),
            envelope.previous_hash in source.forks,
        )
        found = leaf.get("reason") if leaf["outcome"] == "refused" else leaf["outcome"]
        if not _agrees(placement, leaf):
            self._wrong(index, f"{leaf['source']} {sequence} is {found}, expected {_expected(placement)}")
        if isinstance(placement, Known):
            return
        source.chain = placement.chain
        if isinstance(placement, Accepted):
            source.seen.put(sequence, envelope.record_hash)
        else:
            source.forks.add(envelope.record_hash)

    def _learn(self, index: int, leaf: Leaf, read: Read) -> None:
        """Decisions on keys and chains hold from the next entry on."""
        data = read.envelope.data
        if isinstance(data, ParkedReleased):
            self._release = (leaf["sequence"], data.source)
        if not isinstance(data, KeyTrusted | KeyRevoked | SourceContinued):
            return
        source = self._source(data.source)
        self._world.other_chains = {data.source: source.chain}
        verdict = decide_joint(self._world, data, leaf["sequence"])
        if verdict.outcome != "applied":
            self._wrong(index, f"applied, expected {verdict.outcome}: {verdict.detail}")
        if data.source != JOINT_OFFICE:
            source.chain = self._world.other_chains[data.source]
        for (address, keyid), key in self._world.keys.items():
            self._source(address).keys[keyid] = key


def _agrees(placement: Placement, leaf: Leaf) -> bool:
    if isinstance(placement, Known):
        return bool(leaf["outcome"] == "duplicate")
    if isinstance(placement, Accepted):
        return leaf["outcome"] not in ("duplicate", "refused")
    return bool(leaf["outcome"] == "refused" and leaf["reason"] == placement.reason)


def _expected(placement: Placement) -> str:
    if isinstance(placement, Known):
        return "duplicate"
    return "an outcome of an event" if isinstance(placement, Accepted) else f"refused as {placement.reason}"
