"""The console in this process, on any store: what the real one is given by its process is made here from the store alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from consumers.audit.archive import Archived
from consumers.console.app import create_app
from consumers.console.finding import PREFIX
from consumers.console.openapi import document
from consumers.console.parts import Parts
from consumers.replay.replay import fold_through
from consumers.store import log, queries
from consumers.store.load import Loader
from consumers.store.store import Store
from schemas import reasons
from schemas.checkpoint import Checkpoint, signed
from schemas.codec import utc_micros
from tests.support.cities import CITIES, SOURCES
from tests.support.histories import NOW
from tests.support.openapi import Document
from tests.support.sources import signer_of
from tests.support.stores import empty_again, made_store

VERSION = "0.0.test"


@dataclass
class Around:
    """What the process around a console is told, and what it says: its newest checkpoint, whether it stops."""

    observed: list[tuple[str, int]] = field(default_factory=list)
    signed: Archived | None = None
    stopping: bool = False

    def parts(self, store: Store) -> Parts:
        """Parts of a console on this store."""
        return Parts(
            store=store,
            cities=tuple(CITIES),
            status=lambda: _status(store),
            then=lambda index: _then(store, index),
            checkpoint=lambda: self.signed,
            observe=lambda route, status, _: self.observed.append((route, status)),
            stopping=lambda: self.stopping,
            version=VERSION,
        )


def _status(store: Store) -> dict[str, Any]:
    with store.snapshot() as loader:
        return queries.status(loader, SOURCES, {}, NOW, None)


@contextmanager
def _then(store: Store, index: int) -> Iterator[Loader]:
    fresh = _empty()
    assert list(fold_through(store, fresh, [index])) == [index]
    with fresh.snapshot() as loader:
        yield loader


@cache
def _scratch() -> tuple[TemporaryDirectory[str], Store]:
    """A file, because a store in memory belongs to one thread."""
    folder = TemporaryDirectory()
    return folder, made_store(f"sqlite:///{folder.name}/store.db")


def _empty() -> Store:
    _, fresh = _scratch()
    empty_again(fresh)
    return fresh


class Asked:
    """A console that is asked over HTTP, and held to its own document."""

    def __init__(self, client: TestClient, parts: Parts, around: Around) -> None:
        self.client, self.parts, self.around, self.store = client, parts, around, parts.store

    @cached_property
    def document(self) -> Document:
        """What it promises."""
        return Document(document(VERSION))

    def __call__(self, path: str, **headers: str) -> Any:
        """The answer's JSON or text; it must be 200 and what the document promises."""
        answer = self.client.get(PREFIX + path, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        media_type = answer.headers["content-type"].partition(";")[0]
        body = (
            answer.json()
            if media_type == "application/json"
            else answer.content.decode("latin-1" if "octet" in media_type else "utf-8")
        )
        self.document.check(answer.url.path, 200, media_type, body)
        return body

    def refused(self, path: str, status: int, **headers: str) -> Any:
        """The problem's JSON; it must have this status, a reason of the catalogue, and nothing of our inside."""
        answer = self.client.get(PREFIX + path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
        body = answer.json()
        self.document.check(f"{PREFIX}/status", status, "application/problem+json", body)
        assert body["status"] == status
        assert body["reason"] in reasons.ALL
        assert body["detail"]
        assert body["next_step"]
        assert "Traceback" not in answer.text
        assert 'File "' not in answer.text
        return body

    def sign(self) -> str:
        """Let the log as it is have been signed; the note."""
        with self.store.snapshot() as loader:
            size = log.size(loader.connection)
            made = signed(Checkpoint("czt.example/log", size, queries.root(loader, size)), signer_of("log"))
        self.around.signed = Archived(size, made, utc_micros(NOW), None)
        return made

    @property
    def size(self) -> int:
        """Entries in the log."""
        return int(self("/batches")["log_size"])


@contextmanager
def asking(store: Store) -> Iterator[Asked]:
    """A console on this store. Its defects are answers, as its readers see them."""
    around = Around()
    parts = around.parts(store)
    with TestClient(create_app(parts), raise_server_exceptions=False) as client:
        yield Asked(client, parts, around)
