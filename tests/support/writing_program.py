"""A city's program that writes its own table: `python -m tests.support.writing_program URL SEED TRANSACTIONS`.

Each transaction inserts, changes and deletes rows at random, one by one or in bulk, and is rolled back one time in four. Beside
the table it keeps, in the same transactions, a history of its own of what each row was afterwards.
"""

import random
import sys
import time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import DeadlockDetected

from tests.support.products import product

ROWS = 40
"""Few enough for two programs to meet on the same rows all the time."""

ROLLED_BACK = 0.25
MOST_SECONDS_BETWEEN = 0.03
SET_UP = """
CREATE SEQUENCE tick;
CREATE TABLE history (at bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bh text NOT NULL, ggxh text NOT NULL);
"""

_CHANGE = "UPDATE products SET ggxh = 'FJ-' || nextval('tick'), zt = %s WHERE "
_KEEP = "INSERT INTO history (bh, ggxh) SELECT bh, ggxh FROM products WHERE id = ANY(%s) AND zt = '有效' ORDER BY id"


class RolledBack(Exception):
    """The program thought better of it."""


class Program:
    """One program with its connection."""

    def __init__(self, connection: "psycopg.Connection[Any]", chance: random.Random) -> None:
        self._connection = connection
        self._chance = chance

    def transaction(self) -> None:
        """One transaction; a deadlock with the other program is a rollback too."""
        try:
            with self._connection.transaction():
                touched = [number for _ in range(self._chance.randint(1, 4)) for number in self._step()]
                self._connection.execute(_KEEP, [touched])
                if self._chance.random() < ROLLED_BACK:
                    raise RolledBack
        except (RolledBack, DeadlockDetected):
            return

    def _step(self) -> list[int]:
        """One statement or two; the rows it touched."""
        number = self._chance.randint(1, ROWS)
        status = "有效" if self._chance.random() < 0.9 else "？？"
        kind = self._chance.random()
        if kind < 0.15:
            self._connection.execute("DELETE FROM products WHERE id = %s", [number])
            return []
        if kind < 0.25:
            rows = self._connection.execute(_CHANGE + "id %% 10 = %s RETURNING id", [status, number % 10]).fetchall()
            return [row[0] for row in rows]
        self._connection.execute(_CHANGE + "id = %s", [status, number])
        if not self._connection.execute("SELECT 1 FROM products WHERE id = %s", [number]).fetchone():
            self._insert(number)
        return [number]

    def _insert(self, number: int) -> None:
        row = product(number)
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        places = sql.SQL(", ").join(sql.Placeholder() for _ in row)
        insert = sql.SQL("INSERT INTO products ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(names, places)
        self._connection.execute(insert, list(row.values()))
        self._connection.execute(_CHANGE + "id = %s", ["有效", number])


def main(url: str, seed: str, transactions: int) -> None:
    """Write so many transactions."""
    chance = random.Random(seed)
    with psycopg.connect(url, autocommit=True) as connection:
        program = Program(connection, chance)
        for _ in range(transactions):
            program.transaction()
            time.sleep(chance.uniform(0, MOST_SECONDS_BETWEEN))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
