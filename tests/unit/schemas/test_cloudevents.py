"""Our records are CloudEvents to the library that the CloudEvents project itself publishes."""

from datetime import datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event

from schemas.events import ALL_TYPES, EventType
from schemas.signing import plain_headers, signed_headers
from tests.support.sealed_events import sealed_event, sealed_value
from tests.support.sources import Source


@pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=lambda kind: kind.name)
def test_record_is_a_cloudevent(kind: EventType) -> None:
    """Every attribute, our extensions among them, and the data arrive as they were sealed."""
    value, sealed = sealed_value(kind), sealed_event(kind)
    headers = signed_headers(Source(sealed["source"]).signer, value)
    event = from_structured_event(KafkaMessage(headers=dict(headers), key=sealed["subject"].encode(), value=value))
    attributes = event.get_attributes()
    assert attributes.pop("time") == datetime.fromisoformat(sealed.pop("time"))
    assert attributes.pop("partitionkey") == sealed["subject"]  # the record's key, as the library calls it
    assert event.get_data() == sealed.pop("data")
    assert attributes == sealed


def test_what_is_no_cloudevent_is_not_read() -> None:
    """The library reads, it doesn't guess: without a source it refuses."""
    value = sealed_value(ALL_TYPES["cn.czt.day.began.v1"]).replace(b'"source"', b'"sauce"')
    with pytest.raises(Exception, match="source"):
        from_structured_event(KafkaMessage(headers=dict(plain_headers()), key=None, value=value))
