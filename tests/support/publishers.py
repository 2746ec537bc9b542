"""A publisher that keeps what it was given."""

from collections.abc import Sequence

from schemas.errors import BrokerUnavailable
from schemas.ports import Message


class KeptMessages:
    """A `Publisher` in memory. While `down` is set it fails, as a broker that is away."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.down = False

    def publish(self, messages: Sequence[Message]) -> list[int]:
        """See Publisher."""
        if self.down:
            raise BrokerUnavailable("the broker is away")
        first = len(self.messages)
        self.messages.extend(messages)
        return list(range(first, len(self.messages)))

    def close(self) -> None:
        """See Publisher."""
