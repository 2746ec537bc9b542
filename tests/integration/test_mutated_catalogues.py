"""Sound catalogues spoiled at random: the import gives rows or a reason, never another error, and a refusal changes nothing.

`CZT_TEST_MUTATIONS` says how many files of each format are spoiled, `CZT_TEST_SEED` repeats a run.
"""

import os
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.importing import ImportDesk
from producers.catalogue.sheet import Limits
from producers.importing import ImportOptions
from schemas import uscc
from schemas.errors import FileRefused
from schemas.reason_texts.files import FILES as WHOLE_FILES
from tests.support.cities import CHANGSHA, FILES
from tests.support.databases import SqliteDatabases, opened_database, source_template
from tests.support.histories import FixedClock
from tests.support.mutations import catalogues, spoiled

COUNT = int(os.environ.get("CZT_TEST_MUTATIONS", "25"))
SECONDS = 20
"""For one file of four rows, on a busy machine."""

CODES = {one.code for one in WHOLE_FILES}
SOUND = catalogues()


@dataclass(frozen=True)
class Watched:
    """Where files of Changsha come in, and another connection to its register, which knows whether anything was written."""

    desk: ImportDesk
    other: sqlite3.Connection

    def version(self) -> int:
        """Another number after each commit of whoever else writes (SQLite, `PRAGMA data_version`)."""
        return int(self.other.execute("PRAGMA data_version").fetchone()[0])


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Made once: what files left in the register belongs to the next one's test."""
    databases = SqliteDatabases(tmp_path_factory.mktemp("mutated"))
    with (
        source_template(databases, "made") as made,
        opened_database(databases, "changsha", made) as engine,
        closing(sqlite3.connect(engine.url.database or "")) as other,
    ):
        yield Watched(ImportDesk(engine, FILES.file_of(CHANGSHA), FixedClock(), Limits()), other)


@pytest.mark.parametrize("kind", SOUND)
def test_mutated_catalogue(watched: Watched, seed: int, kind: str) -> None:
    """Whatever was spoiled: sound entries, or a whole file's reason and the register as it was; soon in any case."""
    sound = SOUND[kind]
    outcomes: Counter[str] = Counter()
    for number in range(COUNT):
        sys.stdout.write(f"file {number}\n")  # stands in the output of a failed test
        outcomes[_import(watched, sound.file, spoiled(random.Random(f"{seed} {kind} {number}"), sound))] += 1
    sys.stdout.write(f"{kind}: {dict(outcomes)}\n")
    assert outcomes["read"] > 0


def _import(watched: Watched, name: str, data: bytes) -> str:
    before, began = watched.version(), time.monotonic()
    try:
        result = watched.desk.import_bytes(data, name, ImportOptions())
    except FileRefused as refused:
        outcome = refused.reason
        assert outcome in CODES
        assert watched.version() == before
    else:
        outcome = "read"
        assert result.seen_before == (watched.version() == before)
        for line in result.rows:
            _check_row(line)
    assert time.monotonic() - began < SECONDS
    return outcome


def _check_row(line: Mapping[str, Any]) -> None:
    entry = line["entry"]
    assert (entry is not None) == (line["outcome"] == "accept")
    if entry is not None:
        assert uscc.is_valid(entry["uscc"])
        assert entry["valid_from"] <= entry["valid_to"]
        assert entry["certificate_no"].startswith("CSLX-")
        assert entry["enterprise_name"]
        assert entry["product_name"]
