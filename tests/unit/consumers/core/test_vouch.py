"""Who vouches for a record: its own signature, or a vouched successor that names its hash."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consumers.core.model import TrustedKey
from consumers.core.vouch import Refused, Standing, Vouched, Waiting, vouch
from schemas import events
from schemas.ports import Record
from schemas.signing import signature_headers
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import Source, entry, signer_of
from tests.support.worlds import read

SOURCE = CHANGSHA.source
WAITING = Waiting()


def four(*signed: int) -> Source:
    """A source with four events, of which these carry a signature."""
    source = Source(SOURCE)
    for number in range(1, 5):
        source.say_entry(events.LISTED, 1, entry(CHANGSHA, f"{number}"), signed=number in signed)
    return source


def standings(
    source: Source,
    records: Sequence[Record] | None = None,
    known: Mapping[int, str] | None = None,
    wanted: Mapping[str, int] | None = None,
    **key: int | None,
) -> list[Standing]:
    """The standings of a window under the source's own key."""
    trusted: TrustedKey = replace(source.trusted(), **key)  # type: ignore[arg-type]
    window = [read(record) for record in (source.records if records is None else records)]
    return vouch(window, SOURCE, {trusted.keyid: trusted}, known or {}, wanted or {})


def digest(record: Record) -> str:
    """A record's hash."""
    return read(record).envelope.record_hash


def test_late_records_are_vouched_for_by_successors_that_came_before_them() -> None:
    """A gap filled by unsigned records in the window of the record behind it: as if they were read one by one."""
    source = four(3, 4)
    ordered = [source.records[index] for index in (2, 0, 1, 3)]
    assert standings(source, ordered) == [Vouched(3), Vouched(1), Vouched(2), Vouched(4)]


def test_a_record_that_comes_again_overtakes_nobody() -> None:
    """Only a new record says that the chain runs past what stands before it."""
    source = four(1, 4)
    one, two = source.records[:2]
    assert standings(source, [one, two, one]) == [Vouched(1), WAITING, Vouched(1)]


def test_one_signature_vouches_for_the_chain_up_to_it() -> None:
    """Everything the signed record's chain runs through is vouched for; the tail behind it waits."""
    assert standings(four(3)) == [Vouched(1), Vouched(2), Vouched(3), WAITING]


def test_nothing_is_vouched_without_a_trusted_key() -> None:
    """A signature by a key nobody trusts counts as none: its decision may be on the way."""
    source = four(1, 2, 3, 4)
    window = [read(record) for record in source.records]
    assert vouch(window, SOURCE, {}, {}, {}) == [WAITING] * 4
    assert standings(source, from_sequence=3) == [Vouched(1), Vouched(2), Vouched(3), Vouched(4)]
    assert standings(four(2), from_sequence=3) == [WAITING] * 4


def test_a_wrong_signature_is_refused_wherever_it_stands() -> None:
    """A bad signature under a trusted key is refused even when the chain runs through the record, and cuts it there."""
    source = four(4)
    keyid = source.signer.keyid
    elses = signer_of("other").sign(source.records[1].value or b"")
    for headers in (signature_headers(keyid, elses), (("signature", b"%%"), ("keyid", keyid.encode()))):
        source.records[1] = replace(source.records[1], headers=headers)
        cut = [Refused("signature_missing"), Refused("signature_invalid"), Vouched(3), Vouched(4)]
        assert standings(source) == cut


def test_headers_that_are_no_signature_count_as_none() -> None:
    """A key id without a signature, or one that isn't ASCII, is no signature, and no error."""
    source = four()
    record = source.records[0]
    for headers in ((("keyid", source.signer.keyid.encode()),), (("signature", b"\xff"), ("keyid", b"\xff"))):
        assert standings(source, [replace(record, headers=headers)]) == [WAITING]


def test_a_revoked_key_vouches_for_lower_sequences_only() -> None:
    """Signatures above the revocation are refused, those up to it stay good."""
    ours = four(2, 4)
    assert standings(ours, revoked_after=2) == [Vouched(1), Vouched(2), WAITING, Refused("key_revoked")]
    assert standings(ours, revoked_after=4) == [Vouched(1), Vouched(2), Vouched(3), Vouched(4)]


def test_a_key_vouches_from_its_first_sequence_on() -> None:
    """A signature below that counts as none; a good one above it vouches for the whole chain below."""
    assert standings(four(2), from_sequence=3) == [WAITING] * 4
    assert standings(four(2, 3), from_sequence=3) == [Vouched(1), Vouched(2), Vouched(3), WAITING]


def test_another_sources_event_is_refused() -> None:
    """A record of another source is refused at once, whoever signed it."""
    record = Source(ZHUZHOU.source).say_entry(events.LISTED, 1, entry(ZHUZHOU, "1"))
    assert standings(four(4), [record]) == [Refused("wrong_source")]


def test_what_the_chain_leaves_aside_is_refused() -> None:
    """An unsigned record before a newly vouched one that doesn't lead to it will never be vouched for."""
    stranger = Source(SOURCE, "stranger", head="f" * 64)
    record = stranger.say_entry(events.LISTED, 1, entry(CHANGSHA, "9"))
    ours = four(4).records
    assert standings(four(4), [record, *ours])[0] == Refused("signature_missing")
    assert standings(four(4), [*ours, record])[-1] == WAITING


def test_a_duplicate_proves_nothing_about_what_waits() -> None:
    """Known bytes are duplicates without anybody's word, and an unsigned record before them goes on waiting."""
    ours = four(1, 2)
    known = {1: digest(ours.records[0])}
    unsigned = replace(ours.records[0], headers=())
    assert standings(ours, [ours.records[2], unsigned], known) == [WAITING, Vouched(1)]


def test_a_gaps_upper_end_vouches_for_what_fills_it() -> None:
    """A record that an accepted successor names needs no signature, and vouches for its own predecessors."""
    ours = four().records
    wanted = {digest(ours[2]): 3}
    assert standings(four(), ours[:3], wanted=wanted) == [Vouched(1), Vouched(2), Vouched(3)]


def test_an_unreadable_record_takes_the_number_its_successor_gives_it() -> None:
    """Bytes without a place are refused at once, unless a vouched successor in the window names them."""
    source = Source(SOURCE)
    source.head, source.sequence = digest(source.publish(b"not json", signed=False)), 1
    source.say_entry(events.LISTED, 1, entry(CHANGSHA, "1"))
    assert standings(source) == [Vouched(1), Vouched(2)]
    assert standings(source, source.records[:1]) == [Refused("not_json")]
    assert standings(source, [source.publish(None)]) == [Refused("not_json")]


def test_an_unsigned_record_that_breaks_the_schema_waits_for_its_successor() -> None:
    """What shows its place may be an event of the chain: it is refused with its own code once it can't be."""
    source = Source(SOURCE)
    bad = entry(CHANGSHA, "1", product_name="")
    source.say_entry(events.LISTED, 1, bad, signed=False)
    assert standings(source) == [WAITING]
    later = four(1)
    assert standings(later, [source.records[0], later.records[0]]) == [Refused("schema_invalid"), Vouched(1)]
