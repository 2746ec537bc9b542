"""The feed of the HTTP API while cities write: nothing missed, nothing twice, and nobody kept waiting for nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from consumers.console import feed
from consumers.console.finding import PREFIX
from consumers.store.store import Store
from schemas import events
from tests.support.cities import CHANGSHA
from tests.support.consoles import Asked, asking
from tests.support.histories import History
from tests.support.sources import entry, uscc

LONG = 50
"""Seconds to wait that no test waits for."""


@pytest.fixture
def history(store: Store) -> History:
    """A hub that has trusted Changsha's key and begun its first day."""
    made = History(store)
    made.joint.decide(events.KEY_TRUSTED, made.changsha.address, made.changsha.key_data())
    made.joint.decide(events.DAY_BEGAN, "2021-07-21", {"day": "2021-07-21"})
    made.decide_all()
    return made


@pytest.fixture
def asked(store: Store, history: History) -> Iterator[Asked]:
    """The console on its store."""
    with asking(store) as found:
        yield found


def _list(history: History, *numbers: int, **fields: Any) -> None:
    for number in numbers:
        found = entry(CHANGSHA, f"CSLX-{number:05}", **{"uscc": uscc(number), **fields})
        history.changsha.say_entry(events.LISTED, 1, found)
    history.decide_all()


def test_followed_while_it_grows(history: History, asked: Asked) -> None:
    """Page by page, with changes in between, each product comes with its last change, by rising index, and none is missed."""
    _list(history, 1, 2, 3, 4)
    seen, indexes, since = dict[str, Any](), list[int](), 0
    for round_ in range(4):
        page = asked(f"/changes?since={since}&limit=2")
        assert page["next"] > since
        indexes += [one["audit_index"] for one in page["changes"]]
        seen |= {one["product"]["product_key"]: one["product"] for one in page["changes"]}
        since = page["next"]
        if round_ < 2:  # one that was seen changes again, one is new
            changed = entry(CHANGSHA, "CSLX-00001", uscc=uscc(1), category=f"第{round_}类")
            history.changsha.say_entry(events.CHANGED, 2 + round_, changed)
            _list(history, 5 + round_)
    assert since == asked.size
    assert indexes == sorted(set(indexes))
    assert seen == {one["product_key"]: one for one in asked("/products")["products"]}
    assert asked(f"/changes?since={since}")["changes"] == []


def test_changes_of_one_entry_stay_on_one_page(history: History, asked: Asked) -> None:
    """A day that ends the validity of several products is one entry: all of them come at once, whatever the limit."""
    _list(history, 1, 2, 3, valid_to="2021-07-21")
    since = asked.size
    history.joint.decide(events.DAY_BEGAN, "2021-07-22", {"day": "2021-07-22"})
    history.decide_all()
    page = asked(f"/changes?since={since}&limit=2")
    assert ([one["audit_index"] for one in page["changes"]], page["next"]) == ([since] * 3, since + 1)


def test_who_waits_is_told_at_once(history: History, asked: Asked) -> None:
    """A reader who waits has the change within moments of its commit; entries that change no product don't wake him."""
    since = asked.size
    with ThreadPoolExecutor(1) as thread:
        began = time.monotonic()
        waiting = thread.submit(asked, f"/changes?since={since}&wait={LONG}")
        history.changsha.say(events.STATEMENT, "changsha", {"entries": 0, "digest": "0" * 64})
        history.decide_all()
        _list(history, 7)
        found = waiting.result(LONG)
    assert time.monotonic() - began < LONG / 2
    assert [one["product"]["uscc"] for one in found["changes"]] == [uscc(7)]
    assert found["next"] == asked.size == since + 2


def test_waiting_ends(asked: Asked) -> None:
    """When nothing comes within the time, or the process stops, the answer is an empty page to go on from."""
    size = asked.size
    found = asked(f"/changes?since={size}&wait=1")
    assert (found["changes"], found["next"]) == ([], size)
    asked.around.stopping = True
    began = time.monotonic()
    assert asked(f"/changes?since={size}&wait={LONG}") == found
    assert time.monotonic() - began < LONG / 2


def test_too_many_wait(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a reader is told to come back, not kept; one who does not wait is answered."""
    monkeypatch.setattr(feed, "MOST_WAITING", 0)
    assert asked.refused(f"/changes?since={asked.size}&wait={LONG}", 503)["reason"] == "overloaded"
    assert asked(f"/changes?since={asked.size}")["changes"] == []


def test_tiles_end_with_what_is_signed(history: History, asked: Asked) -> None:
    """What no checkpoint covers yet may still come to be otherwise: it is not served as if it could not."""
    asked.refused("/tile/0/000.p/1", 404)
    asked.refused("/checkpoint", 404)
    asked.sign()
    size = asked.size
    _list(history, 1)
    assert asked.client.get(f"{PREFIX}/tile/0/000.p/{size}").status_code == 200
    asked.refused(f"/tile/0/000.p/{size + 1}", 404)
    asked.sign()
    assert asked.client.get(f"{PREFIX}/tile/0/000.p/{size + 1}").status_code == 200


def test_tags_follow_the_log(history: History, asked: Asked) -> None:
    """What a reader has is not sent again until the log grows, by one entry of anybody's; a weak tag is as good."""
    paths = ("/products", "/batches", "/changes", "/lookup?product=x")
    tags = {path: asked.client.get(PREFIX + path).headers["etag"] for path in paths}
    assert len(set(tags.values())) == 1
    for path, tag in tags.items():
        for header in (tag, f'"other", W/{tag}', "*"):
            again = asked.client.get(PREFIX + path, headers={"if-none-match": header})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert asked.client.get(PREFIX + path, headers={"if-none-match": tag.replace('"', "")}).status_code == 200
    history.changsha.say(events.STATEMENT, "changsha", {"entries": 0, "digest": "0" * 64})
    history.decide_all()
    for path, tag in tags.items():
        assert asked(path, **{"if-none-match": tag})["log_size"] == asked.size
    assert "etag" not in asked.client.get(f"{PREFIX}/status").headers


def test_cursors_are_stable_under_writes(history: History, asked: Asked) -> None:
    """What is written between two pages moves nothing of what is still to come."""
    _list(history, 1, 2, 3, 4)
    before = asked("/products")["products"]
    first = asked("/products?limit=2")
    _list(history, 5, 6, 7, 8)
    following = asked(f"/products?limit=1000&cursor={first['next']}")["products"]
    assert [one for one in following if one in before] == before[2:]
    assert following == asked("/products")["products"][-len(following) :]


def test_district_is_that_of_the_city_s_own_listing(history: History, asked: Asked) -> None:
    """A district finds the entries that name it, not those that only speak of it."""
    _list(history, 1, district_code="430102")
    _list(history, 2, district_code="430103", remark='{"district_code":"430102"}')
    found = asked("/products?district=430102")["products"]
    assert [one["uscc"] for one in found] == [uscc(1)]
    assert found == asked("/products?district=430102&city=changsha")["products"]
    assert asked("/products?district=430102&city=zhuzhou")["products"] == []
