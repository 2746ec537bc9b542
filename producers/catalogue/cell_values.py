"""What the XML of a cell says: a text, a number, a day, an error."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from producers.catalogue.package_guard import unreadable
from producers.catalogue.recent import Recent
from producers.catalogue.sheet import EMPTY, Cell, CellKind, number_cell, text_cell
from producers.catalogue.workbook_parts import CellFormat

_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""

_PLAIN = CellFormat()


class CellValues:
    """Makes cells. `strings` are the workbook's texts, `formats` what its styles mean, `epoch` 1900 or 1904."""

    def __init__(self, strings: Sequence[Cell], formats: Sequence[CellFormat], epoch: int) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch = CALENDAR_MAC_1904 if epoch == 1904 else CALENDAR_WINDOWS_1900

    def of(self, kind: str | None, style: str | None) -> Recent[str, Cell]:
        """What plain cells of a type and a style say by what stands in them; equal ones are one object."""
        if kind == "inlineStr":
            return Recent(lambda text: self.written(text, style))
        return Recent(lambda value: self.valued(kind, style, value, None))

    def written(self, text: str, style: str | None) -> Cell:
        """A text that stands in the sheet itself, as some programs write all of them."""
        return text_cell(unescape(text) if "_x" in text else text, self._format(style).struck)

    def valued(self, kind: str | None, style: str | None, value: str, formula: str | None) -> Cell:
        """The cell of a value; a formula that no program has calculated stays its own text, which no rule accepts."""
        if value == "":
            return text_cell(f"={formula}") if formula is not None and kind != "str" else EMPTY
        form = self._format(style)
        return self._shared(value, form) if kind == "s" else self._made(kind, value, form)

    def _format(self, style: str | None) -> CellFormat:
        if style is None:
            return _PLAIN
        if not style.isdecimal():
            raise unreadable("工作簿已损坏。", "the workbook is damaged.")
        return self._formats[int(style)] if int(style) < len(self._formats) else _PLAIN

    def _made(self, kind: str | None, value: str, form: CellFormat) -> Cell:
        if kind == "str":
            return text_cell(unescape(value), form.struck)
        if kind == "e":
            return Cell(CellKind.ERROR, value[:100], struck=form.struck)
        if kind == "b":
            return text_cell("TRUE" if value in ("1", "true") else "FALSE", form.struck)
        return _iso(value, form.struck) if kind == "d" else self._number(value, form)

    def _shared(self, value: str, form: CellFormat) -> Cell:
        if not value.isdecimal() or int(value) >= len(self._strings):
            raise unreadable("工作簿已损坏。", "the workbook is damaged.")
        cell = self._strings[int(value)]
        return text_cell(cell.text, struck=True) if form.struck and not cell.struck else cell

    def _number(self, value: str, form: CellFormat) -> Cell:
        number = _parsed(value)
        if not (form.is_date or form.is_duration):
            return number_cell(number, form.number_format, form.struck)
        if not 0 <= number < _LAST_SERIAL:
            return Cell(CellKind.ERROR, "#VALUE!", struck=form.struck)
        return _day(from_excel(number, self._epoch, timedelta=form.is_duration), form.struck)


def _parsed(value: str) -> int | float:
    try:
        return int(value) if value.lstrip("-").isdigit() and len(value) <= 400 else float(value)
    except ValueError as error:
        raise unreadable("有写坏的数值。", "a number is broken.") from error


def _iso(value: str, struck: bool) -> Cell:
    try:
        return _day(datetime.fromisoformat(value.removesuffix("Z")), struck)
    except ValueError:
        return Cell(CellKind.ERROR, value[:100], struck=struck)


def _day(value: object, struck: bool) -> Cell:
    """A date or time as a cell. `value` is what openpyxl makes of a serial: a datetime, a time of day or a duration."""
    if isinstance(value, datetime):
        return Cell(CellKind.DATE, _day_text(value), day=value.date(), struck=struck)
    if isinstance(value, date):
        return Cell(CellKind.DATE, value.isoformat(), day=value, struck=struck)
    if isinstance(value, time | timedelta):
        return Cell(CellKind.DATE, str(value), struck=struck)
    return Cell(CellKind.ERROR, str(value), struck=struck)


def _day_text(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
