"""Products written late: an outbound relay that was stopped while it published may put an older state behind a newer one.

The topic is compacted: whoever reads it later would find only the older. So the relay that holds the lease reads the topic
after itself, and a product whose last record is older than what was sent before is published again, as it is. Dies on the
way: read again from the stored position.
"""

import logging

from sqlalchemy import delete, insert, select

from consumers.outgoing import product_messages
from consumers.products_topic import FETCH_SECONDS, PARTITIONS, WINDOW, product_data
from consumers.store.store import Store
from schemas.ports import Publisher, Subscriber
from schemas.tables import store as t
from schemas.topics import RECOGNIZED_PRODUCTS

logger = logging.getLogger("czt.outbound")


class LateProducts:
    """Looks after the products topic for the outbound relay of this `owner`."""

    def __init__(self, store: Store, publisher: Publisher, subscriber: Subscriber, owner: str) -> None:
        self._store = store
        self._publisher = publisher
        self._subscriber = subscriber
        self._owner = owner

    def look(self) -> int:
        """Read what came onto the topic and publish again what is older than it should be; how many products that were.

        Nothing while another relay holds the lease. Raises what the ports raise.
        """
        with self._store.snapshot() as loader:
            relay = loader.connection.execute(select(t.outbound.c.owner, t.outbound.c.next_index)).one()
        if relay.owner != self._owner:
            return 0
        return sum(self._look_at(partition, relay.next_index) for partition in range(PARTITIONS))

    def _look_at(self, partition: int, sent: int) -> int:
        """One partition. What entries before `sent` changed is on it, below the end that is asked for now."""
        start, end = self._position(partition), self._subscriber.end_offset(RECOGNIZED_PRODUCTS, partition)
        at = start if start <= end else 0  # a shorter topic: its broker was rebuilt
        last: dict[str, int] = {}
        while at < end:
            records = self._subscriber.fetch(RECOGNIZED_PRODUCTS, partition, at, WINDOW, FETCH_SECONDS)
            if not records:
                return 0  # the next look begins here again
            last |= {data["product_key"]: data["log_size"] for data in map(product_data, records) if data is not None}
            at = records[-1].offset + 1
        count = self._publish_again(last, sent) if last else 0
        if at != start:
            self._move(partition, at)
        return count

    def _publish_again(self, last: dict[str, int], sent: int) -> int:
        """`last`: product key → log size of its last record. Products that changed after `sent` go out anyway."""
        with self._store.snapshot() as loader:
            wanted = loader.bulk.among(t.product_change.c.product_key, last)
            found = product_messages(loader, wanted, sent)
        late = [message for size, message in found if last[(message.key or b"").decode()] < size]
        if late:
            logger.warning("%d products were written late by another relay; they are published again", len(late))
            self._publisher.publish(late)
        return len(late)

    def _position(self, partition: int) -> int:
        table = t.products_read
        with self._store.snapshot() as loader:
            found = loader.connection.execute(select(table.c.next_offset).where(table.c.partition == partition))
            return found.scalar_one_or_none() or 0

    def _move(self, partition: int, offset: int) -> None:
        table = t.products_read
        with self._store.transaction() as connection:
            connection.execute(delete(table).where(table.c.partition == partition))
            connection.execute(insert(table).values(partition=partition, next_offset=offset))
