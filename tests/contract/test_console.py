"""What the HTTP API must answer, on SQLite and on PostgreSQL: a real history, asked as other people's programs ask."""

from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import validate

from consumers.console.finding import PREFIX
from consumers.console.openapi import document, plain
from consumers.console.operations import OPERATIONS
from consumers.store import queries
from schemas.tree import root_of, root_of_hashes
from tests.support.cities import CHANGSHA, SOURCES
from tests.support.consoles import VERSION, Asked
from tests.support.histories import NOW
from tests.support.sources import uscc

RECOGNITION = {"day", "log_size", "preference", "links"}
LINKS = {"links": {"checkpoint": f"{PREFIX}/checkpoint"}}
PUMP = quote("高效节能水泵")


def test_the_log_can_be_read_as_tiles(asked: Asked) -> None:
    """From hashes and entries as they are served, anybody finds the root that the store has; neither ever changes."""
    asked.sign()
    size = asked.size
    answers = [asked.client.get(f"{PREFIX}/tile/{kind}/000.p/{size}") for kind in ("0", "entries")]
    assert [one.headers["content-type"] for one in answers] == ["application/octet-stream"] * 2
    assert all("immutable" in one.headers["cache-control"] for one in answers)
    hashes, bundle = (one.content for one in answers)
    rows = [hashes[start : start + 32] for start in range(0, len(hashes), 32)]
    entries, rest = list[bytes](), bundle
    while rest:
        length = int.from_bytes(rest[:2], "big")
        entries, rest = [*entries, rest[2 : 2 + length]], rest[2 + length :]
    with asked.store.snapshot() as loader:
        root = queries.root(loader, size)
    assert root_of_hashes(rows) == root_of(entries) == root
    assert asked.client.get(f"{PREFIX}/tile/0/000.p/5").content == hashes[: 5 * 32]
    for path in (f"0/000.p/{size + 1}", "0/000", "1/000.p/1", "0/001.p/1", "entries/000", "0/000.p/0", "0/0"):
        asked.refused(f"/tile/{path}", 404)


@pytest.fixture
def moved(asked: Asked) -> tuple[str, str]:
    """A key and the one under which its product goes on, after the firm's code was corrected twice."""
    redirects = {one["product_key"]: one["moved_to"] for one in asked("/products?limit=1000")["products"] if one["moved_to"]}
    old = next(key for key, next_one in redirects.items() if next_one in redirects)
    return old, redirects[redirects[old]]


def test_the_document_is_an_openapi_document(asked: Asked) -> None:
    """An independent validator takes it, it is the one that is served, and it names every address."""
    served = asked.client.get("/openapi.json").json()
    validate(served)
    assert served == asked.client.get(f"{PREFIX}/openapi.json").json() == document(VERSION)
    assert set(served["paths"]) == {plain(one.path) for one in OPERATIONS}


def test_every_address_answers_in_its_shape(asked: Asked, moved: tuple[str, str]) -> None:
    """No field more or less than the document says; what speaks of recognition says as of when, and what recognition is."""
    note = asked.sign()
    entry = "/entries/changsha/CSLX-00002"
    paths = [
        *("/products", "/products?day=2024-01-01&status=lapsed", f"/products/{moved[0]}", f"/products/{moved[1]}/history"),
        *(entry, "/batches", "/batches/1", "/changes", "/status", "/checkpoint", "/tile/0/000.p/9"),
        f"/lookup?product={PUMP}&uscc={uscc(1)}",
        *(f"/products/{moved[1]}?at={asked.size - 1}", f"/products/{moved[1]}?at=2100-01-01&valid_on=2024-01-01"),
    ]
    found = {path: asked(path) for path in paths}
    templates = {asked.document.template_of((PREFIX + path).partition("?")[0]) for path in paths}
    assert templates == set(asked.document.paths)
    for path in set(paths) - {"/status", "/checkpoint", "/tile/0/000.p/9", "/batches/1"}:
        assert found[path].keys() >= RECOGNITION, path
        assert found[path]["preference"] == "同等条件下优先"
    assert found["/batches/1"]["as_of"]["log_size"] == asked.size
    assert found["/checkpoint"] == note


