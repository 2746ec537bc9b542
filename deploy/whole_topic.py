"""A topic of one partition, read from its start to where it ends now."""

from schemas.errors import Both, BrokerUnavailable
from schemas.ports import Record, Subscriber

WINDOW = 2_000
WAIT_SECONDS = 5.0


def whole_topic(subscriber: Subscriber, topic: str) -> list[Record]:
    """Its records in order. Raises `BrokerUnavailable`, also when they stop coming before the end, `PositionLost`."""
    at, end = 0, subscriber.end_offset(topic, 0)
    found: list[Record] = []
    while at < end:
        records = subscriber.fetch(topic, 0, at, WINDOW, WAIT_SECONDS)
        if not records:
            raise BrokerUnavailable(
                Both(f"主题 {topic} 只读到位置 {at}，应到 {end}。", f"Only {at} of {end} records of {topic} came."),
                Both("请稍后再试；总是这样的，请检查消息系统和网络。", "Try again; if it stays so, check broker and network."),
            )
        found += records
        at = records[-1].offset + 1
    return found
