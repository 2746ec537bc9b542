"""A publish batch: topics, keys and signatures of the records that go out."""

import pytest
from sqlalchemy import RowMapping
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData

from producers.relay import SIGN_EVERY, messages
from schemas.city import JOINT_OFFICE
from schemas.signing import claimed_signature, decoded, is_valid
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.fakes import fake_signer

SIGNER = fake_signer()


def _rows(count: int) -> list[RowMapping]:
    """Rows as the outbox gives them."""
    data = [(number, f"编号-{number}", f"event {number}".encode()) for number in range(1, count + 1)]
    return list(IteratorResult(SimpleResultMetaData(["sequence", "subject", "value"]), iter(data)).mappings())


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_signatures_of_a_batch(count: int) -> None:
    """The last record is signed, and no more than 63 unsigned ones stand before a signed one."""
    found = messages(CHANGSHA.source, SIGNER, _rows(count))
    signed = [place for place, one in enumerate(found, start=1) if claimed_signature(one.headers)]
    assert signed[-1] == count
    assert all(after - before <= SIGN_EVERY for before, after in zip([0, *signed], signed, strict=False))


def test_signature_is_over_the_value() -> None:
    """The signature header is base64 of Ed25519 over the value bytes, beside the key's id."""
    (one,) = messages(CHANGSHA.source, SIGNER, _rows(1))
    keyid, signature = claimed_signature(one.headers) or ("", "")
    assert keyid == SIGNER.keyid
    assert is_valid(SIGNER.public_key, decoded(signature) or b"", one.value)
    assert dict(one.headers)["content-type"] == b"application/cloudevents+json"


@pytest.mark.parametrize(("source", "topic"), [(ZHUZHOU.source, "czt.register.zhuzhou"), (JOINT_OFFICE, "czt.joint")])
def test_topic_and_key(source: str, topic: str) -> None:
    """A source publishes on its own topic, under the subject as key."""
    (one,) = messages(source, SIGNER, _rows(1))
    assert (one.topic, one.key, one.partition) == (topic, "编号-1".encode(), 0)
