"""One catalogue file into the register: everything it changes leaves with it, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select

from producers import register
from producers.catalogue.report import CatalogueReport, ReportRows, RowResult
from producers.diff import Register, diff, missing, shown, withdrawal_limit, withdrawals
from producers.held import entered, hold_rows
from producers.kept_report import KeptRows, packed, summary_of
from schemas.codec import shanghai_time
from schemas.errors import Both, FileRefused
from schemas.tables.source import imported_file
from schemas.tables.transactions import transaction


@dataclass(frozen=True)
class ImportOptions:
    """What the clerk said. `confirm_withdrawals`: the exact number of missing entries that may go; `share`: the city's limit."""

    complete: bool = False
    confirm_withdrawals: int | None = None
    correction: bool = False
    dry_run: bool = False
    share: float = 0.2


@dataclass(frozen=True)
class ImportResult:
    """The contract's `city import` answer, its rows apart; `seen_before`: the file changed nothing because it was known."""

    summary: Mapping[str, Any]
    rows: ReportRows | KeptRows
    seen_before: bool

    @property
    def answer(self) -> dict[str, Any]:
        """The answer whole; of a large file it is large."""
        return {**self.summary, "rows": list(self.rows)}

    @property
    def clean(self) -> bool:
        """Whether no row was rejected or held, and no withdrawal waits."""
        totals = self.summary["totals"]
        return not totals["reject"] and not totals["review"] and self.summary["held"] is None


def seen(engine: Engine, file_sha256: str) -> ImportResult | None:
    """The answer this very file got before, with `events: 0`; None when it is new."""
    with transaction(engine) as connection:
        row = _seen_row(connection, file_sha256)
    return None if row is None else _known(row)


def _seen_row(connection: Connection, file_sha256: str) -> RowMapping | None:
    query = select(imported_file).where(imported_file.c.file_sha256 == file_sha256)
    return connection.execute(query).mappings().one_or_none()


def _known(row: RowMapping) -> ImportResult:
    return ImportResult(summary_of(row["report"]) | {"events": 0}, KeptRows(row["report"]), seen_before=True)


def import_catalogue(engine: Engine, report: CatalogueReport, now: datetime, options: ImportOptions) -> ImportResult:
    """Register, outbox, held rows and the file's own record, in one transaction; nothing at all with `dry_run`.

    Raises `FileRefused` (`file_older_than_register`) for an export older than the last one applied.
    """
    with transaction(engine) as connection:
        register.lock(connection)
        known = _seen_row(connection, report.file_sha256)
        if known is not None and not _releases(known, options):
            return _known(known)
        _refuse_older(connection, report, known)
        before = register.read(connection)
        changes = diff(before, _accepted(report), correction=options.correction)
        present = [*entered(connection, report.file_sha256), *_numbers(report)]
        gone, waits = _missing(before, present, options)
        changes += withdrawals(before, gone)
        summary = report.summary() | {"events": len(changes), "held": waits}
        if options.dry_run:
            summary["changes"] = [line for change in changes for line in shown(before, change)]
        else:
            rows = {row.certificate_no: row for row in report.rows if row.entry is not None}
            pairs = ((change, _origin(report, rows.get(change.entry.certificate_no))) for change in changes)
            register.apply(connection, pairs, shanghai_time(now))
            _remember(connection, report, summary, now, options)
        return ImportResult(summary, ReportRows(report), seen_before=False)


def _releases(known: RowMapping, options: ImportOptions) -> bool:
    """Whether a known file is sent again to carry out what it was held for."""
    if not options.complete:
        return False
    confirms = options.confirm_withdrawals is not None
    return not known["complete"] or (confirms and summary_of(known["report"])["held"] is not None)


def _accepted(report: CatalogueReport) -> Iterable[Any]:
    return (row.entry for row in report.rows if row.entry is not None)


def _numbers(report: CatalogueReport) -> Iterable[str]:
    """Of all rows: those that wait for a person are present too."""
    return (row.certificate_no for row in report.rows if row.certificate_no is not None)


def _missing(before: Register, present: Iterable[str], options: ImportOptions) -> tuple[list[str], dict[str, int] | None]:
    """Which entries a complete file withdraws, or what it is held for."""
    if not options.complete:
        return [], None
    gone, limit = missing(before, present), withdrawal_limit(before, options.share)
    if len(gone) <= limit or options.confirm_withdrawals == len(gone):
        return gone, None
    return [], {"missing": len(gone), "limit": limit}


def _refuse_older(connection: Connection, report: CatalogueReport, known: RowMapping | None) -> None:
    if known is not None:
        _refuse_replaced(connection, known)
    if report.filed_on is None:
        return
    latest = connection.execute(select(func.max(imported_file.c.filed_on))).scalar_one()
    if latest is not None and report.filed_on.isoformat() < latest:
        raise FileRefused(
            "file_older_than_register",
            Both(
                f"文件填报日期 {report.filed_on.isoformat()} 早于已导入的 {latest}。",
                f"The file is dated {report.filed_on.isoformat()}, earlier than one imported before ({latest}).",
            ),
            Both(
                "请导入最新的目录；若确需以旧文件为准，请更新填报日期后再导入。",
                "Import the newest catalogue; if the old one is right after all, give it a newer date of filing.",
            ),
        )


def _refuse_replaced(connection: Connection, known: RowMapping) -> None:
    """A file that others followed says no longer what the register is: what it was held for is out of date."""
    later = select(imported_file.c.file).where(imported_file.c.imported_at > known["imported_at"])
    newer = connection.execute(later.limit(1)).scalar()
    if newer is not None:
        raise FileRefused(
            "file_older_than_register",
            Both(f"此文件导入之后，又导入过“{newer}”。", f"After this file “{newer}” was imported."),
            Both(
                "请导入最新的目录，并确认其中的撤下数目。",
                "Import the newest catalogue, and confirm the number of withdrawals in it.",
            ),
        )


def _origin(report: CatalogueReport, row: RowResult | None) -> dict[str, Any]:
    """Where the entry came from; an entry that a complete file doesn't name came from no row.

    The file is named by its hash: people write into its name whom to call.
    """
    return {
        "file_sha256": report.file_sha256,
        "sheet": report.sheet,
        "row": row.row if row else None,
        "cells": row.origin.as_dict() if row else {},
    }


def _remember(
    connection: Connection, report: CatalogueReport, summary: Mapping[str, Any], now: datetime, options: ImportOptions
) -> None:
    connection.execute(delete(imported_file).where(imported_file.c.file_sha256 == report.file_sha256))
    connection.execute(
        insert(imported_file).values(
            file_sha256=report.file_sha256,
            file=report.file[:300],
            imported_at=shanghai_time(now),
            filed_on=report.filed_on.isoformat() if report.filed_on else None,
            complete=int(options.complete),
            report=packed(summary, (row.as_json() for row in report.rows)),
        )
    )
    hold_rows(connection, report, shanghai_time(now), complete=options.complete)
