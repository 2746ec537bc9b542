"""A city's own table of products, as a program of its own writes it: made, written and captured in tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from producers import register
from producers.capture.installing import install
from producers.capture.take import take_all
from producers.city_file import CaptureMapping, CityFile
from producers.held import waiting
from schemas.tables.source import outbox
from tests.support.cities import CHANGSHA, FILES
from tests.support.products import TABLE, product

NOW = datetime(2021, 7, 22, 1, 0, tzinfo=UTC)
MAPPING = CaptureMapping(
    TABLE,
    "id",
    {
        "certificate_no": "bh",
        "enterprise_name": "qymc",
        "uscc": "xydm",
        "product_name": "cpmc",
        "models": "ggxh",
        "valid_from": "qsrq",
        "valid_to": "jzrq",
        "status": "zt",
        "remark": "bz",
    },
    {"batch": "2020-1"},
)
COLUMNS = (
    "id integer PRIMARY KEY, bh varchar(64), qymc text, xydm varchar(18), cpmc text, ggxh text, "
    "qsrq date, jzrq date, zt text, bz text, lxdh text"
)
"""`lxdh` is a phone number, which no mapping takes."""


def city_file(mapping: CaptureMapping = MAPPING, share: float = 0.2) -> CityFile:
    """Changsha's file, with a mapping, and the share of entries that may vanish in a day."""
    return replace(FILES.file_of(CHANGSHA), capture=mapping, withdrawal_share=share)


def put(connection: Connection, *rows: Mapping[str, Any], table: str = TABLE, verb: str = "INSERT") -> None:
    """Insert rows."""
    for row in rows:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"{verb} INTO {table} ({names}) VALUES ({values})"), dict(row))


def change(connection: Connection, number: int, **values: Any) -> None:
    """Update a row."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(text(f"UPDATE {TABLE} SET {sets} WHERE id = :number"), values | {"number": number})  # noqa: S608  our own names


class Captured:
    """A register with a captured table; `take` is what the relay does."""

    def __init__(self, engine: Engine, rows: int = 0, mapping: CaptureMapping = MAPPING) -> None:
        self.engine = engine
        self.city_file = city_file(mapping)
        self._seen = 0
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE {TABLE} ({COLUMNS})")
            put(connection, *(product(number) for number in range(1, rows + 1)))
        self.install()
        self.take()

    def install(self) -> dict[str, Any]:
        """`czt city capture install`."""
        with self.engine.begin() as connection:
            return install(connection, self.city_file, NOW)

    def take(self) -> list[tuple[str, str, int]]:
        """Take what was captured; (word of the type, certificate number, version) of the events that came of it."""
        with self.engine.begin() as connection:
            register.lock(connection)
            take_all(connection, self.city_file, NOW)
            query = select(outbox.c.id, outbox.c.type, outbox.c.subject, outbox.c.entry_version).order_by(outbox.c.id)
            rows = [row for row in connection.execute(query) if row.id > self._seen]
        self._seen = max([self._seen, *(row.id for row in rows)])
        return [(row.type.split(".")[3], row.subject, row.entry_version) for row in rows]

    def questions(self) -> list[tuple[str, str | None, str]]:
        """(kind, certificate number, reasons) of what waits."""
        with self.engine.begin() as connection:
            return [(one["kind"], one["certificate_no"], one["reasons"]) for one in waiting(connection, "captured", "withdrawal")]

    def listed(self) -> dict[str, str]:
        """Certificate number → product name of the entries that aren't withdrawn."""
        with self.engine.begin() as connection:
            found = register.read(connection)
        return {number: entry.product_name for number, (entry, _) in found.items() if entry.source_status != "withdrawn"}


def with_capture(folder: Path, share: str = "withdrawal_share = 0.2") -> None:
    """Write Changsha's file, with the mapping, into an installation's folder of city files."""
    own = resources.files("deploy.cities").joinpath("changsha.toml").read_text("utf-8")
    columns = "\n".join(f'{field} = "{column}"' for field, column in MAPPING.columns.items())
    fixed = "\n".join(f'{field} = "{text}"' for field, text in MAPPING.fixed.items())
    section = f'[capture]\ntable = "{TABLE}"\nkey = "{MAPPING.key}"\n[capture.columns]\n{columns}\n[capture.fixed]\n{fixed}\n'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "changsha.toml").write_text(own.replace("withdrawal_share = 0.2", share, 1) + "\n" + section, "utf-8")
