"""Everything a register's topic may hold that is no sound event, each with what becomes of it.

`refused` records take no sequence: the city's chain goes on as if they weren't there. `rejected` and `parked` ones are signed
by the city and stand in its chain.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas import events
from schemas.city import City
from schemas.codec import canonical, sha256_hex
from schemas.ports import Headers
from schemas.signing import plain_headers, signature_headers, signed_headers
from tests.support.sources import Source, entry, signer_of

KIB = 1024
CITY = City.CHANGSHA
REVOKED = "changsha revoked"
"""Name of a key of Changsha's that the joint office trusted and revoked before any sequence."""


@dataclass(frozen=True)
class Bad:
    """One record: its value and headers, the outcome and the reason code it gets."""

    value: bytes | None
    headers: Headers
    outcome: str
    reason: str


Make = Callable[[Source], list[Bad]]
Event = dict[str, Any]


def copy_of(source: Source) -> Source:
    """The source as it stands, for records that are not to be its next ones."""
    return Source(source.address, source.key_name, source.sequence, source.head)


def next_event(source: Source, number: str = "CSLX-00001", **changes: Any) -> Event:
    """What a sound next event of the city would be; the chain stays."""
    value = copy_of(source).sealed(events.LISTED, number, {"entry": entry(CITY, number, **changes)}, 1)
    found: Event = json.loads(value)
    return found


def _refused(value: bytes | None, reason: str) -> Make:
    """Signed by the city's own key, and unreadable all the same."""

    def made(source: Source) -> list[Bad]:
        headers = plain_headers() if value is None else signed_headers(source.signer, value)
        return [Bad(value, headers, "refused", reason)]

    return made


def _unplaced(change: Callable[[Event], object], reason: str) -> Make:
    """An event whose place in the chain can't be read."""

    def made(source: Source) -> list[Bad]:
        event = next_event(source)
        change(event)
        value = canonical(event)
        return [Bad(value, signed_headers(source.signer, value), "refused", reason)]

    return made


def _bytes(change: Callable[[bytes], bytes], reason: str) -> Make:
    """The bytes of a sound event, changed and then signed: unreadable as a whole."""

    def made(source: Source) -> list[Bad]:
        value = change(canonical(next_event(source)))
        return [Bad(value, signed_headers(source.signer, value), "refused", reason)]

    return made


def in_chain(source: Source, value: bytes, outcome: str, reason: str) -> Bad:
    """A signed record that is the city's next one."""
    source.sequence, source.head = source.sequence + 1, sha256_hex(value)
    return Bad(value, signed_headers(source.signer, value), outcome, reason)


def _rejected(change: Callable[[Event], object], reason: str, **changes: Any) -> Make:
    """An event of the chain that can't be accepted."""

    def made(source: Source) -> list[Bad]:
        event = next_event(source, **changes)
        change(event)
        return [in_chain(source, canonical(event), "rejected", reason)]

    return made


def _rejected_text(old: bytes, new: bytes) -> Make:
    """The same, with a change in the text of the JSON."""

    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        assert old in value
        return [in_chain(source, value.replace(old, new, 1), "rejected", "schema_invalid")]

    return made


def _entry(**changes: Any) -> Callable[[Event], object]:
    return lambda event: event["data"]["entry"].update(changes)


def _attributes(**changes: Any) -> Callable[[Event], object]:
    return lambda event: event.update(changes)


def _without(name: str) -> Callable[[Event], object]:
    return lambda event: event.pop(name)


def _signed_by(name: str, reason: str) -> Make:
    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        return [Bad(value, signed_headers(signer_of(name), value), "refused", reason)]

    return made


def _forged(signature: bytes) -> Make:
    """Under the city's key id, and not by its key."""

    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        headers = (("signature", signature), ("keyid", source.signer.keyid.encode()))
        return [Bad(value, headers, "refused", "signature_invalid")]

    return made


def _overtaken(headers: Headers, number: str) -> Make:
    """Nobody vouches for it, and the next sound event takes its sequence."""

    def made(source: Source) -> list[Bad]:
        return [Bad(canonical(next_event(source, number)), headers, "refused", "signature_missing")]

    return made


def _overtaken_and_unknown(source: Source) -> list[Bad]:
    value = canonical(next_event(source) | {"type": "cn.czt.entry.exploded.v1"})
    return [Bad(value, plain_headers(), "refused", "type_unknown")]


def _of_another_source(_: Source) -> list[Bad]:
    theirs = Source(City.ZHUZHOU.source)
    value = theirs.sealed(events.LISTED, "ZZLX-00001", {"entry": entry(City.ZHUZHOU, "ZZLX-00001")}, 1)
    return [Bad(value, signed_headers(theirs.signer, value), "refused", "wrong_source")]


def _reused(source: Source) -> list[Bad]:
    """A rewritten register: another event under a known sequence, and what is chained to it."""
    value = canonical(next_event(Source(source.address, "", source.sequence - 1, "1" * 64), "CSLX-00008"))
    after = canonical(next_event(Source(source.address, "", source.sequence, sha256_hex(value)), "CSLX-00009"))
    return [
        Bad(value, signed_headers(source.signer, value), "refused", "sequence_reused"),
        Bad(after, signed_headers(source.signer, after), "refused", "chain_broken"),
    ]


