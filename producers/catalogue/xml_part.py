"""Reads one XML part of a package piece by piece, within bounds, by expat: no DTD, no entity, no endless text."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol
from xml.parsers import expat

from producers.catalogue.package_guard import too_large, unreadable

PIECE_BYTES = 256 * 1024
MAX_CELL_TEXT = 1_000_000
"""Characters of one cell; Excel holds 32,767. Far more means that somebody tries what happens."""

MAX_TOKEN_BYTES = 4 * 1024 * 1024
"""Bytes of one tag or comment, which expat must keep whole."""

MAX_ELEMENTS = 8_000_000
"""Elements of one part. The parser takes a second for each million; rows of the plain form never come to it."""

MAX_PROLOG_BYTES = 256 * 1024
"""Bytes before the first element of a part: a declaration, a comment of who wrote it."""

MAX_DEPTH = 100
"""Elements within each other; a worksheet has a dozen. Each that is open takes memory."""

_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""Transitional and strict SpreadsheetML (ECMA-376)."""


class Handler(Protocol):
    """What is done with the elements of a part. `texts` gathers character data; whoever starts a text empties it."""

    texts: list[str]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; its name is namespace, blank, name (see `local_names`)."""

    def end(self, name: str) -> None:
        """An element ends."""


def local_names(names: Iterable[str]) -> dict[str, str]:
    """From the name that expat gives (namespace, blank, name) to the plain one, in both namespaces of spreadsheets."""
    return {f"{space} {name}": name for name in names for space in _NAMESPACES}


class PartParser:
    """Feeds a handler. Raises `FileRefused` for what is too much or has a DTD, `ExpatError` for what is no XML."""

    def __init__(self, handler: Handler) -> None:
        self._texts = handler.texts
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._handler = handler
        self._depth = self._elements = 0
        self._parser.CharacterDataHandler = handler.texts.append
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise unreadable("内部 XML 嵌套过深。", "its XML is nested deeper than any workbook's.")
        if self._elements > MAX_ELEMENTS:
            raise too_large(
                f"有一个内部文件的 XML 元素多于 {MAX_ELEMENTS} 个。", f"one of its parts has more than {MAX_ELEMENTS} XML elements."
            )
        self._handler.start(name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(name)

    def feed(self, piece: bytes) -> None:
        """The next bytes of the part."""
        self._parser.Parse(piece, False)
        self._fed += len(piece)
        if self.waiting_bytes > MAX_TOKEN_BYTES or sum(map(len, self._texts)) > MAX_CELL_TEXT:
            raise too_large("有一个单元格大得不合常理。", "one cell is larger than any cell can be.")

    @property
    def waiting_bytes(self) -> int:
        """Bytes since the beginning of the last tag that was understood."""
        return self._fed - max(self._parser.CurrentByteIndex, 0)

    def close(self) -> None:
        """No more bytes come."""
        self._parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> None:
    """No office program writes a DTD; its entities could unfold without end or name files of this machine."""
    raise unreadable("内部 XML 带有 DTD，正常的工作簿没有。", "its XML has a DTD, which no ordinary workbook has.")


@contextmanager
def opened(package: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """A part to read from. Raises `FileRefused` (`file_unreadable`) for whatever is damaged while it is read."""
    try:
        told = package.getinfo(name)
    except KeyError as error:
        raise unreadable("工作簿缺少内部文件。", "a part of the workbook is missing.") from error
    try:
        with package.open(told) as part:
            yield part
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise unreadable("工作簿已损坏。", "the workbook is damaged.") from error


def pieces(part: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a part, some at a time."""
    return iter(lambda: part.read(PIECE_BYTES), b"")


def refuse_doctypes(package: zipfile.ZipFile) -> None:
    """No part of XML may have a DTD, though nobody here reads all of them: whoever opens the file next would.

    Raises `FileRefused` (`file_unreadable`).
    """
    for name in package.namelist():
        if name.lower().endswith(_XML_NAMES):
            with opened(package, name) as part:
                _refuse_doctype_before_root(part.read(MAX_PROLOG_BYTES))


_XML_NAMES = (".xml", ".rels", ".vml")


class _RootReached(Exception):
    """The first element begins; no DTD can come any more."""


def _refuse_doctype_before_root(beginning: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _root_reached
    try:
        parser.Parse(beginning, False)
    except (_RootReached, expat.ExpatError):
        return  # a part that is no XML is a matter of whoever reads it
    if len(beginning) == MAX_PROLOG_BYTES:
        raise unreadable("有一个内部 XML 迟迟不开始。", "one of its XML parts does not begin.")


def _root_reached(*_: object) -> None:
    raise _RootReached


def read_part(package: zipfile.ZipFile, name: str, handler: Handler) -> None:
    """Feed a whole part to a handler. Raises `FileRefused`: `file_unreadable`, `file_too_large`."""
    parser = PartParser(handler)
    with opened(package, name) as part:
        for piece in pieces(part):
            parser.feed(piece)
        parser.close()
