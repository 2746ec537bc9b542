"""Decisions that the hub leaves unread: a day that has not come yet, and what was decided on a longer log than it has."""

import pytest

from consumers.store import log
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA
from tests.support.histories import History
from tests.support.interleaving import SOURCES, Hub
from tests.support.sources import entry
from tests.support.stores import memory_store


@pytest.fixture
def history() -> History:
    """A key, rules, and the day of the hub's own clock."""
    made = History(memory_store("unread"))
    made.joint.decide(events.KEY_TRUSTED, made.changsha.address, made.changsha.key_data())
    made.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    made.joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    made.decide_all()
    return made


def day(history: History) -> str | None:
    """The store's day."""
    with history.store.snapshot() as loader:
        return loader.context(exclusive=False, lock=False).day


def test_a_day_waits_for_the_hubs_clock(history: History) -> None:
    """A day is left unread until it has come, whatever is behind it too; a hub whose clock has reached it goes on."""
    history.joint.decide(events.DAY_BEGAN, "2021-07-23", {"day": "2021-07-23"})
    history.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    assert (history.decide(history.joint), day(history)) == (0, "2021-07-22")
    later = Hub(history.store, history.joint.trusted())
    later.read({JOINT_OFFICE: history.joint.records}, dict.fromkeys(SOURCES, 0) | {JOINT_OFFICE: len(history.joint.records)})
    assert (history.decide(history.joint), day(history)) == (0, "2021-07-23")


def test_a_decision_waits_for_the_log_it_was_made_on(history: History) -> None:
    """It is read once the log is as long as it names; until then nothing of it is in the log."""
    with history.store.snapshot() as loader:
        size = log.size(loader.connection)
    history.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json"), "log_size": size + 2})
    decided = []
    for number in (1, 2):
        history.changsha.say_entry(events.LISTED, 1, entry(CHANGSHA, f"CSLX-0000{number}"))
        decided.append((history.decide(history.joint), history.decide(history.changsha)))
    assert decided == [(0, 1), (0, 1)]
    assert history.decide(history.joint) == 1
