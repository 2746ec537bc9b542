"""What a batch has to load, found from its events alone."""

from datetime import date
from typing import Any

import pytest

from consumers.core.model import Context
from consumers.core.needs import Needs, needs_of
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.envelope import read_envelope
from schemas.events import EventType
from schemas.identity import product_key, separate_key
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA
from tests.support.sources import Source, entry
from tests.support.worlds import MET, TODAY

REF = {"city": "changsha", "certificate_no": "1"}
OTHER = {"city": "zhuzhou", "certificate_no": "2"}
KEY = "0" * 20


def of_city(kind: EventType, subject: str, data: dict[str, Any]) -> Needs:
    """The needs of one event of a city."""
    value = Source(CHANGSHA.source).sealed(kind, subject, data, 1)
    return needs_of(CHANGSHA.word, TODAY, [read_envelope(value)])


def of_office(kind: EventType, context: Context = TODAY, **data: Any) -> Needs:
    """The needs of one decision."""
    value = Source(JOINT_OFFICE).sealed(kind, "object", {"by": "甲", "agreed_by": "乙", **data})
    return needs_of(None, context, [read_envelope(value)])


def test_an_entry_needs_its_listing_and_its_product() -> None:
    """The listing under the source's own city, the product of the new identity, the head of the number."""
    found = entry(CHANGSHA, "1")
    needs = of_city(events.LISTED, "1", {"entry": found})
    key = product_key(found["uscc"], found["product_name"], found["models"])
    assert needs == Needs(listings={("changsha", "1")}, products={key}, subjects={"1"})


def test_a_statement_needs_every_head() -> None:
    """A digest is over the whole register."""
    assert of_city(events.STATEMENT, "changsha", {"entries": 0, "digest": "0" * 64}).all_heads


def test_an_answer_needs_the_product() -> None:
    """A city answers about a product, not about a listing."""
    needs = of_city(events.OBJECTION_ANSWERED, "x", {"objection": "1", "product_key": KEY, "text": "x"})
    assert (needs.named, needs.objections) == ({KEY}, {"1"})


def test_an_unreadable_event_needs_only_its_subject() -> None:
    """What can't be decided still has a place in its entry's history."""
    needs = of_city(events.LISTED, "1", {})
    assert needs == Needs(subjects={"1"})


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (events.KEY_REVOKED, {"source": "/registers/changsha", "keyid": "0" * 16, "after_sequence": 1}, Needs()),
        (
            events.ASSESSMENT_RECORDED,
            {"listing": REF, "entry_version": 1, "criteria": MET, "assessed_on": "2021-07-20"},
            Needs(listings={("changsha", "1")}),
        ),
        (
            events.BATCH_PUBLISHED,
            {
                "number": 1,
                "host": "zhuzhou",
                "day": "2021-07-22",
                "document": "x",
                "products": [{"product_key": KEY, "state_hash": "0" * 64}],
            },
            Needs(products={KEY}),
        ),
        (
            events.OBJECTION_RAISED,
            {"objection": "1", "product_key": KEY, "text": "", "deadline": "2021-08-01"},
            Needs(named={KEY}, objections={"1"}),
        ),
        (events.IDENTITY_JOINED, {"listing": REF, "follows": OTHER}, Needs(listings={("changsha", "1"), ("zhuzhou", "2")})),
        (
            events.IDENTITY_SEPARATED,
            {"listing": REF},
            Needs(listings={("changsha", "1")}, products={separate_key("changsha", "1")}),
        ),
        (
            events.SOURCE_CONTINUED,
            {"source": "/registers/changsha", "sequence": 1, "hash": "0" * 64},
            Needs(chains={"/registers/changsha"}),
        ),
        (events.RULES_ACTIVATED, {"rules": RULE_SET_1.model_dump(mode="json")}, Needs(everything=True)),
        (events.DAY_BEGAN, {"day": "2021-07-23"}, Needs(edge_day=date(2021, 7, 23))),
    ],
)
def test_decisions_need_what_they_name(kind: EventType, data: dict[str, Any], expected: Needs) -> None:
    """Each decision names its objects; a rule set concerns every product, a day those at the edge of a validity."""
    expected.subjects = {"object"}
    assert of_office(kind, **data) == expected


def test_a_decision_on_a_citys_topic_needs_nothing() -> None:
    """It is refused or rejected there; loading the chain it names would put the city's own back to where it was."""
    lost = {"by": "甲", "agreed_by": "乙", "source": "/registers/changsha", "sequence": 7, "hash": "0" * 64}
    assert of_city(events.SOURCE_CONTINUED, "changsha", lost) == Needs(subjects={"changsha"})


def test_the_first_day_and_the_one_after_a_review_concern_everything() -> None:
    """Before the first day nothing is in date; after a review date the old recognitions end together."""
    assert of_office(events.DAY_BEGAN, Context(rules=RULE_SET_1), day="2021-07-22").everything
    reviewed = RULE_SET_1.model_copy(update={"review_date": date(2021, 7, 22)})
    assert of_office(events.DAY_BEGAN, Context("2021-07-22", reviewed), day="2021-07-23").everything
    assert not of_office(events.DAY_BEGAN, Context("2021-07-21", reviewed), day="2021-07-22").everything
