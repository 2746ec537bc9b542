"""Makes records that are no sound events, each with what becomes of it; `tests.support.bad_records` names them.

`refused` records take no sequence: the city's chain goes on as if they weren't there. `rejected` and `parked` ones are signed
by the city and stand in its chain.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas import events
from schemas.codec import canonical, sha256_hex
from schemas.ports import Headers
from schemas.signing import plain_headers, signed_headers
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import Source, entry, signer_of

KIB = 1024
CITY = CHANGSHA
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


def refused(value: bytes | None, reason: str) -> Make:
    """Signed by the city's own key, and unreadable all the same."""

    def made(source: Source) -> list[Bad]:
        headers = plain_headers() if value is None else signed_headers(source.signer, value)
        return [Bad(value, headers, "refused", reason)]

    return made


def unplaced(change: Callable[[Event], object], reason: str) -> Make:
    """An event whose place in the chain can't be read."""

    def made(source: Source) -> list[Bad]:
        event = next_event(source)
        change(event)
        value = canonical(event)
        return [Bad(value, signed_headers(source.signer, value), "refused", reason)]

    return made


def with_bytes(change: Callable[[bytes], bytes], reason: str) -> Make:
    """The bytes of a sound event, changed and then signed: unreadable as a whole."""

    def made(source: Source) -> list[Bad]:
        value = change(canonical(next_event(source)))
        return [Bad(value, signed_headers(source.signer, value), "refused", reason)]

    return made


def in_chain(source: Source, value: bytes, outcome: str, reason: str) -> Bad:
    """A signed record that is the city's next one."""
    source.sequence, source.head = source.sequence + 1, sha256_hex(value)
    return Bad(value, signed_headers(source.signer, value), outcome, reason)


def vouched_for(value: bytes, number: str, reason: str) -> Make:
    """Unreadable, unsigned, and late: the record after it, which stands before it on the topic, names it as its predecessor."""

    def made(source: Source) -> list[Bad]:
        in_chain(source, value, "rejected", reason)
        after = in_chain(source, canonical(next_event(source, number)), "applied", "")
        return [after, Bad(value, plain_headers(), "rejected", reason)]

    return made


def rejected(change: Callable[[Event], object], reason: str, **changes: Any) -> Make:
    """An event of the chain that can't be accepted."""

    def made(source: Source) -> list[Bad]:
        event = next_event(source, **changes)
        change(event)
        return [in_chain(source, canonical(event), "rejected", reason)]

    return made


def rejected_text(old: bytes, new: bytes) -> Make:
    """The same, with a change in the text of the JSON."""

    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        assert old in value
        return [in_chain(source, value.replace(old, new, 1), "rejected", "schema_invalid")]

    return made


def with_entry(**changes: Any) -> Callable[[Event], object]:
    """Other values of the entry."""
    return lambda event: event["data"]["entry"].update(changes)


def with_attributes(**changes: Any) -> Callable[[Event], object]:
    """Other CloudEvents attributes."""
    return lambda event: event.update(changes)


def without(name: str) -> Callable[[Event], object]:
    """One attribute less."""
    return lambda event: event.pop(name)


def signed_by(name: str, reason: str) -> Make:
    """Sound, but signed by another key."""

    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        return [Bad(value, signed_headers(signer_of(name), value), "refused", reason)]

    return made


def forged(signature: bytes) -> Make:
    """Under the city's key id, and not by its key."""

    def made(source: Source) -> list[Bad]:
        value = canonical(next_event(source))
        headers = (("signature", signature), ("keyid", source.signer.keyid.encode()))
        return [Bad(value, headers, "refused", "signature_invalid")]

    return made


def overtaken(headers: Headers, number: str) -> Make:
    """Nobody vouches for it, and the next sound event takes its sequence."""

    def made(source: Source) -> list[Bad]:
        return [Bad(canonical(next_event(source, number)), headers, "refused", "signature_missing")]

    return made