def test_answers_are_those_of_the_queries(asked: Asked, moved: tuple[str, str]) -> None:
    """The API adds the link to the checkpoint and nothing else; its cursors hide where a page ended."""
    with asked.store.snapshot() as loader:
        assert asked(f"/products/{moved[0]}") == {**(queries.golden(loader, moved[0]) or {}), "at": None, **LINKS}
        assert asked("/changes?since=3&limit=2") == queries.changes(loader, 3, 2) | LINKS
        assert asked("/products?status=recognized&limit=7") == queries.products(loader, status="recognized", limit=7) | LINKS
        assert asked("/batches/1") == {**(queries.batch(loader, 1) or {}), **LINKS}
        assert asked("/status") == queries.status(loader, SOURCES, {}, NOW, None)
        said = queries.recognition(loader, asked.parts.named, uscc=uscc(1), product_name="高效节能水泵", models="SL-300")
        assert asked(f"/lookup?product={PUMP}&uscc={uscc(1)}&model=SL-300") == said | LINKS
        entry = queries.entry(loader, CHANGSHA, "CSLX-00002")
        assert asked("/entries/changsha/CSLX-00002") == {**(entry or {}), **LINKS}


def test_an_old_key_leads_to_the_product_for_ever(asked: Asked, moved: tuple[str, str]) -> None:
    """Asked by the key from before a correction, the answer names the key it has now; its history begins under the old one."""
    old, new = moved
    found = asked(f"/products/{old}")
    assert (found["asked_for"], found["product_key"]) == (old, new)
    assert found == asked(f"/products/{new}") | {"asked_for": old}
    history = asked(f"/products/{old}/history")
    assert history["product_key"] == new
    indexes = [one["audit_index"] for one in history["history"]]
    assert indexes == sorted(set(indexes))
    touched = [one["product_keys"] for one in history["history"]]
    assert touched[0] == [old]
    between = next(keys for keys in touched if old in keys and len(keys) == 2)
    assert new in touched[-1]
    assert set(between) - {old} == set(touched[-1]) - {new}


def test_a_moment_of_the_past(asked: Asked) -> None:
    """At each index the product is what the log made of it up to there; before its first entry there is none."""
    key = asked(f"/lookup?product={PUMP}&uscc={uscc(1)}")["product"]["product_key"]
    indexes = [one["audit_index"] for one in asked(f"/products/{key}/history")["history"]]
    first = asked(f"/products/{key}?at={indexes[0]}")
    assert (first["at"]["index"], first["log_size"], first["day"]) == (indexes[0], indexes[0] + 1, "2021-07-22")
    assert asked(f"/products/{key}?at={quote(first['at']['recorded_at'])}") == first
    asked.refused(f"/products/{key}?at={indexes[0] - 1}", 404)
    now = asked(f"/products/{key}?at={asked.size - 1}")
    assert now | {"at": None} == asked(f"/products/{key}")
    asked.refused(f"/products/{key}?at={asked.size}", 404)
    assert asked(f"/products/{key}?valid_on=2099-01-01")["day"] == "2099-01-01"


def _pages(asked: Asked, path: str, name: str, limit: int) -> list[Any]:
    found, following = list[Any](), ""
    while following is not None:
        page = asked(f"{path}?limit={limit}&cursor={following}")
        assert len(page[name]) <= limit
        found += page[name]
        following = page["next"]
    return found


def test_pages_lead_through_all_of_it(asked: Asked, moved: tuple[str, str]) -> None:
    """Followed from page to page, a listing gives each of its objects once, in the order of the whole."""
    assert _pages(asked, "/products", "products", 3) == asked("/products")["products"]
    whole = asked(f"/products/{moved[0]}/history")["history"]
    assert _pages(asked, f"/products/{moved[0]}/history", "history", 1) == whole
    assert len(whole) >= 3


def test_filters(asked: Asked) -> None:
    """Each filter leaves what it names and nothing else; together all must hold."""
    whole = asked("/products")["products"]
    assert {one["status"] for one in whole} >= {"recognized", "candidate", "suspended", "inactive"}
    for status in ("recognized", "candidate", "lapsed"):
        assert asked(f"/products?status={status}")["products"] == [one for one in whole if one["status"] == status]
    listed = [one for one in whole if any(listing["city"] == "zhuzhou" for listing in one["listings"])]
    assert asked("/products?city=zhuzhou")["products"] == listed
    assert asked(f"/products?q={uscc(3)}&status=suspended")["products"] == [
        one for one in whole if (one["uscc"], one["status"]) == (uscc(3), "suspended")
    ]
    assert asked("/products?q=SL-300")["products"] == [one for one in whole if one["models"] == ["SL-300"]]
    assert asked("/products?q=%25")["products"] == []
    assert asked("/products?category=%E8%8A%82%E8%83%BD%E8%AE%BE%E5%A4%87")["products"] == [
        one for one in whole if one["category"] == "节能设备"
    ]
    assert {one["status"] for one in asked("/products?day=2030-01-01")["products"]} == {"inactive", "lapsed"}
