"""Sealing: a place in the chain for every change that the published schema takes."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from producers.seal import ChainEnd, Waiting, sealed
from schemas.city import JOINT_OFFICE
from schemas.codec import canonical, sha256_hex
from schemas.envelope import MAX_SEALED_BYTES, read_envelope
from tests.support.cities import CHANGSHA
from tests.support.entries import entry

SOURCE = CHANGSHA.source
TIME = "2021-07-22T09:00:00+08:00"
LISTED = "cn.czt.entry.listed.v1"


def _listed(row_id: int, **fields: object) -> Waiting:
    one = entry(row_id, **fields)
    data = canonical({"entry": one.as_json(), "origin": None}).decode()
    return Waiting(row_id, LISTED, one.certificate_no, TIME, data, 1)


def _raw(data: str, kind: str = LISTED) -> Waiting:
    return Waiting(99, kind, "CSLX-0001", TIME, data, 1)


def test_chain_begins_with_zeros() -> None:
    """The first event has sequence 1 and 64 zeros before it."""
    (one,), _, end = sealed(SOURCE, ChainEnd(), [_listed(1)])
    event = json.loads(one.value)
    assert (event["id"], event["sequence"], event["previoushash"]) == ("1", "00000000000000000001", "0" * 64)
    assert (event["source"], event["subject"], event["entryversion"]) == (SOURCE, "CSLX-0001", 1)
    assert end == ChainEnd(1, sha256_hex(one.value))


@given(st.integers(0, 2**40), st.lists(st.integers(1, 500), max_size=12))
def test_chain_is_dense_and_hashed(last: int, ids: list[int]) -> None:
    """Sequences have no gap, each event holds the hash of the bytes before it, and the shared side can read it."""
    start = ChainEnd(last, "a" * 64)
    done, aside, end = sealed(SOURCE, start, [_listed(one) for one in ids])
    previous = start
    for one in done:
        envelope = read_envelope(one.value)
        assert envelope.problem is None
        assert (envelope.sequence, envelope.previous_hash) == (previous.sequence + 1, previous.hash)
        assert one.value == rfc8785.dumps(json.loads(one.value))
        previous = ChainEnd(one.sequence, sha256_hex(one.value))
    assert (aside, end, [one.id for one in done]) == ([], previous, ids)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_raw("{"), "schema_invalid"),
        (_raw("[" * 100_000), "schema_invalid"),
        (_raw("{}"), "schema_invalid"),
        (_raw('{"entry":{"remark":"\\ud800"}}'), "schema_invalid"),
        (_raw('{"entry":{"remark":1.5}}'), "schema_invalid"),
        (_raw("{}", "cn.czt.entry.eaten.v1"), "type_unknown"),
        (_raw('{"by":"甲","day":"2021-07-22"}', "cn.czt.day.began.v1"), "type_unknown"),
        (_listed(1, remark="x\0y"), "schema_invalid"),
        (_listed(1, models=("型" * 299,) * 100), "too_large"),
    ],
)
def test_unsealable_row_is_set_aside(change: Waiting, problem: str) -> None:
    """A row that can't be an event of this source gets no number, and those behind it go on without a gap."""
    done, (aside,), end = sealed(SOURCE, ChainEnd(), [_listed(1), change, _listed(2)])
    assert [one.sequence for one in done] == [1, 2]
    assert end.sequence == 2
    assert aside.id == change.id
    assert aside.problem.startswith(problem)


def test_largest_event() -> None:
    """What is sealed is never larger than the limit."""
    (one,), _, _ = sealed(SOURCE, ChainEnd(), [_listed(1, models=("型" * 299,) * 60)])
    assert 50_000 < len(one.value) <= MAX_SEALED_BYTES


def test_joint_office_seals_decisions_only() -> None:
    """The joint office publishes decisions, and no entry of a register."""
    day = Waiting(1, "cn.czt.day.began.v1", "2021-07-22", TIME, '{"by":"甲","day":"2021-07-22"}', None)
    done, (aside,), _ = sealed(JOINT_OFFICE, ChainEnd(), [day, _listed(2)])
    assert [one.id for one in done] == [1]
    assert aside.problem.startswith("type_unknown")
