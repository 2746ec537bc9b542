"""The AsyncAPI document tells of the topics, the messages and the payloads that the code has."""

from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from schemas import asyncapi, events
from schemas.city import source_name
from schemas.events import ALL_TYPES, CITY_TYPES, JOINT_TYPES, EventType
from schemas.outgoing import OUTGOING_TYPES
from schemas.publishing import event_schemas
from tests.support.cities import ALL_TOPICS, CITIES, SOURCES
from tests.support.sealed_events import sealed_event

DOCUMENT = asyncapi.document(event_schemas())
CHANNELS: dict[str, Any] = DOCUMENT["channels"]


def _validator(name: str) -> Draft7Validator:
    """A reader of draft 7 that looks at one message's payload."""
    payload = {"$ref": f"#/components/messages/{name}/payload/schema", "components": DOCUMENT["components"]}
    return Draft7Validator(payload, format_checker=FormatChecker())


def _addresses(channel: dict[str, Any]) -> list[str]:
    """The topics that a channel stands for where three cities take part."""
    address = str(channel["address"])
    cities = [address.replace("{city}", city.word) for city in CITIES] if "{city}" in address else [address]
    return [one.replace("{source}", source_name(source)) for one in cities for source in (SOURCES if "{source}" in one else [""])]


def test_channels_are_the_topics() -> None:
    """Every topic has its place, with its partitions and whether it is compacted, and no other name has one."""
    found = {
        address: (channel["bindings"]["kafka"]["partitions"], channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"])
        for channel in CHANNELS.values()
        for address in _addresses(channel)
    }
    assert found == {spec.name: (spec.partitions, ["compact" if spec.compacted else "delete"]) for spec in ALL_TOPICS}


def test_messages_stand_where_they_are_published() -> None:
    """Each type is on the topic of those who may publish it, once."""
    assert set(CHANNELS["register"]["messages"]) == set(CITY_TYPES)
    assert set(CHANNELS["joint"]["messages"]) == set(JOINT_TYPES)
    sent = [*CHANNELS["receipts"]["messages"], *CHANNELS["recognizedProducts"]["messages"]]
    assert sorted(sent) == sorted(OUTGOING_TYPES)
    assert set(DOCUMENT["components"]["messages"]) == {*ALL_TYPES, *OUTGOING_TYPES, "deadLetter", "checkpoint"}


def test_every_channel_is_read_or_written_by_the_shared_store() -> None:
    """Each channel has one operation, and no server says where it is."""
    used = [operation["channel"]["$ref"] for operation in DOCUMENT["operations"].values()]
    assert sorted(used) == sorted(f"#/channels/{name}" for name in CHANNELS)
    assert {server["host"] for server in DOCUMENT["servers"].values()} == {"{bootstrap}"}


@pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=lambda kind: kind.name)
def test_payload_is_the_published_schema(kind: EventType) -> None:
    """A sealed event fits the payload of its message, in the words of draft 7 too, and without its data it doesn't."""
    validator = _validator(kind.name)
    event = sealed_event(kind)
    validator.validate(event)
    assert not validator.is_valid({**event, "data": None})
    assert not validator.is_valid({**event, "sequence": "1"})


def test_pairs_are_still_pairs() -> None:
    """A list with a fixed form, which draft 7 writes otherwise, keeps it."""
    event = sealed_event(events.SOURCE_CONTINUED)
    event["data"]["lost"] = [[3, "5"]]
    assert not _validator(events.SOURCE_CONTINUED.name).is_valid(event)


def test_one_name_means_one_thing() -> None:
    """Two definitions under one name are a fault of the program, not a document."""
    two = {"a.v1": {"$defs": {"City": {"enum": ["a"]}}}, "b.v1": {"$defs": {"City": {"enum": ["b"]}}}}
    with pytest.raises(ValueError, match="City"):
        asyncapi.document(two)
