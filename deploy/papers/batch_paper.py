"""A batch as it is signed: its products as the log froze them, held against the hashes it names, and what changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from consumers.store import log, queries
from deploy.as_of import stores_at
from deploy.cities.read import Cities
from deploy.papers.code import Code, batch_code
from deploy.papers.page import chinese_number, page
from deploy.wiring import Wiring
from deploy.words import EVENTS, WORDS
from schemas import note
from schemas.checkpoint import Checkpoint
from schemas.city import City

if TYPE_CHECKING:
    from consumers.core.model import Product
    from schemas.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Item:
    """One product of a batch: `drawn` as the log froze it, `now` as `joint batch show` has it.

    `city` is the one under which it is printed: the first that lists it, by code.
    """

    city: City
    drawn: "Product"
    now: Mapping[str, Any]

    @property
    def as_drawn(self) -> bool:
        """Whether the hash that the batch names is that of what the log says."""
        return bool(self.drawn.hash == self.now["state_hash"])

    @property
    def remarks(self) -> list[str]:
        """What a reader has to know beside the frozen content: changes since, and the status if it is not recognised."""
        since = self.now["changed"]
        kinds = "、".join(dict.fromkeys(EVENTS.get(one["type"], (one["type"],))[0] for one in since))
        found = [f"{kinds}（日志第 {'、'.join(str(one['audit_index']) for one in since)} 条）"] if since else []
        if self.now["status"] != "recognized":
            found.append(f"现状态：{WORDS[self.now['status']][0]}")
        if self.now["disputed"]:
            found.append(WORDS["disputed"][0])
        if self.now["moved_to"]:
            found.append(f"现产品标识 {self.now['moved_to']}")
        return found if self.as_drawn else [*found, "与批次所记散列不符"]


@dataclass(frozen=True, slots=True)
class BatchPaper:
    """All that is printed of a batch. `proof`: the checkpoint (or log) under which it stands; `signed`: whether that is signed."""

    number: int
    document: str
    host: City
    day: str
    by: str
    agreed_by: str
    log_size: int
    audit_index: int
    rule_set: int
    signers: tuple[City, ...]
    items: tuple[Item, ...]
    proof: Checkpoint
    signed: bool
    cities: Cities
    code: Code

    @property
    def enterprises(self) -> int:
        """How many enterprises it has, by code."""
        return len({item.drawn.uscc for item in self.items})

    @property
    def changed(self) -> list[Item]:
        """Products that are no longer as they were published."""
        return [item for item in self.items if item.now["changed"]]

    @property
    def unlike(self) -> list[Item]:
        """Products that are not as the batch's hashes say."""
        return [item for item in self.items if not item.as_drawn]

    def as_json(self) -> dict[str, Any]:
        """What `joint batch print --json` says of the paper."""
        return {
            "number": self.number,
            "document": self.document,
            "host": self.host.word,
            "day": self.day,
            "log_size": self.log_size,
            "audit_index": self.audit_index,
            "enterprises": self.enterprises,
            "products": len(self.items),
            "changed": [item.drawn.product_key for item in self.changed],
            "unlike": [item.drawn.product_key for item in self.unlike],
            "code": self.code.text,
            "code_leads_to_proof": self.code.leads,
            "proof": {"origin": self.proof.origin, "size": self.proof.size, "root": self.proof.root.hex(), "signed": self.signed},
        }


def batch_paper(wiring: Wiring, number: int) -> BatchPaper | None:
    """The batch `number`, its content folded from the log; None when there is none. Raises `LogRolledBack`, `StoreUnavailable`."""
    with wiring.store.snapshot() as loader:
        found = queries.batch(loader, number)
        if found is None:
            return None
        size = log.size(loader.connection)
        proof = Checkpoint(wiring.settings.log_origin, size, queries.root(loader, size))
    last = wiring.archive.latest()
    signed = last is not None and last.size > found["audit_index"]
    if last is not None and signed:
        proof = Checkpoint.parse(note.parse(last.note).text)
    drawn, rules = _drawn(wiring, found)
    head = {name: found[name] for name in ("number", "document", "day", "by", "agreed_by", "log_size", "audit_index")}
    settings, cities = wiring.settings, wiring.settings.cities
    root = proof.text().splitlines()[2]
    return BatchPaper(
        **head,
        host=cities.of(found["host"]),
        rule_set=rules.version if rules is not None else 0,
        signers=tuple(sorted(map(cities.of, set(rules.hosts)), key=lambda city: city.code)) if rules is not None else (),
        items=_in_order([_item(drawn[now["product_key"]], now, cities) for now in found["products"]]),
        proof=proof,
        signed=signed,
        cities=cities,
        code=batch_code(settings.public_url, number, proof.origin, proof.size, root),
    )


def _item(drawn: "Product", now: Mapping[str, Any], cities: Cities) -> Item:
    return Item(cities.of(drawn.listings[0]["city"]), drawn, now)


def _drawn(wiring: Wiring, batch: Mapping[str, Any]) -> tuple[dict[str, "Product"], "RuleSet | None"]:
    """The products of a batch at the log size it was drawn at, by key, and the rule set under which it was published.

    One that was not listed then (only a batch drawn by other hands can name such a one) is shown as it was published.
    """
    keys, published = [one["product_key"] for one in batch["products"]], batch["audit_index"]
    drawn: dict[str, Product] = {}
    rules = None
    for _, loader in stores_at(wiring, {max(batch["log_size"] - 1, 0), published}):
        for key in keys:
            product = queries.product(loader, key)
            if key not in drawn and product is not None and product.listings:
                drawn[key] = product
        rules = loader.context(exclusive=False, lock=False).rules
    return drawn, rules


def _in_order(items: Sequence[Item]) -> tuple[Item, ...]:
    """By city, enterprise and product name."""
    return tuple(
        sorted(items, key=lambda item: (item.city.code, item.drawn.enterprise_name, item.drawn.uscc, item.drawn.product_name))
    )


def batch_page(paper: BatchPaper) -> str:
    """The page to print: Chinese, A4, one section a city, enterprises with their products."""
    cities = [
        (city, [list(firm) for _, firm in groupby(items, key=lambda item: item.drawn.uscc)])
        for city, items in ((city, list(found)) for city, found in groupby(paper.items, key=lambda item: item.city))
    ]
    return page(
        "batch.html",
        paper=paper,
        cities=cities,
        ordinal=chinese_number(paper.number),
        among="、".join(city.zh for city in paper.signers),
        preference=WORDS["preference"][0],
    )
