"""What the HTTP API says to questions that can't be answered: which of them, why, and never with our inside."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from consumers.console import guard
from consumers.console.app import create_app
from consumers.console.finding import PREFIX
from consumers.console.operations import OPERATIONS
from consumers.store.load import Loader
from schemas.errors import Both, DatabaseUnusable, StoreUnavailable
from tests.support.cli import CHINESE
from tests.support.consoles import Asked

ZERO = "0" * 20
HOSTILE = [
    *(
        "/products?limit=0",
        "/products?limit=1001",
        "/products?limit=ten",
        "/products?limit=1&limit=2",
        "/products?" + "a&" * 8_000,
        "/products?limit=",
    ),
    *("/products?q=" + "泵" * 301, "/products?q=%00", "/products?q=a%1bb", "/products?category=%0A", "/products?statsu=lapsed"),
    *("/products?day=2021-02-30", "/products?day=yesterday", "/products?day=1", "/products?status=disputed", "/products?day="),
    *("/products?city=atlantis", "/products?city=%00", "/products?city=../x", "/products?district=4301", "/products?district=%25"),
    *("/products?cursor=x", "/products?cursor=" + "A" * 201, "/products?cursor=%E6%B3%B5", f"/products?cursor={ZERO}"),
    *("/changes?since=-1", "/changes?since=1e3", "/changes?since=9007199254740993", "/changes?since=99999", "/changes?wait=61"),
    *(f"/products/{ZERO}?at=soon", f"/products/{ZERO}?at=%00", f"/products/{ZERO}?at=-1", f"/products/{ZERO}?key={ZERO}"),
    *(f"/products/{ZERO}?at=", f"/products/{ZERO}?valid_on=0", f"/products/{ZERO}/history?cursor=1", "/products/%00"),
    *("/lookup", "/lookup?product=", "/lookup?product=%00", "/lookup?product=x&uscc=" + "9" * 301, "/batches/0", "/batches/one"),
    *("/batches/99999999999999999999", "/status?now=1", "/entries/CHANGSHA/x", "/entries/changsha/" + "x" * 301),
]
UNKNOWN = [
    *(f"/products/{ZERO}", f"/products/{ZERO.upper()}G", "/products/../../etc/passwd", f"/products/{ZERO}/history"),
    *(f"/products/{ZERO}?at=0", f"/products/{ZERO}?at=999999999999999999999999", f"/products/{ZERO}?at=1970-01-01"),
    *("/entries/atlantis/X-1", "/entries/changsha/NO-SUCH-1", "/entries/changsha/a%2Fb", "/batches/9999", "/nothing", "/"),
]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path[:40])
def test_a_question_that_is_wrong(asked: Asked, path: str) -> None:
    """It is 400 with what is wrong, whatever it holds."""
    assert asked.refused(path, 400)["reason"] == "usage"


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_there_is_not(asked: Asked, path: str) -> None:
    """It is 404, and no error of anybody's."""
    assert asked.refused(path, 404)["reason"] in {"answer_is_no", "usage"}


def test_all_that_is_wrong_is_named_at_once(asked: Asked) -> None:
    """In the reader's language, with what was found and what is expected."""
    path = "/products?limit=0&day=soon&colour=red"
    english = asked.refused(path, 400, **{"accept-language": "en-GB,en;q=0.9"})
    assert not CHINESE.search(english["detail"] + english["title"] + english["next_step"])
    assert all(word in english["detail"] for word in ("limit", "'0'", "day", "'soon'", "YYYY-MM-DD", "no parameter colour"))
    chinese = asked.refused(path, 400, **{"accept-language": "zh-CN"})
    assert CHINESE.search(chinese["title"])
    assert "没有叫 colour 的参数" in chinese["detail"]


def test_a_cursor_is_good_for_its_own_listing(asked: Asked) -> None:
    """One that was edited, cut, or taken from a listing with other filters is refused; with another limit it goes on."""
    following = asked("/products?limit=2")["next"]
    assert asked(f"/products?limit=1&cursor={following}")["products"] == asked("/products")["products"][2:3]
    edited = following[:-1] + ("A" if following[-1] != "A" else "B")
    for words in (edited, following[:-2], following + "=", following.swapcase()):
        asked.refused(f"/products?cursor={quote(words)}", 400)
    asked.refused(f"/products?status=candidate&cursor={following}", 400)
    asked.refused(f"/products?day=2021-07-23&cursor={following}", 400)
    key = asked("/products")["products"][0]["product_key"]
    asked.refused(f"/products/{key}/history?cursor={following}", 400)


def test_nothing_can_be_written(asked: Asked) -> None:
    """Other methods are 405 with those that work; HEAD is GET without the body."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = asked.client.request(method, f"{PREFIX}/products", content=b"{}")
        assert (answer.status_code, answer.json()["status"]) == (405, 405)
        assert "GET" in answer.headers["allow"]
    head = asked.client.head(f"{PREFIX}/products")
    assert (head.status_code, head.content) == (200, b"")


class _Broken:
    """A store that raises whenever it is read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @contextmanager
    def snapshot(self) -> Iterator[Loader]:
        """See Store."""
        raise self._error
        yield


def _console_on(asked: Asked, error: Exception) -> TestClient:
    broken: Any = _Broken(error)
    return TestClient(create_app(replace(asked.parts, store=broken)), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (StoreUnavailable("postgresql://secret-host is silent"), 503, "store_unreachable"),
        (DatabaseUnusable(Both("secret-host 的密码不对", "secret-host refused the password")), 503, "database_unusable"),
        (RuntimeError("secret-host"), 500, "failed"),
    ],
)
def test_a_broken_store_is_a_problem_without_our_inside(
    asked: Asked, error: Exception, status: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Readers learn that it is not for them to mend, and when to come back; where the database is stands in the log only."""
    with _console_on(asked, error) as client, caplog.at_level(logging.WARNING):
        for path in ("/products", f"/products/{ZERO}?at=0", "/changes?wait=5"):
            answer = client.get(PREFIX + path)
            assert (answer.status_code, answer.json()["reason"]) == (status, reason)
            assert "secret-host" not in answer.text
            assert answer.headers.get("retry-after") == ("5" if status == 503 else None)
    assert status == 500 or "secret-host" in caplog.text


def test_too_many_requests(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the answer is 503 at once."""
    monkeypatch.setattr(guard, "MOST_REQUESTS", 0)
    assert asked.refused("/products", 503)["reason"] == "overloaded"


def test_too_long_a_request(asked: Asked) -> None:
    """An address or headers longer than any of ours are refused before anything is read of them."""
    assert asked.refused("/products", 431, cookie="x" * 17_000)["reason"] == "usage"
    asked.refused("/products?q=" + "x" * 17_000, 431)


def test_answers_are_counted_by_route(asked: Asked) -> None:
    """The metrics know addresses by their template only: nobody can make a new series by asking for nonsense."""
    asked.around.observed.clear()
    asked("/batches/1")
    asked.refused("/batches/7777", 404)
    asked.refused("/batches/zero", 400)
    asked.refused("/no/such/address", 404)
    route = f"{PREFIX}/batches/{{n}}"
    assert asked.around.observed == [(route, 200), (route, 404), (route, 400), ("none", 404)]
    assert route in {one.path for one in OPERATIONS}
