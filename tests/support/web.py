"""What a process serves, asked as Prometheus asks, and waited for."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable

PATIENCE_SECONDS = 120


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true. Raises AssertionError after `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def get(address: str, path: str) -> tuple[int, str]:
    """Status and body; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except urllib.error.URLError:
        return 0, ""
