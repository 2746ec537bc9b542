"""A city's key changes while its events flow: both are good in the overlap, a revoked one is refused from its sequence on."""

from consumers.core.trusting import trusted_keys
from deploy.keys import encoded
from deploy.whole_topic import whole_topic
from schemas import events
from schemas.signing import Ed25519Signer
from schemas.topics import JOINT
from tests.support.line import SOURCE, Line
from tests.support.sources import Source, signer_of


def _sign_with(line: Line, signer: Ed25519Signer) -> None:
    """The relay's process ends, and another starts with this key."""
    line.signer = signer
    line.restart_relay()


def test_keys_overlap_and_a_revoked_one_is_refused(any_line: Line) -> None:
    """Nothing waits while people act; what a revoked key signed afterwards is refused, asked for, and sent under the new one."""
    line, old, new = any_line, Source(SOURCE).signer, signer_of("the next key")
    key = {"keyid": new.keyid, "key": encoded(new.public_key)}
    line.send(1)
    _sign_with(line, new)
    line.send(2)  # too early: nobody trusts it, so it waits
    assert line.hub() == {"applied": 1}
    assert line.status()["unvouched"] == 1
    line.decide(events.KEY_TRUSTED, SOURCE, {**Source(SOURCE).key_data(), **key})
    assert line.hub() == {"applied": 1}
    for number, signer in ((3, old), (4, new), (5, old)):
        _sign_with(line, signer)
        line.send(number)
    assert line.hub() == {"applied": 3}

    line.decide(events.KEY_REVOKED, SOURCE, {"source": SOURCE, "keyid": old.keyid, "after_sequence": 5})
    line.send(6)  # a relay that still has the old key
    assert line.hub() == {"refused": 1}
    assert line.reasons()[-1] == ("refused", "key_revoked")
    assert line.status()["received_through"] == 5
    _sign_with(line, new)
    line.send(7)
    line.settle()
    assert line.status()["received_through"] == 7
    line.check_whole()
    with line.store.snapshot() as loader:
        decided = loader.keys()
    assert trusted_keys(whole_topic(line.subscriber, JOINT), line.joint.trusted()) == decided
    assert decided[SOURCE, old.keyid].revoked_after == 5
