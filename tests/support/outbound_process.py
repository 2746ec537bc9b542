"""An outbound relay in a process of its own, to be killed: `python -m tests.support.outbound_process URL BOOTSTRAP`.

It sends a few entries at a time and looks after what was written late, until somebody ends it.
"""

import os
import sys
import time

from consumers import outbound
from consumers.late_products import LateProducts
from deploy.databases import writer_engine
from tests.support.brokers import ApacheBroker
from tests.support.stores import opened_store

WINDOW = 40
LEASE_SECONDS = 0.5
POLL_SECONDS = 0.05


def main(url: str, bootstrap: str) -> None:
    """Send for ever."""
    outbound.WINDOW = WINDOW
    broker, owner = ApacheBroker(bootstrap), f"outbound {os.getpid()}"
    store, publisher = opened_store(writer_engine(url)), broker.publisher()
    sending = outbound.Outbound(store, publisher, outbound.OutboundPolicy(owner, LEASE_SECONDS))
    late = LateProducts(store, publisher, broker.subscriber(), owner)
    while True:
        if not sending.step():
            late.look()
            time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
