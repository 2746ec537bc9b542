"""A CSV file decoded and split: encodings tried strictly in order, physical line numbers kept."""

import codecs
import csv
import re
from collections.abc import Iterator

import charset_normalizer

from producers.catalogue.package_guard import OLE_MAGIC, ZIP_MAGIC, too_large
from producers.catalogue.recent import Recent
from producers.catalogue.sheet import Cell, Limits, Sheet, SheetRow, text_cell
from schemas.errors import Both, FileRefused

DELIMITERS = (",", "\t", ";", "|")
SNIFFED_RECORDS = 60
"""Records that decide the delimiter: enough to pass title, header and some data."""

MAX_TEXT_BYTES = 34 * 1024 * 1024
"""Of a text file or web page. One letter beyond the usual ones makes four bytes of each, beside those that were one."""

MAX_FIELD = 65_536
"""Characters in a field; twice what an Excel cell holds. Longer means that a quotation mark is missing."""

MAX_LINE = 200_000
"""Characters of a physical line; a row of a table has some hundred."""

MAX_FIELDS = 16_384
"""Fields of a record: as many columns as Excel has."""

MAX_COLUMNS = 512
"""Columns looked at, as of a workbook: some programs write commas out to the end of their sheet."""

MAX_LINES_OF_A_RECORD = 2_000
"""Physical lines of one record: line breaks inside of its quoted fields."""

_CHINESE = ("gb18030", "gbk", "gb2312", "hz", "big5", "big5hkscs", "cp950", "utf_8", "utf_16", "utf_16_le", "utf_16_be")


def unreadable(zh: str, en: str) -> FileRefused:
    """`file_unreadable` with what was found."""
    return FileRefused(
        "file_unreadable",
        Both(f"CSV 文件读不出来：{zh}", f"The CSV file can't be read: {en}"),
        Both(
            "请用 Excel 打开核对后另存为 .xlsx 或 UTF-8 的 CSV，再导入。",
            "Open it in Excel, check it, save it as .xlsx or as CSV in UTF-8, and import again.",
        ),
    )


def read_csv(data: bytes, limits: Limits) -> Sheet:
    """The file as one sheet without a name. Raises `FileRefused`: `file_unreadable`, `file_too_large`."""
    if data.startswith((ZIP_MAGIC, OLE_MAGIC)):
        raise unreadable(
            "内容是 Excel 或别的文档，与文件名不符。", "it holds a workbook or another document, not what its name says."
        )
    text = decoded(data)
    if "\x00" in text:
        raise unreadable("内容不是文本。", "it holds no text.")
    rows: list[SheetRow] = []
    for row in _records(text, delimiter_of(text), limits):
        rows.append(row)
        if len(rows) > limits.rows:
            raise too_large(f"多于 {limits.rows} 行。", f"it has more than {limits.rows} rows.")
    return Sheet(None, tuple(rows))


def decoded(data: bytes, *, cut: bool = False) -> str:
    """Text of the bytes: by their mark, else UTF-8, else GB18030, each strictly; a guess only when all fail.

    `cut`: the bytes may end within a character.
    Raises `FileRefused`: `file_unreadable`, `file_too_large`.
    GB18030 comes after UTF-8 because Chinese UTF-8 is often valid GB18030, hardly ever the other way round.
    """
    if len(data) > MAX_TEXT_BYTES:
        raise too_large(
            f"文本多于 {MAX_TEXT_BYTES // (1024 * 1024)} MB，请另存为 .xlsx。",
            f"a text of more than {MAX_TEXT_BYTES // (1024 * 1024)} MB; save it as .xlsx.",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates: tuple[str, ...] = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030")
    for encoding in candidates:
        try:
            return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
        except UnicodeDecodeError:
            continue
    guess = charset_normalizer.from_bytes(data[:200_000], cp_isolation=list(_CHINESE)).best()
    try:
        return data.decode(guess.encoding if guess else "ascii")
    except (UnicodeDecodeError, LookupError) as error:
        raise unreadable("认不出编码，或有损坏的字节。", "its encoding is unknown, or bytes are damaged.") from error


def delimiter_of(text: str) -> str:
    """The delimiter that makes the widest records near the top; a comma when none makes two fields."""
    return max(DELIMITERS, key=lambda delimiter: (_width(text, delimiter), delimiter == ","))


def _width(text: str, delimiter: str) -> int:
    try:
        records = csv.reader(_lines(text), delimiter=delimiter)
        return max((len(record) for record, _ in zip(records, range(SNIFFED_RECORDS), strict=False)), default=0)
    except (csv.Error, FileRefused):
        return 0


_LINE = re.compile(rf"[^\r\n]{{0,{MAX_LINE}}}+(?:\r\n|\r|\n|\Z)")


def _lines(text: str) -> Iterator[str]:
    """The physical lines with their ends. Raises `FileRefused` for one that no table has."""
    position = 0
    while position < len(text):
        line = _LINE.match(text, position)
        if line is None:
            raise unreadable("有一行长得不合常理。", "a line is longer than any table's.")
        position = line.end()
        yield line[0]


def _records(text: str, delimiter: str, limits: Limits) -> Iterator[SheetRow]:
    """Rows numbered by the physical line they begin on. `strict` tells a missing quotation mark from text."""
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    columns: list[Recent[str, Cell]] = []
    fields = 0
    while True:
        begins_on = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise unreadable(
                f"第 {begins_on} 行起引号不成对。", f"a quotation mark on line {begins_on} is never closed."
            ) from error
        if reader.line_num - begins_on > MAX_LINES_OF_A_RECORD or max(map(len, record), default=0) > MAX_FIELD:
            raise unreadable(f"第 {begins_on} 行起引号不成对。", f"a quotation mark on line {begins_on} is never closed.")
        if len(record) > MAX_FIELDS:
            raise unreadable(f"第 {begins_on} 行的列多得不合常理。", f"line {begins_on} has more columns than any table.")
        fields += len(record)
        if fields > limits.cells:
            raise too_large(f"多于 {limits.cells} 格。", f"it has more than {limits.cells} cells.")
        if len(columns) < min(len(record), MAX_COLUMNS):
            columns += (Recent(text_cell) for _ in range(min(len(record), MAX_COLUMNS) - len(columns)))
        yield SheetRow(begins_on, tuple([column[value] for column, value in zip(columns, record, strict=False)]))
