"""The small parts of a workbook: which sheets it has and where, its epoch, and what its cell formats mean."""

import posixpath
import zipfile
from dataclasses import dataclass, field

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from producers.catalogue.package_guard import too_large, unreadable
from producers.catalogue.shared_strings import is_on
from producers.catalogue.xml_part import local_names, read_part

MAX_SMALL_PART_BYTES = 16 * 1024 * 1024
"""Of a part that is not a sheet and not the texts; the formats of a much-copied workbook take a few MB."""

MAX_SHEETS = 200

_CJK_DATE_FORMATS = frozenset((*range(27, 37), *range(50, 59)))
"""Built-in number formats that are dates in Chinese Excel only (ECMA-376 18.8.30); elsewhere they are General."""

_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_RELATION_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)


@dataclass(frozen=True, slots=True)
class CellFormat:
    """What a cell's format says: its number format, whether that makes dates or durations, and strike-through."""

    number_format: str = "General"
    is_date: bool = False
    is_duration: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet by its name and the part that holds it."""

    name: str
    part: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a workbook says of itself. `epoch` is 1900 or 1904; `strings` the part with its texts."""

    sheets: tuple[SheetPart, ...]
    epoch: int
    strings: str | None
    formats: tuple[CellFormat, ...]


def read_workbook_parts(package: zipfile.ZipFile) -> Workbook:
    """The workbook's own parts. Raises `FileRefused`: `file_unreadable`, `file_too_large`."""
    main = _related(package, "", "/officeDocument").values()
    part = next(iter(main), None)
    if part is None:
        raise unreadable("不是 .xlsx 工作簿。", "it is no .xlsx workbook.")
    book = _Book()
    _read_small(package, part, book)
    targets = _related(package, part, "/worksheet")
    sheets = [
        SheetPart(name, targets[relation], state == "visible") for name, state, relation in book.sheets if relation in targets
    ]
    if not sheets:
        raise unreadable("工作簿里没有工作表。", "the workbook has no sheet.")
    if len({sheet.part for sheet in sheets}) < len(sheets):
        raise unreadable("有几个工作表用的是同一份内容。", "several of its sheets are one and the same part.")
    strings = next(iter(_related(package, part, "/sharedStrings").values()), None)
    styles = next(iter(_related(package, part, "/styles").values()), None)
    return Workbook(tuple(sheets), book.epoch, strings, _formats(package, styles))


def _read_small(package: zipfile.ZipFile, name: str, handler: "_Book | _Relations | _Styles") -> None:
    if name in package.namelist() and package.getinfo(name).file_size > MAX_SMALL_PART_BYTES:
        raise too_large("工作簿的格式信息过多。", "the workbook has too many formats.")
    read_part(package, name, handler)


@dataclass(slots=True)
class _Relations:
    """Targets by id, of one type of relation."""

    kind: str
    folder: str
    texts: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != _RELATIONSHIPS or not attributes.get("Type", "").endswith(self.kind):
            return
        if attributes.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/", self.folder, attributes.get("Target", "")))
            self.found[attributes.get("Id", "")] = path.lstrip("/")

    def end(self, name: str) -> None:
        self.texts.clear()


def _related(package: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """The parts that a part names under a kind of relation, by relation id."""
    folder, name = posixpath.split(part)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    if listed not in package.namelist():
        return {}
    relations = _Relations(kind, folder)
    _read_small(package, listed, relations)
    return relations.found


_BOOK_NAMES = local_names(("sheet", "workbookPr"))


@dataclass(slots=True)
class _Book:
    """Sheets as (name, state, relation id), and the epoch."""

    texts: list[str] = field(default_factory=list)
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    epoch: int = 1900

    def start(self, name: str, attributes: dict[str, str]) -> None:
        known = _BOOK_NAMES.get(name)
        if known == "sheet":
            relation = next((attributes[key] for key in _RELATION_IDS if key in attributes), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))
            if len(self.sheets) > MAX_SHEETS:
                raise too_large(f"工作表多于 {MAX_SHEETS} 个。", f"it has more than {MAX_SHEETS} sheets.")
        elif known == "workbookPr" and attributes.get("date1904", "0") in ("1", "true", "on"):
            self.epoch = 1904

    def end(self, name: str) -> None:
        self.texts.clear()


_STYLE_NAMES = local_names(("numFmt", "fonts", "font", "strike", "cellXfs", "xf"))


@dataclass(slots=True)
class _Styles:
    """Number formats by id, strike-through by font, and (number format, font) by cell format."""

    texts: list[str] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    struck: list[bool] = field(default_factory=list)
    formats: list[tuple[str, str]] = field(default_factory=list)
    _inside: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        known = _STYLE_NAMES.get(name)
        if known == "numFmt":
            self.numbers.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif known in ("fonts", "cellXfs"):
            self._inside = known
        elif known == "font" and self._inside == "fonts":
            self.struck.append(False)
        elif known == "strike" and self._inside == "fonts" and self.struck:
            self.struck[-1] = is_on(attributes)
        elif known == "xf" and self._inside == "cellXfs":
            self.formats.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "0")))

    def end(self, name: str) -> None:
        self.texts.clear()
        if _STYLE_NAMES.get(name) == self._inside:
            self._inside = ""


def _formats(package: zipfile.ZipFile, part: str | None) -> tuple[CellFormat, ...]:
    if part is None:
        return ()
    styles = _Styles()
    _read_small(package, part, styles)
    return tuple(_format(styles, number, font) for number, font in styles.formats)


def _format(styles: _Styles, number: str, font: str) -> CellFormat:
    if not (number.isdecimal() and font.isdecimal()):
        raise unreadable("工作簿已损坏。", "the workbook is damaged.")
    struck = int(font) < len(styles.struck) and styles.struck[int(font)]
    if number not in styles.numbers and int(number) in _CJK_DATE_FORMATS:
        return CellFormat("General", is_date=True, struck=struck)
    code = styles.numbers.get(number) or BUILTIN_FORMATS.get(int(number), "General")
    return CellFormat(code, bool(is_date_format(code)), bool(is_timedelta_format(code)), struck)
