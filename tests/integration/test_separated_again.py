"""A listing that stands alone a second time finds the product it was the first time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from consumers.core.model import Product
from consumers.store import rows
from consumers.store.queries.products import product
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.identity import separate_key
from schemas.rules import RULE_SET_1
from schemas.tables import store as t
from tests.support.cities import CHANGSHA
from tests.support.histories import CRITERIA, History, eligible
from tests.support.sources import entry
from tests.support.stores import made_store

LISTING = {"listing": {"city": "changsha", "certificate_no": "CSLX-00001"}}
ALONE = separate_key("changsha", "CSLX-00001")


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """One assessed listing of Changsha, on a day under rule set 1."""
    history = History(made_store(f"sqlite:///{tmp_path / 'store.db'}"))
    history.joint.decide(events.KEY_TRUSTED, JOINT_OFFICE, history.changsha.key_data())
    history.joint.decide(events.RULES_ACTIVATED, "rules/1", {"rules": RULE_SET_1.model_dump(mode="json")})
    history.joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    history.changsha.say_entry(events.LISTED, 1, entry(CHANGSHA, "CSLX-00001"))
    history.decide_all()
    found = {**LISTING, "entry_version": 1, "criteria": CRITERIA, "assessed_on": "2021-07-20"}
    history.joint.decide(events.ASSESSMENT_RECORDED, "changsha/CSLX-00001", found)
    yield history
    history.store.writer.dispose()


def alone(history: History) -> Product:
    """The product that the listing is while it stands alone."""
    history.decide_all()
    with history.store.snapshot() as loader:
        found = product(loader, ALONE)
    assert found is not None
    return found


def test_its_publication_is_still_there(history: History) -> None:
    """Undoing a separation and separating again gives the published product back, with its batch."""
    history.joint.decide(events.IDENTITY_SEPARATED, "changsha/CSLX-00001", LISTING)
    assert alone(history).status == "eligible"
    batch = {"number": 1, "host": "zhuzhou", "day": "2021-07-22", "document": "〔2021〕12号"}
    history.joint.decide(events.BATCH_PUBLISHED, "batch/1", {**batch, "products": eligible(history.store)})
    published = alone(history)
    assert (published.status, published.batch) == ("recognized", 1)
    history.joint.decide(events.IDENTITY_SEPARATED, "changsha/CSLX-00001", {**LISTING, "undo": True})
    assert alone(history).status == "lapsed"
    history.joint.decide(events.IDENTITY_SEPARATED, "changsha/CSLX-00001", LISTING)
    assert alone(history) == published
    with history.store.snapshot() as loader:
        stored = loader.connection.execute(select(t.product)).mappings().all()
    assert all(rows.product_of(row).hash == row["hash"] for row in stored)
