"""Who tells the story: runs the commands, and says what came of them in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from deploy.demo.files import CITIES
from deploy.demo.session import Session

DAY = "2021-07-22"
Say = Callable[[str, str], None]
"""Prints a line: its Chinese and its English."""


class Teller:
    """One run of the demo in an empty directory. `word` gives an outcome or a status in the reader's language."""

    def __init__(self, session: Session, say: Say, word: Callable[[str], str]) -> None:
        self.session = session
        self.say = say
        self.word = word
        self.papers = session.home / "papers"
        self._chapters = 0

    def title(self, zh: str, en: str) -> None:
        """The head of the next chapter."""
        self._chapters += 1
        self.say(f"\n【{self._chapters}】{zh}", f"\n[{self._chapters}] {en}")

    def counted(self, counts: Mapping[str, int]) -> str:
        """`recognised 59, lapsed 3`."""
        return ", ".join(f"{self.word(name)} {count}" for name, count in sorted(counts.items()))

    def relay(self, *cities: str) -> int:
        """Cities (all, if none is named) send what waits; how many events that were."""
        return sum(self.session.run("city", "relay", "--city", city, "--once")["published"] for city in cities or CITIES)

    def hub(self) -> dict[str, Any]:
        """The hub decides what arrived."""
        return self.session.run("hub", "run", "--until-idle")

    def joint(self, *words: str) -> None:
        """The joint office decides, and the hub carries it out."""
        self.session.run("joint", *words)
        self.hub()

    def receipts(self, city: str) -> list[dict[str, Any]]:
        """What a city was told of its events."""
        found: list[dict[str, Any]] = self.session.run("city", "receipts", "--city", city)["receipts"]
        return found

    def products(self, *options: str) -> list[dict[str, Any]]:
        """The shared store's products."""
        found: list[dict[str, Any]] = self.session.run("hub", "products", "--limit", "1000", *options)["products"]
        return found

    def product(self, number: str) -> dict[str, Any]:
        """The product that the listing with this certificate number belongs to."""
        return next(one for one in self.products() if number in {listing["certificate_no"] for listing in one["listings"]})

    def status_of(self, number: str) -> str:
        """How that product stands, in words; disputed beside it."""
        product = self.product(number)
        return self.word(product["status"]) + (f" · {self.word('disputed')}" if product["disputed"] else "")

    def state_digest(self) -> str:
        """The hash over every row of the shared store, from a replay of the log that must be equal to it."""
        return str(self.session.run("audit", "replay")["state_digest"])
