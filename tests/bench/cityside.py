"""A city's side: the relay (seal and publish), and the import of a catalogue."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from deploy.importing import import_file
from deploy.settings import Settings
from deploy.wiring import Wiring
from producers.importing import ImportOptions
from tests.bench.hubside import expect
from tests.support.cities import CHANGSHA

Work = Callable[[], dict[str, float]]

AS_OF = date(2021, 7, 22)


def relay(arguments: dict[str, Any]) -> Work:
    """Seal and publish everything that waits in the outbox of `source`."""
    wiring = Wiring(Settings(**arguments["settings"]))
    made = wiring.relay(arguments["source"])

    def work() -> dict[str, float]:
        with wiring:
            report = made.run_once()
            made.release()
        assert report is not None
        expect(report.sealed, report.published)
        return {"count": report.published}

    return work


def import_catalogue(arguments: dict[str, Any]) -> Work:
    """Import `file` into Changsha's register, which changes `events` entries."""
    wiring = Wiring(Settings(**arguments["settings"]))
    file = Path(arguments["file"])

    def work() -> dict[str, float]:
        with wiring:
            found = import_file(wiring, file, CHANGSHA, AS_OF, ImportOptions())
        expect(arguments["events"], found.summary["events"])
        return {"count": found.summary["totals"]["accept"]}

    return work
