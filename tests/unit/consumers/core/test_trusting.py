"""Which keys the joint office trusts: by its own word alone, in the order of its chain, as the hub decides it."""

from dataclasses import replace

import pytest

from consumers.core.trusting import trusted_keys
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.ports import Record
from schemas.rules import RULE_SET_1
from schemas.signing import plain_headers, signature_headers
from tests.support.cities import CHANGSHA, ZHUZHOU
from tests.support.sources import Source, signer_of

FIRST = Source(JOINT_OFFICE).trusted()
KEY = Source(CHANGSHA.source).key_data()


def office() -> Source:
    """A joint office that has decided this and that, and trusts Zhuzhou's key."""
    made = Source(JOINT_OFFICE)
    made.decide(events.RULES_ACTIVATED, "rules", {"rules": RULE_SET_1.model_dump(mode="json")})
    made.decide(events.KEY_TRUSTED, "key", Source(ZHUZHOU.source).key_data())
    made.decide(events.DAY_BEGAN, "day", {"day": "2021-07-22"})
    return made


def trusted(records: list[Record]) -> set[str]:
    """Ids of Changsha's keys that are trusted after these records."""
    return {keyid for source, keyid in trusted_keys(records, FIRST) if source == CHANGSHA.source}


def test_a_decision_among_others_counts() -> None:
    """Also one about things that aren't known here, and one that comes twice, change nothing about keys."""
    made = office()
    made.decide(events.KEY_TRUSTED, "key", KEY)
    made.decide(events.PARKED_RELEASED, "x", {"source": CHANGSHA.source, "sequence": 9})
    made.again(made.records[0])
    found = trusted_keys(made.records, FIRST)
    assert found.keys() == {(CHANGSHA.source, KEY["keyid"]), (ZHUZHOU.source, Source(ZHUZHOU.source).signer.keyid)}
    assert found[CHANGSHA.source, KEY["keyid"]].register_city == CHANGSHA.code


def test_a_revoked_key_says_from_where() -> None:
    """It stays known, with the last sequence it is good for."""
    made = office()
    made.decide(events.KEY_TRUSTED, "key", KEY)
    made.decide(events.KEY_REVOKED, "key", {"source": CHANGSHA.source, "keyid": KEY["keyid"], "after_sequence": 7})
    assert trusted_keys(made.records, FIRST)[CHANGSHA.source, KEY["keyid"]].revoked_after == 7


@pytest.mark.parametrize("forgery", ["unsigned", "another key", "the office's id", "a former signature", "on a fork"])
def test_a_decision_that_the_office_did_not_sign_counts_for_nothing(forgery: str) -> None:
    """Whoever else can write to the topic makes no key trusted, wherever the record lies."""
    made = office()
    fork = replace(made, records=list(made.records), sequence=1, head="0" * 64) if forgery == "on a fork" else made
    forged = replace(fork, key_name="somebody").decide(events.KEY_TRUSTED, "key", KEY)
    good = dict(made.records[0].headers)["signature"]
    assert forged.value is not None
    headers = {
        "unsigned": plain_headers(),
        "another key": forged.headers,
        "the office's id": signature_headers(FIRST.keyid, signer_of("somebody").sign(forged.value)),
        "a former signature": (("signature", good), ("keyid", FIRST.keyid.encode())),
        "on a fork": signature_headers(FIRST.keyid, made.signer.sign(forged.value)),
    }[forgery]
    own, lie = office().records, replace(forged, headers=headers)
    assert trusted([*own, lie]) == set()
    after = office()
    after.decide(events.DAY_BEGAN, "day", {"day": "2021-07-23"})
    assert trusted([*own, lie, *after.records[3:]]) == set()


def test_the_offices_next_key_speaks_from_its_decision_on() -> None:
    """A decision under a successor counts after the first key trusted it, not before; a revoked one's doesn't."""
    made = office()
    early = replace(made, key_name="next", records=list(made.records))
    early.decide(events.KEY_TRUSTED, "key", KEY)
    assert trusted(early.records) == set()
    joint = Source(JOINT_OFFICE, key_name="next").key_data()
    made.decide(events.KEY_TRUSTED, "key", joint)
    made.key_name = "next"
    made.decide(events.KEY_TRUSTED, "key", KEY)
    assert trusted(made.records) == {KEY["keyid"]}
    made.key_name = ""
    made.decide(events.KEY_REVOKED, "key", {"source": JOINT_OFFICE, "keyid": joint["keyid"], "after_sequence": made.sequence})
    made.key_name = "next"
    other = {**KEY, **{name: value for name, value in joint.items() if name in ("key", "keyid")}}
    made.decide(events.KEY_TRUSTED, "key", other)
    assert trusted(made.records) == {KEY["keyid"]}