def _broken(source: Source) -> list[Bad]:
    value = canonical(next_event(Source(source.address, "", source.sequence, "2" * 64), "CSLX-00008"))
    return [Bad(value, signed_headers(source.signer, value), "refused", "chain_broken")]


def _newer(source: Source) -> list[Bad]:
    newer = next_event(source, "CSLX-00070") | {"type": "cn.czt.entry.listed.v2"}
    first = in_chain(source, canonical(newer), "parked", "schema_unknown")
    later = next_event(source, "CSLX-00070") | {"entryversion": 2}
    return [first, in_chain(source, canonical(later), "parked", "behind_parked")]


def _newer_schema(source: Source) -> list[Bad]:
    newer = next_event(source, "CSLX-00071") | {"dataschema": "urn:czt:register-entry:2"}
    return [in_chain(source, canonical(newer), "parked", "schema_unknown")]


def _late(source: Source) -> list[Bad]:
    """Version 3 before version 2, which came late."""
    late = canonical(next_event(source, "CSLX-00072") | {"entryversion": 2})
    behind = in_chain(source, late, "superseded", "version_behind")
    return [in_chain(source, canonical(next_event(source, "CSLX-00072") | {"entryversion": 3}), "applied", ""), behind]


def _twice(source: Source) -> list[Bad]:
    first = in_chain(source, canonical(next_event(source, "CSLX-00073")), "applied", "")
    return [first, Bad(first.value, plain_headers(), "duplicate", "")]


def _huge_version(source: Source) -> list[Bad]:
    last = next_event(source, "CSLX-00074") | {"entryversion": 2**53}
    first = in_chain(source, canonical(last), "applied", "")
    after = next_event(source, "CSLX-00074") | {"entryversion": 2**53}
    return [first, in_chain(source, canonical(after), "superseded", "version_behind")]


def _statements(source: Source) -> list[Bad]:
    """One that differs; one behind a gap, and what fills the gap."""
    wrong = {"entries": 1, "digest": "0" * 64}
    differs = copy_of(source).sealed(events.STATEMENT, "changsha", wrong)
    first = in_chain(source, differs, "applied", "statement_differs")
    late = in_chain(source, canonical(next_event(source, "CSLX-00075")), "applied", "")
    unchecked = copy_of(source).sealed(events.STATEMENT, "changsha", wrong)
    return [first, in_chain(source, unchecked, "applied", "statement_unchecked"), late]


def _long_subject(event: Event) -> None:
    event["subject"] = event["data"]["entry"]["certificate_no"] = "C" * 65


MODELS = b'"models":["SL-100"]'

