"""How many messages the Kafka publisher lets be on their way at once."""

from hypothesis import given
from hypothesis import strategies as st

from producers.kafka_publisher import MAX_IN_FLIGHT, MAX_IN_FLIGHT_BYTES, in_flight
from schemas.ports import Message


def sized(size: int) -> Message:
    """A message whose value has that many bytes."""
    return Message("topic", None, bytes(size))


@given(st.lists(st.integers(0, 400_000), max_size=40))
def test_nothing_is_lost_or_reordered(sizes: list[int]) -> None:
    """The batches together are the messages, in order, and none is empty."""
    messages = [sized(size) for size in sizes]
    batches = list(in_flight(messages))
    assert [message for batch in batches for message in batch] == messages
    assert all(batches)


@given(st.lists(st.integers(0, 1_000_000), max_size=40))
def test_a_batch_of_several_stays_below_the_limit(sizes: list[int]) -> None:
    """Only a message that is too large by itself makes a batch too large."""
    for batch in in_flight([sized(size) for size in sizes]):
        assert len(batch) == 1 or sum(len(message.value) for message in batch) <= MAX_IN_FLIGHT_BYTES


def test_a_batch_has_at_most_two_hundred() -> None:
    """Small messages are cut by number."""
    batches = list(in_flight([sized(0)] * (2 * MAX_IN_FLIGHT + 1)))
    assert [len(batch) for batch in batches] == [MAX_IN_FLIGHT, MAX_IN_FLIGHT, 1]


def test_keys_and_headers_count() -> None:
    """A message is as large as all of it."""
    message = Message("topic", bytes(300_000), b"", (("name", bytes(300_000)),))
    assert [len(batch) for batch in in_flight([message, message])] == [1, 1]
