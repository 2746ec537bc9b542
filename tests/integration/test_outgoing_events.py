"""What the outbound relay sends, from a whole history, fits the models and schemas of what the shared store publishes."""

import json
from collections import Counter
from pathlib import Path

from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event
from jsonschema import Draft202012Validator, FormatChecker

from consumers.outbound import Outbound, OutboundPolicy
from schemas.outgoing import OUTGOING_TYPES
from schemas.publishing import documents
from schemas.topics import DEAD_LETTERS
from tests.support.histories import full_history
from tests.support.publishers import KeptMessages
from tests.support.stores import made_store


def test_receipts_and_products_fit_their_schemas(tmp_path: Path) -> None:
    """Every event that goes out validates, the CloudEvents project reads it, and its data is whole: no unknown field."""
    store = made_store(f"sqlite:///{tmp_path / 'store.db'}")
    full_history(store)
    sent = KeptMessages()
    Outbound(store, sent, OutboundPolicy("test")).run_until_idle()
    published = documents()
    made = {
        name: Draft202012Validator(json.loads(published[f"{name}.json"]), format_checker=FormatChecker()) for name in OUTGOING_TYPES
    }
    counted: Counter[str] = Counter()
    for message in sent.messages:
        if message.topic == DEAD_LETTERS:
            continue
        event = json.loads(message.value)
        made[event["type"]].validate(event)
        read = from_structured_event(KafkaMessage(dict(message.headers), message.key, message.value))
        assert (read.get_type(), read.get_data()) == (event["type"], event["data"])
        data = OUTGOING_TYPES[event["type"]].data.model_validate(event["data"])
        assert data.model_dump(mode="json", by_alias=True) == event["data"]
        counted[event["type"]] += 1
    assert counted.keys() == OUTGOING_TYPES.keys()