CASES: dict[str, Make] = {
    "text": _refused("不是 JSON".encode(), "not_json"),
    "half an object": _refused(b'{"specversion":"1.0"', "not_json"),
    "empty": _refused(b"", "not_json"),
    "null": _refused(None, "not_json"),
    "binary": _refused(b"\x00\xff\xfe\x80", "not_json"),
    "a raw NUL": _bytes(lambda value: value.replace(b"SL-100", b"SL\x00"), "not_json"),
    "byte order mark": _bytes(lambda value: b"\xef\xbb\xbf" + value, "not_json"),
    "UTF-16": _bytes(lambda value: value.decode().encode("utf-16"), "not_json"),
    "GB18030": _bytes(lambda value: value.decode().encode("gb18030"), "not_json"),
    "two objects": _bytes(lambda value: value + value, "not_json"),
    "deep lists": _refused(b"[" * 100_000, "not_json"),
    "deep objects": _refused(b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "not_json"),
    "a list": _refused(b"[]", "not_cloudevent"),
    "a number": _refused(b"1", "not_cloudevent"),
    "an empty object": _refused(b"{}", "not_cloudevent"),
    "half a CloudEvent": _refused(b'{"specversion":"1.0"}', "not_cloudevent"),
    "300 KiB": _bytes(lambda value: value + b" " * 300 * KIB, "too_large"),
    "1 MiB": _bytes(lambda value: value + b" " * (KIB * KIB - len(value)), "too_large"),
    "signed by somebody": _forged(signature_headers("", signer_of("somebody").sign(b"x"))[0][1]),
    "signature not base64": _forged(b"!!"),
    "signature empty": _forged(b""),
    "signature too short": _forged(b"AAAA"),
    "unsigned, then overtaken": _overtaken(plain_headers(), "CSLX-00060"),
    "no header at all": _overtaken((), "CSLX-00061"),
    "binary headers": _overtaken((("signature", b"\xff"), ("keyid", b"\x00\xfe"), ("", b""), ("键", b"\x80")), "CSLX-00062"),
    "a key nobody trusts": _overtaken((("signature", b"AAAA"), ("keyid", b"0" * 16)), "CSLX-00063"),
    "a key id and no signature": _overtaken((("keyid", b"0" * 16),), "CSLX-00064"),
    "unsigned, unknown type, overtaken": _overtaken_and_unknown,
    "a revoked key": _signed_by(REVOKED, "key_revoked"),
    "another source's event": _of_another_source,
    "a reused sequence": _reused,
    "a broken chain": _broken,
    "sequence negative": _unplaced(_attributes(sequence="-0000000000000000001"), "schema_invalid"),
    "sequence zero": _unplaced(_attributes(sequence="0" * 20, id="0"), "schema_invalid"),
    "sequence beyond 2^53": _unplaced(_attributes(sequence=f"{2**53 + 1:020d}", id=str(2**53 + 1)), "schema_invalid"),
    "sequence a number": _unplaced(_attributes(sequence=7), "schema_invalid"),
    "sequence in other digits": _unplaced(_attributes(sequence="０" * 20), "schema_invalid"),
    "sequence missing": _unplaced(_without("sequence"), "schema_invalid"),
    "id of another number": _rejected(_attributes(id="1"), "schema_invalid"),
    "id missing": _rejected(_without("id"), "not_cloudevent"),
    "id a number": _rejected(_attributes(id=1), "not_cloudevent"),
    "type a list": _rejected(_attributes(type=[]), "not_cloudevent"),
    "specversion 2.0": _rejected(_attributes(specversion="2.0"), "not_cloudevent"),
    "specversion a number": _rejected_text(b'"specversion":"1.0"', b'"specversion":1.0'),
    "subject missing": _rejected(_without("subject"), "schema_invalid"),
    "subject an object": _rejected(_attributes(subject={"a": "b"}), "schema_invalid"),
    "subject of another entry": _rejected(_attributes(subject="CSLX-00002"), "schema_invalid"),
    "subject over-long": _rejected(_long_subject, "schema_invalid"),
    "time without offset": _rejected(_attributes(time="2021-07-22T09:00:00"), "schema_invalid"),
    "time impossible": _rejected(_attributes(time="2021-02-30T09:00:00+08:00"), "schema_invalid"),
    "time a number": _rejected(_attributes(time=1), "schema_invalid"),
    "data missing": _rejected(_without("data"), "schema_invalid"),
    "data a string": _rejected(_attributes(data="x"), "schema_invalid"),
    "dataschema of another type": _rejected(_attributes(dataschema="urn:czt:day-began:1"), "schema_invalid"),
    "entryversion 0": _rejected(_attributes(entryversion=0), "schema_invalid"),
    "entryversion negative": _rejected(_attributes(entryversion=-1), "schema_invalid"),
    "entryversion beyond 2^53": _rejected(_attributes(entryversion=2**60), "schema_invalid"),
    "entryversion true": _rejected(_attributes(entryversion=True), "schema_invalid"),
    "entryversion text": _rejected(_attributes(entryversion="1"), "schema_invalid"),
    "entryversion missing": _rejected(_without("entryversion"), "schema_invalid"),
    "an integer beyond 2^53": _rejected(lambda event: event["data"].update(origin={"row": 2**53 + 1}), "schema_invalid"),
    "a huge number": _rejected_text(MODELS, b'"models":1e999'),
    "a number of many digits": _rejected_text(MODELS, b'"models":' + b"9" * 5_000),
    "NaN": _rejected_text(MODELS, b'"models":NaN'),
    "a repeated key": _rejected_text(MODELS, MODELS + b"," + MODELS),
    "NUL": _rejected(_entry(product_name="高效\0水泵"), "schema_invalid"),
    "a lone surrogate": _rejected_text(b'"SL-100"', b'"\\ud800"'),
    "an over-long string": _rejected(_entry(product_name="泵" * 301), "schema_invalid"),
    "too many models": _rejected(_entry(models=["SL"] * 201), "schema_invalid"),
    "a day that is none": _rejected(_entry(valid_from="2021-02-30"), "schema_invalid"),
    "a day as a number": _rejected(_entry(valid_from=20210101), "schema_invalid"),
    "ends before it begins": _rejected(_entry(valid_from="2024-01-01"), "impossible_value"),
    "USCC with a wrong check": _rejected(_entry(uscc="91430104DEM0000010"), "impossible_value"),
    "an unknown district": _rejected(_entry(district_code="999999"), "impossible_value"),
    "a withdrawal without reason": _rejected(_attributes(type=events.WITHDRAWN.name), "schema_invalid"),
    "a suspension that is none": _rejected(_attributes(type=events.SUSPENDED.name), "impossible_value"),
    "another city's entry": _rejected(_entry(register_city="430200"), "wrong_issuer"),
    "an unknown type": _rejected(_attributes(type="cn.czt.entry.exploded.v1"), "type_unknown"),
    "a decision": _rejected(
        _attributes(type=events.DAY_BEGAN.name, dataschema=events.DAY_BEGAN.dataschema, data={"by": "甲", "day": "2021-07-23"}),
        "decision_not_allowed",
    ),
    "a newer version": _newer,
    "a newer schema": _newer_schema,
    "a late version": _late,
    "the same again": _twice,
    "the highest version": _huge_version,
    "statements": _statements,
}
"""By name; each is followed on the topic by a sound event."""
