"""The catalogues that a city gets from us: the empty one, and its register as one."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from deploy.importing import limits
from deploy.wiring import Wiring
from producers import register
from producers.forms.export import export
from producers.forms.workbook import workbook
from schemas.city import City
from schemas.codec import shanghai_day
from schemas.tables.source import imported_file
from schemas.tables.transactions import transaction


def write_template(wiring: Wiring, city: City, out: Path) -> dict[str, Any]:
    """Write an empty catalogue; `{city, out}`. Raises OSError."""
    out.write_bytes(workbook(wiring.city_file(city.source), shanghai_day(wiring.clock.now()), None))
    return {"city": city.word, "out": str(out)}


def write_export(wiring: Wiring, city: City, out: Path) -> dict[str, Any]:
    """Write the register; `{city, out, entries, left_out, inexact}`. Raises OSError, `StoreUnavailable`, `SchemaOutdated`."""
    today = shanghai_day(wiring.clock.now())
    with transaction(wiring.source_engine(city.source)) as connection:
        entries = {number: entry for number, (entry, _) in register.read(connection).items()}
        filed_on = max(today, _last_filed(connection) or today)
    made = export(entries, wiring.city_file(city.source), today, filed_on, limits(wiring.settings))
    out.write_bytes(made.data)
    told = {"entries": made.entries, "left_out": list(made.left_out), "inexact": list(made.inexact)}
    return {"city": city.word, "out": str(out), **told}


def _last_filed(connection: Connection) -> date | None:
    """The day of the newest catalogue that was imported: an older one would be refused."""
    found = connection.execute(select(func.max(imported_file.c.filed_on))).scalar_one()
    return date.fromisoformat(found) if found is not None else None
