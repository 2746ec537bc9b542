"""Reading record bytes: an event of a published type, or a reason code and what is known of its place in the chain."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.codec import canonical, sha256_hex
from schemas.envelope import MAX_RECORD_BYTES, read_envelope
from tests.support.cities import CHANGSHA
from tests.support.sources import TIME, entry

NUMBER = "CSLX-00001"
PREVIOUS = "a" * 64
DROP = object()


def listed(**changes: Any) -> dict[str, Any]:
    """A whole event; `changes` replace attributes, DROP removes one."""
    event = events.event_attributes(
        events.LISTED,
        source=CHANGSHA.source,
        sequence=7,
        previous_hash=PREVIOUS,
        subject=NUMBER,
        time=TIME,
        data={"entry": entry(CHANGSHA, NUMBER), "origin": None},
        entry_version=1,
    )
    return {name: value for name, value in (event | changes).items() if value is not DROP}


def with_entry(**changes: Any) -> dict[str, Any]:
    """The event with other fields in its entry."""
    return listed(data={"entry": entry(CHANGSHA, NUMBER) | changes})


def ascii_bytes(event: Any) -> bytes:
    """JSON with every character beyond ASCII escaped: the only way to write a lone surrogate."""
    return json.dumps(event).encode()


def test_an_event_is_read_whole() -> None:
    """A good event gives its attributes, its place and its data, under the hash of the bytes as received."""
    value = json.dumps(listed(), indent=2, ensure_ascii=False).encode()
    found = read_envelope(value)
    assert found.problem is None
    assert (found.id, found.source, found.subject) == ("7", CHANGSHA.source, NUMBER)
    assert (found.sequence, found.previous_hash, found.entry_version) == (7, PREVIOUS, 1)
    assert found.kind is events.LISTED
    assert isinstance(found.data, events.ListedData)
    assert found.entry_json == entry(CHANGSHA, NUMBER)
    assert found.record_hash == sha256_hex(value)


def test_unknown_fields_are_ignored() -> None:
    """A newer writer may add attributes, fields of data and fields of the entry; the entry is kept as received."""
    found = read_envelope(canonical(with_entry(colour="green") | {"traceparent": "00-1", "more": {"a": [1]}}))
    assert found.problem is None
    assert found.entry_json is not None
    assert found.entry_json["colour"] == "green"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "not_json"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        ("长沙".encode("gb18030"), "not_json"),
        (b"\xef\xbb\xbf" + canonical(listed()), "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"{} {}", "not_json"),
        (b"[]", "not_cloudevent"),
        (b'"text"', "not_cloudevent"),
        (b"null", "not_cloudevent"),
        (b"{}", "not_cloudevent"),
        (canonical(listed(specversion="0.3")), "not_cloudevent"),
        (canonical(listed(id=DROP)), "not_cloudevent"),
        (canonical(listed(source="")), "not_cloudevent"),
        (canonical(listed(type=7)), "not_cloudevent"),
        (b" " * (MAX_RECORD_BYTES + 1), "too_large"),
        (b" " * MAX_RECORD_BYTES, "not_json"),
    ],
)
def test_what_is_no_event(value: bytes | None, problem: str) -> None:
    """Bytes that are no JSON object of a CloudEvent, or too many, get their code."""
    assert read_envelope(value).problem == problem


@pytest.mark.parametrize(
    "value",
    [
        ascii_bytes(with_entry(remark="a\0b")),
        ascii_bytes(with_entry(remark="a\ud800b")),
        ascii_bytes(with_entry(remark="\udfff")),
        ascii_bytes(listed(**{"\ud83d": 1})),
        canonical(listed()).replace(b'"kind":', b'"kind":"goods","kind":'),
        canonical(listed()).replace(b'"entryversion":1', b'"entryversion":1,"entryversion":1'),
        canonical(listed(entryversion=1.0)),
        canonical(listed(entryversion=2**53 + 1)),
        canonical(listed(more=-(2**53) - 1)),
        ascii_bytes(listed(more=10**400)),
        canonical(listed()).replace(b'"entryversion":1', b'"entryversion":1e2'),
        canonical(listed()).replace(b'"entryversion":1', b'"entryversion":NaN'),
        canonical(listed()).replace(b'"entryversion":1', b'"entryversion":-Infinity'),
    ],
)
def test_json_the_contract_forbids_keeps_its_place(value: bytes) -> None:
    """NUL, lone surrogates, repeated keys, fractions and integers beyond 2^53 are refused, and the chain can go on over them."""
    found = read_envelope(value)
    assert found.problem == "schema_invalid"
    assert (found.sequence, found.previous_hash, found.subject) == (7, PREVIOUS, NUMBER)
    assert (found.data, found.entry_json) == (None, None)


def test_a_real_character_beyond_the_first_plane_is_fine() -> None:
    """A pair of escaped surrogates is one character, and a backslash before `u0000` is only text."""
    assert read_envelope(ascii_bytes(with_entry(remark="𠮷"))).problem is None
    assert read_envelope(ascii_bytes(with_entry(remark="\\u0000"))).problem is None
    assert read_envelope(canonical(listed(more=2**53))).problem is None


@pytest.mark.parametrize(
    "event",
    [
        listed(subject=DROP),
        listed(subject="C" * 101),
        listed(time="2021-07-22"),
        listed(time="2021-07-22T09:00:00"),
        listed(time="2021-07-22 09:00:00+08:00"),
        listed(time="yesterday, Tuesday"),
        listed(dataschema=DROP),
        listed(dataschema="urn:other:1"),
        listed(sequence="7"),
        listed(sequence=7),
        listed(sequence=f"{8:020d}"),
        listed(id="07"),
        listed(id="0", sequence=f"{0:020d}"),
        listed(id=str(2**53 + 1), sequence=f"{2**53 + 1:020d}"),
        listed(id="٧", sequence="٠" * 19 + "٧"),
        listed(previoushash="A" * 64),
        listed(previoushash="a" * 63),
        listed(entryversion=DROP),
        listed(entryversion=0),
        listed(entryversion=True),
        listed(entryversion="1"),
        listed(data=DROP),
        listed(data=[]),
        listed(data={}),
        listed(subject="CSLX-00002"),
        with_entry(product_name="长" * 301),
        with_entry(product_name=""),
        with_entry(valid_from=0),
        with_entry(valid_from="2021-02-30"),
        with_entry(register_city="43010"),
        with_entry(models=["A"] * 201),
        with_entry(source_status="gone"),
        listed(type=events.WITHDRAWN.name, data={"entry": entry(CHANGSHA, NUMBER, source_status="withdrawn")}),
    ],
)
def test_an_event_that_breaks_the_schema(event: dict[str, Any]) -> None:
    """A missing, ill-formed or over-long value, or a subject that is not the certificate, is `schema_invalid`."""
    found = read_envelope(canonical(event))
    assert found.problem == "schema_invalid"
    assert found.data is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"type": "cn.czt.entry.listed.v2"}, "schema_unknown"),
        ({"type": "cn.czt.entry.listed.v12", "dataschema": "urn:czt:register-entry:9"}, "schema_unknown"),
        ({"dataschema": "urn:czt:register-entry:2"}, "schema_unknown"),
        ({"type": "cn.czt.entry.sold.v1"}, "type_unknown"),
        ({"type": "cn.czt.entry.listed.v0"}, "type_unknown"),
        ({"type": "cn.czt.entry.listed"}, "type_unknown"),
        ({"type": "listed"}, "type_unknown"),
    ],
)
def test_types_this_version_does_not_read(changes: dict[str, Any], problem: str) -> None:
    """A newer version of a known type can wait for a newer hub; any other type never becomes an event."""
    found = read_envelope(canonical(listed(**changes)))
    assert found.problem == problem
    assert (found.sequence, found.previous_hash) == (7, PREVIOUS)


def test_decisions_carry_no_version() -> None:
    """A decision is read like any event; an entry version on it means nothing."""
    event = events.event_attributes(
        events.DAY_BEGAN,
        source=JOINT_OFFICE,
        sequence=1,
        previous_hash=PREVIOUS,
        subject="day",
        time=TIME,
        data={"by": "甲", "day": "2021-07-22"},
        entry_version=3,
    )
    found = read_envelope(canonical(event))
    assert (found.problem, found.entry_version, found.entry_json) == (None, None, None)


def test_two_people_are_two() -> None:
    """A decision that one person agreed with alone breaks the schema."""
    data = {"by": "甲", "agreed_by": "甲", "day": "2021-07-22"}
    found = read_envelope(canonical(listed(type=events.DAY_BEGAN.name, dataschema="urn:czt:day-began:1", data=data)))
    assert found.problem == "schema_invalid"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["7".zfill(20), PREVIOUS, TIME]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PROBLEMS = {None, "not_json", "not_cloudevent", "schema_invalid", "schema_unknown", "type_unknown", "too_large"}


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_bytes_raise(value: bytes) -> None:
    """Any bytes at all are answered with a code."""
    assert read_envelope(value).problem in PROBLEMS - {None}


@given(st.dictionaries(st.sampled_from(sorted(listed())), JSON_VALUES, max_size=4))
def test_no_attribute_raises(changes: dict[str, Any]) -> None:
    """Whatever JSON stands in an attribute is answered, and what is kept of it is short and printable."""
    found = read_envelope(json.dumps(listed(**changes)).encode())
    assert found.problem in PROBLEMS
    for kept in (found.id, found.source, found.type, found.subject, found.time, found.detail):
        assert len(kept) <= 300
        assert kept.isprintable() or found.problem is None


@given(st.data())
def test_no_damage_raises(data: st.DataObject) -> None:
    """An event with any few bytes changed is answered."""
    value = bytearray(canonical(listed()))
    for _ in range(data.draw(st.integers(1, 4))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    assert read_envelope(bytes(value)).problem in PROBLEMS


@given(st.dictionaries(st.sampled_from(sorted(entry(CHANGSHA, NUMBER))), JSON_VALUES, min_size=1, max_size=3))
def test_no_entry_raises(changes: dict[str, Any]) -> None:
    """Whatever JSON stands in an entry is answered."""
    assert read_envelope(json.dumps(with_entry(**changes)).encode()).problem in PROBLEMS