def overtaken_and_unknown(source: Source) -> list[Bad]:
    """What it was meant to be is told, although nobody vouches for it."""
    value = canonical(next_event(source) | {"type": "cn.czt.entry.exploded.v1"})
    return [Bad(value, plain_headers(), "refused", "type_unknown")]


def of_another_source(_: Source) -> list[Bad]:
    """Zhuzhou's event, signed by Zhuzhou."""
    theirs = Source(ZHUZHOU.source)
    value = theirs.sealed(events.LISTED, "ZZLX-00001", {"entry": entry(ZHUZHOU, "ZZLX-00001")}, 1)
    return [Bad(value, signed_headers(theirs.signer, value), "refused", "wrong_source")]


def reused(source: Source) -> list[Bad]:
    """A rewritten register: another event under a known sequence, and what is chained to it."""
    value = canonical(next_event(Source(source.address, "", source.sequence - 1, "1" * 64), "CSLX-00008"))
    after = canonical(next_event(Source(source.address, "", source.sequence, sha256_hex(value)), "CSLX-00009"))
    return [
        Bad(value, signed_headers(source.signer, value), "refused", "sequence_reused"),
        Bad(after, signed_headers(source.signer, after), "refused", "chain_broken"),
    ]


def broken(source: Source) -> list[Bad]:
    """Its predecessor is another than the recorded one."""
    value = canonical(next_event(Source(source.address, "", source.sequence, "2" * 64), "CSLX-00008"))
    return [Bad(value, signed_headers(source.signer, value), "refused", "chain_broken")]


def newer(source: Source) -> list[Bad]:
    """A newer version of a known type, and the next event of that entry."""
    newer = next_event(source, "CSLX-00070") | {"type": "cn.czt.entry.listed.v2"}
    first = in_chain(source, canonical(newer), "parked", "schema_unknown")
    later = next_event(source, "CSLX-00070") | {"entryversion": 2}
    return [first, in_chain(source, canonical(later), "parked", "behind_parked")]


def newer_schema(source: Source) -> list[Bad]:
    """The same type under a newer schema."""
    newer = next_event(source, "CSLX-00071") | {"dataschema": "urn:czt:register-entry:2"}
    return [in_chain(source, canonical(newer), "parked", "schema_unknown")]


def late(source: Source) -> list[Bad]:
    """Version 3 before version 2, which came late."""
    late = canonical(next_event(source, "CSLX-00072") | {"entryversion": 2})
    behind = in_chain(source, late, "superseded", "version_behind")
    return [in_chain(source, canonical(next_event(source, "CSLX-00072") | {"entryversion": 3}), "applied", ""), behind]


def twice(source: Source) -> list[Bad]:
    """An event and the same bytes again, unsigned."""
    first = in_chain(source, canonical(next_event(source, "CSLX-00073")), "applied", "")
    return [first, Bad(first.value, plain_headers(), "duplicate", "")]


def huge_version(source: Source) -> list[Bad]:
    """The highest version there can be, and one that is no higher."""
    last = next_event(source, "CSLX-00074") | {"entryversion": 2**53}
    first = in_chain(source, canonical(last), "applied", "")
    after = next_event(source, "CSLX-00074") | {"entryversion": 2**53}
    return [first, in_chain(source, canonical(after), "superseded", "version_behind")]


def statements(source: Source) -> list[Bad]:
    """One that differs; one behind a gap, and what fills the gap."""
    wrong = {"entries": 1, "digest": "0" * 64}
    differs = copy_of(source).sealed(events.STATEMENT, "changsha", wrong)
    first = in_chain(source, differs, "applied", "statement_differs")
    late = in_chain(source, canonical(next_event(source, "CSLX-00075")), "applied", "")
    unchecked = copy_of(source).sealed(events.STATEMENT, "changsha", wrong)
    return [first, in_chain(source, unchecked, "applied", "statement_unchecked"), late]


def long_subject(event: Event) -> None:
    """A certificate number of 65 characters."""
    event["subject"] = event["data"]["entry"]["certificate_no"] = "C" * 65
