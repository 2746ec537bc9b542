"""Free ports for the servers of the tests."""

import random
import socket

FIRST, LAST = 20_000, 29_999
"""Below the range from which systems take the ports of outgoing connections (Linux 32768, others 49152 and up): a
client that retries while its server is down could otherwise be given the server's own port, and the server could
never bind it again."""

ATTEMPTS = 200


def free_port() -> int:
    """A TCP port on 127.0.0.1 nobody listens on. Raises OSError when none of 200 random ones is free."""
    picker = random.SystemRandom()
    for _ in range(ATTEMPTS):
        port = picker.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {FIRST} and {LAST} after {ATTEMPTS} attempts")
