"""What row images make of the register, on random histories: the register ends as the table, whatever the batches."""

import json
import random
from typing import Any

import pytest

from producers.capture.images import Image, waves
from producers.capture.judging import Known, Rules, Taken, decide
from producers.diff import Change
from tests.support.own_tables import MAPPING, NOW, city_file
from tests.support.products import product

AT = "2021-07-22T01:00:00.000Z"
KEYS, NUMBERS = 8, 12


class Table:
    """A table with a program that writes it, one transaction after the other; numbers are unique when a transaction ends."""

    def __init__(self, chance: random.Random, *, transactions_known: bool) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.images: list[Image] = []
        self._chance = chance
        self._known = transactions_known
        self._transaction = 0

    def transaction(self) -> None:
        """Write a few rows: new, changed, renumbered, under another key, deleted."""
        self._transaction += 1
        for _ in range(self._chance.randint(1, 3)):
            key = str(self._chance.randint(1, KEYS))
            if key not in self.rows:
                self._write(None, key, self._fresh())
            elif self._chance.random() < 0.25:
                self._write(key, None, {})
            else:
                choices = ({"ggxh": f"FJ-{len(self.images)}"}, {"bh": self._number()}, {"zt": "？？"}, {"zt": "有效"})
                free = [str(other) for other in range(1, KEYS + 1) if str(other) not in self.rows]
                after = self._chance.choice(free) if free and self._chance.random() < 0.2 else key
                self._write(key, after, self.rows[key] | self._chance.choice(choices))

    def mend(self) -> None:
        """Every row that no rule would take is put right."""
        self._transaction += 1
        for key, row in list(self.rows.items()):
            if row["zt"] != "有效":
                self._write(key, key, row | {"zt": "有效"})

    def _fresh(self) -> dict[str, Any]:
        number = self._number()
        return product(int(number[-2:]), bh=number, ggxh=f"FJ-{len(self.images)}")

    def _number(self) -> str:
        taken = {row["bh"] for row in self.rows.values()}
        return self._chance.choice([number for n in range(1, NUMBERS + 1) if (number := f"CSLX-{n:05d}") not in taken])

    def _write(self, before: str | None, after: str | None, row: dict[str, Any]) -> None:
        if before is not None:
            del self.rows[before]
        if after is not None:
            # The firm goes with the number, so that no two rows are in conflict.
            firm = product(int(row["bh"][-2:]))
            row = row | {name: firm[name] for name in ("qymc", "xydm", "cpmc")}
            self.rows[after] = row
        transaction = str(self._transaction) if self._known else None
        self.images.append(Image(len(self.images) + 1, AT, before, after, json.dumps(row), transaction))


def _listed(known: Known) -> dict[str, tuple[str, ...]]:
    entries = [entry for entry, _ in known.register.values()]
    return {entry.certificate_no: entry.models for entry in entries if entry.source_status != "withdrawn"}


def _taken(table: Table, chance: random.Random, known: Known, rules: Rules) -> list[Taken]:
    """Take the images in batches of any size, transactions whole."""
    found, left = [], list(table.images)
    while left:
        size = chance.randint(1, len(left))
        while left[size - 1].transaction is not None and size < len(left) and left[size].transaction == left[size - 1].transaction:
            size += 1
        for wave in waves(left[:size]):
            found += decide(known, wave, rules)
        left = left[size:]
    return found


def _versions(changes: list[Change]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for change in changes:
        found.setdefault(change.entry.certificate_no, []).append(change.version)
    return found


@pytest.mark.parametrize("transactions_known", [True, False])
@pytest.mark.parametrize("run", range(12))
def test_register_ends_as_the_table(run: int, transactions_known: bool) -> None:
    """After any history of one program the register lists what the table holds, and every entry's versions rise by one."""
    chance = random.Random(run)
    table = Table(chance, transactions_known=transactions_known)
    for _ in range(30):
        table.transaction()
    table.mend()
    known = Known({}, {}, {}, {})
    rules = Rules(city_file(share=1.0), MAPPING, NOW.date())
    taken = _taken(table, chance, known, rules)
    assert _listed(known) == {row["bh"]: (row["ggxh"],) for row in table.rows.values()}
    assert (known.waits, known.vanished) == ({}, {})
    assert {key: number for key, number in known.stands_for.items() if number} == {k: row["bh"] for k, row in table.rows.items()}
    for versions in _versions([one.change for one in taken]).values():
        assert versions == list(range(1, len(versions) + 1))


@pytest.mark.parametrize("run", range(5))
def test_brake_holds_on_any_history(run: int) -> None:
    """However a table is emptied, no more than its share is withdrawn in a day; the rest waits under its number."""
    chance = random.Random(run)
    known = Known({}, {}, {}, {})
    rules = Rules(city_file(share=0.3), MAPPING, NOW.date())
    new = [Image(number, AT, None, str(number), json.dumps(product(number))) for number in range(1, 21)]
    assert len([one for wave in waves(new) for one in decide(known, wave, rules)]) == 20
    keys = [str(number) for number in range(1, 21)]
    chance.shuffle(keys)
    withdrawn = 0
    while keys:
        gone, keys = keys[: (size := chance.randint(1, 6))], keys[size:]
        images = [Image(100 + place, AT, key, None, None, "t") for place, key in enumerate(gone)]
        withdrawn += len([one for wave in waves(images) for one in decide(known, wave, rules)])
    assert withdrawn <= 6
    assert len(known.vanished) == 20 - withdrawn
    assert len(_listed(known)) == 20 - withdrawn
