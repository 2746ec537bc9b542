"""The texts of a workbook, which its cells name by number."""

import zipfile

from openpyxl.utils.escape import unescape

from producers.catalogue.package_guard import too_large
from producers.catalogue.sheet import Cell, text_cell
from producers.catalogue.xml_part import local_names, read_part

MAX_CHARACTERS = 50_000_000
"""Of all texts together: a hundred thousand rows have some ten million."""

MAX_RUNS = 10_000
"""Runs of one text, each with a format of its own; a text has no more letters than Excel's 32,767."""

_NAMES = local_names(("si", "is", "r", "t", "rPh", "strike"))


class RichText:
    """Gathers one text from its runs; a run that is struck through marks the whole. Readings (`rPh`) are left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._struck = False
        self._in_reading = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element of the text begins."""
        if name == "t":
            self.texts.clear()
        elif name == "strike":
            self._struck = self._struck or is_on(attributes)
        elif name == "rPh":
            self._in_reading = True

    def end(self, name: str) -> None:
        """An element of the text ends."""
        if name == "t" and not self._in_reading:
            self._parts.append("".join(self.texts))
            if len(self._parts) > MAX_RUNS:
                raise too_large(f"有一段文字分成 {MAX_RUNS} 节以上。", f"a text has more than {MAX_RUNS} runs.")
        elif name == "rPh":
            self._in_reading = False

    def taken(self) -> Cell:
        """The text as a cell; the next one begins."""
        text = "".join(self._parts)
        cell = text_cell(unescape(text) if "_x" in text else text, self._struck)
        self._parts.clear()
        self._struck = False
        return cell


def is_on(attributes: dict[str, str]) -> bool:
    """Whether a flag of an element such as `<strike/>` is set: without a value it is."""
    return attributes.get("val", "1") not in ("0", "false", "off")


class _Strings:
    def __init__(self) -> None:
        self.found: list[Cell] = []
        self._text = RichText()
        self.texts = self._text.texts
        self._characters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        known = _NAMES.get(name)
        if known is not None:
            self._text.start(known, attributes)

    def end(self, name: str) -> None:
        known = _NAMES.get(name)
        if known == "si":
            cell = self._text.taken()
            self.found.append(cell)
            self._characters += len(cell.text)
            if self._characters > MAX_CHARACTERS:
                raise too_large(f"文字多于 {MAX_CHARACTERS} 个字符。", f"its texts have more than {MAX_CHARACTERS} characters.")
        elif known is not None:
            self._text.end(known)


def read_shared_strings(package: zipfile.ZipFile, part: str | None) -> list[Cell]:
    """Every text by its number; none where the workbook has no such part. Raises `FileRefused`."""
    if part is None:
        return []
    strings = _Strings()
    read_part(package, part, strings)
    return strings.found
