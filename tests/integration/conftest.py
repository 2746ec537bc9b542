"""What several integration tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.histories import History, full_history
from tests.support.stores import made_store


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """Everything that can happen, decided."""
    store = made_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield full_history(store)
    store.writer.dispose()
    store.reader.dispose()
