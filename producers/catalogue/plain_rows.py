"""The rows of a worksheet as nearly every program writes them, cut out of the XML text without a parser.

A parser calls back five times a cell; a hundred thousand rows would take it half a minute. Rows that are not exactly
of the plain form, and all that stands around the rows, go to the parser, which sees the same document without them.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Protocol

from producers.catalogue.package_guard import unreadable
from producers.catalogue.row_forms import TEXT, Form, Forms
from producers.catalogue.xml_part import Handler, PartParser, opened, pieces

_ATTRIBUTE = r'(?: (?!xmlns)[A-Za-z]+(?::[A-Za-z]+)?="[^"<&\x00-\x1f]*+")'
_CELL = (
    rf'<c(?: r="([A-Z]{{1,3}})(\d{{1,7}})")({_ATTRIBUTE}*+) ?'
    rf"(?:/>|>(?:<v>({TEXT})</v>|<is><t(?: xml:space=\"preserve\")?>({TEXT})</t></is>)?</c>)"
)
_CELLS = re.compile(_CELL)
_ROW = re.compile(rf"\s*+<row({_ATTRIBUTE}*+) ?>")
_PAIR = re.compile(r'([A-Za-z:]+)="([^"]*)"')
_BODY = re.compile(rb"<sheetData\s*>")
_UTF8 = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml(?![^>]*encoding=(?![\"']utf-8[\"']))[^>]*\?>)?\s*<[A-Za-z]", re.IGNORECASE)
_END = b"</row>"

MAX_HEAD_BYTES = 1024 * 1024
"""Bytes in which the rows begin; column widths stand before them."""

PlainCell = tuple[str | None, str | None, str | None, str | None, str | None]
"""Column letters, row number, the other attributes as text, value, inline text."""


class RowHandler(Handler, Protocol):
    """A handler that also takes plain rows."""

    rows_ended: int
    in_rows: bool

    def plain_row(self, attributes: dict[str, str], cells: list[PlainCell]) -> None:
        """A whole row."""

    def row_of(self, form: Form, number: str, texts: Sequence[str]) -> None:
        """A whole row of a form; `texts` are those of the form's cells."""


def pairs(attributes: str) -> dict[str, str]:
    """Attributes by name, from their text. Raises `FileRefused` when one is there twice, which is no XML."""
    listed = _PAIR.findall(attributes)
    found = dict(listed)
    if len(found) < len(listed):
        raise unreadable("工作簿已损坏。", "the workbook is damaged.")
    return found


def read_rows(package: zipfile.ZipFile, name: str, handler: RowHandler) -> None:
    """Feed a worksheet part to a handler. Raises `FileRefused`: `file_unreadable`, `file_too_large`."""
    parser = PartParser(handler)
    with opened(package, name) as part:
        left = _read_head(part, parser, handler)
        if handler.in_rows:
            forms = Forms()
            for text in _whole_rows(part, left, parser.feed):
                _read_text(text, forms, parser, handler)
        for piece in pieces(part):
            parser.feed(piece)
        parser.close()


def _read_head(part: IO[bytes], parser: PartParser, handler: RowHandler) -> bytes:
    """Feed what stands before the rows; the bytes read beyond it come back."""
    head = part.read(MAX_HEAD_BYTES)
    begin = _BODY.search(head) if _UTF8.match(head) else None
    parser.feed(head[: begin.end()] if begin else head)
    return head[begin.end() :] if begin else b""


def _whole_rows(part: IO[bytes], left: bytes, feed: Callable[[bytes], None]) -> Iterator[str]:
    """Text that ends with the end of a row; what follows the last one is fed."""
    for piece in pieces(part):
        left += piece
        end = left.rfind(_END) + len(_END)
        if end >= len(_END):
            yield _decoded(left[:end])
            left = left[end:]
        elif len(left) > MAX_HEAD_BYTES:
            feed(left)  # no row is so long; the parser finds out what it is
            return
    end = left.rfind(_END) + len(_END)
    if end >= len(_END):
        yield _decoded(left[:end])
        left = left[end:]
    feed(left)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise unreadable("工作簿已损坏。", "the workbook is damaged.") from error


def _read_text(text: str, forms: Forms, parser: PartParser, handler: RowHandler) -> None:
    position = 0
    while position < len(text):
        like = forms.match(text, position)
        if like is not None:
            form, row = like
            number, *texts = row.groups()
            handler.row_of(form, number, texts)
            position = row.end()
            continue
        end = text.index("</row>", position)  # the text ends with the end of a row
        if not _read_plain(text, position, end, forms, handler):
            _feed_row(text[position : end + len("</row>")].encode(), parser, handler)
        position = end + len("</row>")


def _read_plain(text: str, begin: int, end: int, forms: Forms, handler: RowHandler) -> bool:
    """Take a row apart that is of the plain form from its opening tag to its last cell; False when it isn't."""
    head = _ROW.match(text, begin, end)
    if head is None:
        return False
    cells = list(_CELLS.finditer(text, head.end(), end))
    if sum(cell.end() - cell.start() for cell in cells) != end - head.end():
        return False
    attributes = pairs(head[1])
    handler.plain_row(attributes, [(cell[1], cell[2], cell[3], cell[4], cell[5]) for cell in cells])
    forms.note(head, attributes, cells)
    return True


def _feed_row(row: bytes, parser: PartParser, handler: RowHandler) -> None:
    """A row for the parser. It must end where its text does, else it is inside of a comment or the like."""
    ended = handler.rows_ended
    parser.feed(row)
    if handler.rows_ended == ended or parser.waiting_bytes or not handler.in_rows:
        raise unreadable("工作表的行写法不寻常。", "a row of a sheet is written in an unusual way.")
