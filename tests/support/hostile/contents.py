"""Hostile in what it holds: sheets, cells and texts beyond measure, text files and web pages that never end."""

from collections.abc import Iterable, Mapping

from tests.support.hostile import workbooks as w
from tests.support.hostile.case import TOO_LARGE, UNREADABLE, Hostile, book, page, text
from tests.support.hostile.zips import MIB

SHEETS: Mapping[str, Hostile] = {
    "a million formatted rows": book(TOO_LARGE, lambda: w.in_rows(b"".join(_styled_rows(1_048_576))), heavy=True),
    "a million formatted rows without numbers": book(TOO_LARGE, lambda: w.in_rows(b'<row s="1"/>' * 1_048_000)),
    "millions of formatted cells": book(
        TOO_LARGE, lambda: w.sheet_of((b"<row>%s</row>" % (b'<c s="1"/>' * 500)) * 16_000), heavy=True
    ),
    "millions of cells": book(TOO_LARGE, lambda: w.sheet_of((b"<row>%s</row>" % (b"<c><v>1</v></c>" * 100)) * 70_000), heavy=True),
    "a hundred thousand rows of something else": book("header_not_found", lambda: w.sheet_of(_numbers(100_000)), heavy=True),
    "ten thousand rows of something else": book("header_not_found", lambda: w.sheet_of(_numbers(10_000))),
    "rows in another namespace's clothes": book(TOO_LARGE, lambda: _prefixed(1_048_576)),
    "a last row far below": book(TOO_LARGE, lambda: w.in_rows(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
    "everything merged": book(TOO_LARGE, lambda: w.after_rows(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    "merges in millions": book(
        TOO_LARGE, lambda: w.after_rows(b"<mergeCells>%s</mergeCells>" % (b'<mergeCell ref="A1:B2"/>' * 1_000_000)), heavy=True
    ),
    "one huge cell": book(TOO_LARGE, lambda: w.in_rows(_inline(b"A" * 17 * MIB))),
    "one huge number": book(
        TOO_LARGE, lambda: w.in_rows(b'<row r="999"><c r="A999"><v>%s</v></c></row>' % (b"9" * 17 * MIB)), heavy=True
    ),
    "one huge attribute": book(TOO_LARGE, lambda: w.in_rows(b'<row r="999" x="%s"/>' % (b"A" * 17 * MIB)), heavy=True),
    "one huge comment": book(TOO_LARGE, lambda: w.in_rows(b"<!--%s-->" % (b"A" * 17 * MIB))),
    "a million attributes": book(
        TOO_LARGE, lambda: w.in_rows(b"<row %s/>" % b" ".join(b'a%d=""' % n for n in range(1_000_000))), heavy=True
    ),
    "deep nesting": book(UNREADABLE, lambda: w.in_rows(b"<c>" * 5_000_000)),
    "deep nesting before the rows": book(UNREADABLE, lambda: {w.SHEET: b"<a>" * 5_000_000}, heavy=True),
    "deep nesting of the workbook": book(UNREADABLE, lambda: {w.BOOK: b"<a>" * 1_000_000}),
    "huge text of many runs": book(TOO_LARGE, lambda: w.in_rows(_inline(b"A</t></r><r><t>" * 5_000_000)), heavy=True),
    "millions of shared texts": book(TOO_LARGE, lambda: w.strings_of(b"<si><t>1</t></si>" * 6_000_000), heavy=True),
    "millions of empty shared texts": book(TOO_LARGE, lambda: w.strings_of(b"<si/>" * 30_000_000), heavy=True),
    "long shared texts": book(TOO_LARGE, lambda: w.strings_of((b"<si><t>%s</t></si>" % (b"A" * 30_000)) * 6_000), heavy=True),
    "one huge shared text": book(TOO_LARGE, lambda: w.strings_of(b"<si><t>%s</t></si>" % (b"A" * 17 * MIB)), heavy=True),
    "millions of formats": book(
        TOO_LARGE, lambda: w.rewritten(w.STYLES, b"</cellXfs>", b"<xf/>" * 4_000_000 + b"</cellXfs>"), heavy=True
    ),
    "millions of relations": book(
        TOO_LARGE,
        lambda: w.rewritten(w.BOOK_RELATIONS, b"</Relationships>", b"<Relationship/>" * 4_000_000 + b"</Relationships>"),
        heavy=True,
    ),
    "numbers that are none": book(UNREADABLE, lambda: w.in_rows(b'<row r="999"><c r="A999"><v>1e999x</v></c></row>')),
    "text that is not there": book(UNREADABLE, lambda: w.in_rows(b'<row r="999"><c r="A999" t="s"><v>99999999</v></c></row>')),
    "two visible sheets": book("sheet_ambiguous", lambda: w.sheets_more(1) | {"xl/worksheets/more0.xml": w.parts()[w.SHEET]}),
    "links to elsewhere": book(None, lambda: _links()),
}


def _styled_rows(count: int) -> Iterable[bytes]:
    return (b'<row r="%d" spans="1:16" s="1" customFormat="1" ht="15"/>' % number for number in range(200, count))


def _numbers(rows: int) -> bytes:
    """So many rows of thirty numbers."""
    letters = [*(bytes([65 + column]) for column in range(26)), b"AA", b"AB", b"AC", b"AD"]
    line = b"".join(b'<c r="%s#"><v>1</v></c>' % letter for letter in letters)
    return b"".join(b'<row r="#">%s</row>'.replace(b"#", b"%d" % n) % line.replace(b"#", b"%d" % n) for n in range(1, rows + 1))


def _prefixed(count: int) -> w.Parts:
    rows = b"<x:row/>" * count
    return {w.SHEET: b'<x:worksheet xmlns:x="%s"><x:sheetData>%s</x:sheetData></x:worksheet>' % (w.MAIN, rows)}


def _inline(text: bytes) -> bytes:
    return b'<row r="999"><c r="A999" t="inlineStr"><is><r><t>%s</t></r></is></c></row>' % text


def _links() -> w.Parts:
    """A workbook that names a file server and other workbooks; opening it must ask nobody."""
    outside = b"file://192.0.2.1/share/x.xlsx"
    relation = b'<Relationship Id="l%d" Type="%s/externalLink%s" Target="%s" TargetMode="External"/>'
    named = b"".join(relation % (n, w.RELATIONS.encode(), kind, outside) for n, kind in enumerate((b"", b"Path")))
    page = b'<Relationship Id="p" Type="%s/hyperlink" Target="http://192.0.2.1/" TargetMode="External"/>' % w.RELATIONS.encode()
    space = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    return (
        w.rewritten(w.BOOK_RELATIONS, b"</Relationships>", named + b"</Relationships>")
        | {"xl/worksheets/_rels/sheet1.xml.rels": space % page}
        | {"xl/externalLinks/externalLink1.xml": b'<externalLink xmlns="%s"/>' % w.MAIN}
        | w.after_rows(b'<hyperlinks><hyperlink ref="A9" xmlns:r="%s" r:id="p"/></hyperlinks>' % w.RELATIONS.encode())
    )


TEXTS: Mapping[str, Hostile] = {
    "100 MB in a line": text(lambda data: b"a," * 50 * MIB, TOO_LARGE),
    "60 MB in a line": text(lambda data: b"a," * 30 * MIB, TOO_LARGE, heavy=True),
    "32 MB in a line": text(lambda data: b"a," * 16 * MIB, heavy=True),
    "32 MB in a line of wide letters": text(lambda data: b"a," * 16 * MIB + "😀".encode()),
    "34 MB in a field": text(lambda data: data + b'"' + b"A" * 33 * MIB, heavy=True),
    "NUL": text(lambda data: data.replace(b"2020", b"20\x0020", 1)),
    "NULs only": text(lambda data: bytes(34 * MIB), heavy=True),
    "a quotation mark that is never closed": text(lambda data: data + b'"' + b"a,b\r\n" * 6 * MIB, heavy=True),
    "millions of lines": text(lambda data: b"\n" * 34 * MIB, TOO_LARGE, heavy=True),
    "millions of fields": text(lambda data: (b"," * 16_000 + b"\n") * 2_000, TOO_LARGE, heavy=True),
    "quotation marks only": text(lambda data: b'"' * 34 * MIB, heavy=True),
    "broken encoding": text(lambda data: data + b"\xff\x81\x20" * 10 * MIB),
    "a UTF-16 mark and nothing even": text(lambda data: b"\xff\xfe" + b"\x00\xd8" * 10 * MIB, heavy=True),
    "UTF-7": text(lambda data: b"+AAA-" * 1000, "header_not_found"),
    "a workbook under another name": Hostile(UNREADABLE, w.packed, "目录.csv"),
    "a page of tables in tables": page(TOO_LARGE, lambda: b"<table><tr><td>" * 3 * MIB, heavy=True),
    "a page of one cell over all": page(
        TOO_LARGE, lambda: b"<table>" + b"<tr><td rowspan=65534 colspan=65534>x</td></tr>" * 100 + b"</table>"
    ),
    "a page of tags that never end": page(UNREADABLE, lambda: b"<table" * 5 * MIB, heavy=True),
    "a page of comments that never end": page(UNREADABLE, lambda: b"<!--" * 7 * MIB, heavy=True),
    "a page of attributes": page("header_not_found", lambda: b"<table><tr " + b"a=b " * 7 * MIB + b">", heavy=True),
    "a page of entities": page("header_not_found", lambda: b"<table><tr><td>" + b"&amp;" * 6 * MIB, heavy=True),
    "a page of rows": page(TOO_LARGE, lambda: b"<table>" + b"<tr><td>1" * 3 * MIB, heavy=True),
    "a page of cells": page(TOO_LARGE, lambda: b"<table>" + (b"<tr>" + b"<td>1" * 200) * 30_000),
    "an XML spreadsheet": page(
        UNREADABLE, lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    ),
    "an empty file": Hostile(UNREADABLE, lambda: b""),
    "an empty text": Hostile("header_not_found", lambda: b"", "目录.csv"),
    "a picture": Hostile(UNREADABLE, lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000)),
}
