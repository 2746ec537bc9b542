"""One sealed event of every type that sources publish, by invented firms and people."""

import json
from typing import Any

from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.events import EventType
from schemas.rules import RULE_SET_1
from tests.support.cities import CHANGSHA
from tests.support.sources import Source, entry

NUMBER = "CSLX-00001"
PRODUCT = "0123456789abcdef0123"
LISTING = {"city": "changsha", "certificate_no": NUMBER}
WITHDRAWN = {"source_status": "withdrawn", "status_reason": {"code": "expired", "text": "到期"}}
CRITERIA = {"safety": True, "environment": True, "quality": False, "technology": None}

_DATA: dict[EventType, dict[str, Any]] = {
    events.STATEMENT: {"entries": 3, "digest": "0" * 64},
    events.OBJECTION_ANSWERED: {"objection": "YY-1", "product_key": PRODUCT, "text": "答复"},
    events.KEY_TRUSTED: Source(CHANGSHA.source).key_data(),
    events.KEY_REVOKED: {"source": JOINT_OFFICE, "keyid": "0" * 16, "after_sequence": 0},
    events.RULES_ACTIVATED: {"rules": RULE_SET_1.model_dump(mode="json")},
    events.DAY_BEGAN: {"day": "2021-07-22"},
    events.ASSESSMENT_RECORDED: {"listing": LISTING, "entry_version": 1, "criteria": CRITERIA, "assessed_on": "2021-07-20"},
    events.BATCH_PUBLISHED: {
        "number": 1,
        "host": "zhuzhou",
        "day": "2021-07-22",
        "document": "〔2021〕12号",
        "products": [{"product_key": PRODUCT, "state_hash": "0" * 64}],
    },
    events.OBJECTION_RAISED: {"objection": "YY-1", "product_key": PRODUCT, "text": "异议", "deadline": "2021-08-06"},
    events.OBJECTION_SETTLED: {"objection": "YY-1", "product_key": PRODUCT, "effect": "none"},
    events.IDENTITY_JOINED: {"listing": LISTING, "follows": {"city": "zhuzhou", "certificate_no": "ZZLX-00001"}},
    events.IDENTITY_SEPARATED: {"listing": LISTING, "undo": True},
    events.PARKED_RELEASED: {"source": CHANGSHA.source, "sequence": 7},
    events.SOURCE_CONTINUED: {"source": CHANGSHA.source, "sequence": 7, "hash": "0" * 64, "lost": [[3, 5]]},
}
_STATUS: dict[EventType, dict[str, Any]] = {
    events.SUSPENDED: {"source_status": "suspended"},
    events.WITHDRAWN: WITHDRAWN,
}


def sealed_value(kind: EventType) -> bytes:
    """The record value of a whole and valid event of this type, the first of its source."""
    if kind.is_entry:
        data = {"entry": entry(CHANGSHA, NUMBER, **_STATUS.get(kind, {}))}
        return Source(CHANGSHA.source).sealed(kind, NUMBER, data, 1)
    if kind.name in events.CITY_TYPES:
        return Source(CHANGSHA.source).sealed(kind, "changsha", _DATA[kind])
    people = {"by": "甲", "agreed_by": "乙", "log_size": 0}
    return Source(JOINT_OFFICE).sealed(kind, "subject", {**people, **_DATA[kind]})


def sealed_event(kind: EventType) -> dict[str, Any]:
    """The same, as parsed JSON."""
    found: dict[str, Any] = json.loads(sealed_value(kind))
    return found
