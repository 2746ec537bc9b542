"""Hostile as a package: under a password, in the old format, bombs, archives that lie, DTDs, cut off."""

from collections.abc import Mapping

from tests.support.hostile import workbooks as w
from tests.support.hostile.case import ENCRYPTED, TOO_LARGE, UNREADABLE, Hostile, book, members
from tests.support.hostile.compound import encrypted_package, old_workbook
from tests.support.hostile.zips import MIB, Member, archive, member, overlapping, zeros


def _zip(members: Mapping[str, bytes]) -> bytes:
    return archive([member(name, content) for name, content in members.items()])


def _nested(levels: int) -> bytes:
    """A ZIP in a ZIP in a ZIP, each some hundred times as large as the one around it."""
    content = bytes(8 * MIB)
    for level in range(levels):
        content = _zip({f"{level}-{copy}.zip": content for copy in range(10)})
    return content


OLD_ROWS = [["长沙市两型产品目录"], ["企业名称", "统一社会信用代码", "产品名称", "规格型号", "认定编号", "有效期至", "状态"]]
DTD_PARTS = (w.SHEET, w.STYLES, w.BOOK, w.BOOK_RELATIONS, w.TYPES, "_rels/.rels", "docProps/core.xml", "xl/theme/theme1.xml")

LOCKED: Mapping[str, Hostile] = {
    "password": Hostile(ENCRYPTED, lambda: encrypted_package(w.sound(), "机密")),
    "password, called xls": Hostile(ENCRYPTED, lambda: encrypted_package(w.sound(), "机密"), "目录.xls"),
    "old workbook": Hostile(UNREADABLE, lambda: old_workbook(OLD_ROWS), "目录.xls"),
    "old workbook, called xlsx": Hostile(UNREADABLE, lambda: old_workbook(OLD_ROWS)),
    "old workbook with password": Hostile(ENCRYPTED, lambda: old_workbook(OLD_ROWS, password=True), "目录.xls"),
    "old workbook cut off": Hostile(UNREADABLE, lambda: old_workbook(OLD_ROWS)[:700], "目录.xls"),
    "member with password": members(ENCRYPTED, lambda found: [_flagged(one, 0x801) for one in found]),
}


def _flagged(one: Member, flags: int) -> Member:
    return Member(one.name, one.packed, one.crc, one.size, one.method, {"flags": flags}, {"flags": flags})


BOMBS: Mapping[str, Hostile] = {
    "4 GB of zeros": members(TOO_LARGE, lambda found: [*found, zeros("xl/media/image1.xml", 4096)]),
    "4 GB of zeros as the sheet": members(
        TOO_LARGE, lambda found: [zeros(w.SHEET, 4096) if one.name == w.SHEET else one for one in found]
    ),
    "4 GB that call themselves 1 KB": members(UNREADABLE, lambda found: [_shrunk(one) for one in found]),
    "250 MB of zeros as the sheet": members(
        UNREADABLE, lambda found: [zeros(w.SHEET, 250) if one.name == w.SHEET else one for one in found], heavy=True
    ),
    "nested archives": Hostile(UNREADABLE, lambda: _nested(3)),
    "nested archives in a workbook": book(None, lambda: {"xl/embeddings/1.zip": _nested(3)}, heavy=True),
    "overlapping members": Hostile(
        TOO_LARGE, lambda: overlapping([w.TYPES, *(f"xl/worksheets/sheet{n}.xml" for n in range(200))], bytes(2 * MIB)), heavy=True
    ),
    "a few overlapping members": Hostile(
        UNREADABLE, lambda: overlapping([w.TYPES, *(f"xl/worksheets/sheet{n}.xml" for n in range(20))], bytes(10 * MIB))
    ),
    "every part the same bytes": Hostile(UNREADABLE, lambda: _one_body()),
    "60,000 members": book(TOO_LARGE, lambda: {f"xl/media/{n}.png": b"" for n in range(60_000)}, heavy=True),
    "6,000 members": book(TOO_LARGE, lambda: {f"xl/media/{n}.png": b"" for n in range(6_000)}),
    "one sheet a hundred times": book(UNREADABLE, lambda: w.sheets_more(100, w.SHEET)),
    "hundreds of sheets": book(TOO_LARGE, lambda: w.sheets_more(300, w.SHEET)),
}


def _shrunk(one: Member) -> Member:
    if one.name != w.SHEET:
        return one
    large = zeros(w.SHEET, 4096)
    return Member(large.name, large.packed, one.crc, 1000)


def _one_body() -> bytes:
    """All members of the directory point to the first one's bytes."""
    found = list(w.members())
    return archive([found[0], *(Member(one.name, one.packed, one.crc, one.size, at=0) for one in found[1:])])


CLAIMS: Mapping[str, Hostile] = {
    "size told too small": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"size": 100}, "local": {"size": 100}})),
    "size told too large": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"size": 10**8}})),
    "packed size told too small": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"packed_size": 50}})),
    "packed size told too large": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"packed_size": 10**9}})),
    "checksum": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"crc": 1}, "local": {"crc": 1}})),
    "offset beyond the end": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"offset": 2**31}})),
    "other name in its own header": Hostile(UNREADABLE, lambda: w.packed(sheet1={"local": {"name": "xl/worksheets/sheet2.xml"}})),
    "unknown compression": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"method": 99}, "local": {"method": 99}})),
    "stored, says its header": Hostile(UNREADABLE, lambda: w.packed(sheet1={"central": {"method": 0}})),
    "the same name twice": members(UNREADABLE, lambda found: [*found, member(w.SHEET, b"<worksheet/>")]),
    "the same name in other letters": book(UNREADABLE, lambda: {"XL/Workbook.xml": b"<workbook/>"}),
    "name that climbs": book(UNREADABLE, lambda: {"../../evil.xml": b"<x/>"}),
    "name that climbs with backslashes": book(UNREADABLE, lambda: {"xl\\..\\..\\evil.xml": b"<x/>"}),
    "absolute name": book(UNREADABLE, lambda: {"/etc/cron.d/evil": b"x"}),
    "name of a drive": book(UNREADABLE, lambda: {"C:/evil.xml": b"<x/>"}),
    "name with NUL": book(UNREADABLE, lambda: {"xl/evil\x00.xml": b"<x/>"}),
    "relation that climbs": book(
        UNREADABLE, lambda: w.rewritten(w.BOOK_RELATIONS, b"/xl/worksheets/sheet1.xml", b"../../../../etc/hostname")
    ),
    "dimension A1:A1": book(None, lambda: _dimension(b"A1:A1")),
    "dimension A1:XFD1048576": book(None, lambda: _dimension(b"A1:XFD1048576")),
    "dimension that is none": book(None, lambda: _dimension(b"XFE9999999999")),
}


def _dimension(claimed: bytes) -> w.Parts:
    before = w.parts()[w.SHEET].split(b'<dimension ref="')[1].split(b'"')[0]
    return w.rewritten(w.SHEET, b'<dimension ref="%s"' % before, b'<dimension ref="%s"' % claimed)


def _declared(part: str, doctype: bytes, *, heavy: bool = False) -> Hostile:
    return book(UNREADABLE, lambda: w.declared(part, doctype), heavy=heavy)


DTDS: Mapping[str, Hostile] = {
    **{f"laughs in {part}": _declared(part, w.LAUGHS) for part in DTD_PARTS},
    **{f"outside entity in {part}": _declared(part, w.OUTSIDE, heavy=part != w.SHEET) for part in DTD_PARTS},
    "laughs in shared texts": book(UNREADABLE, lambda: w.with_strings(w.LAUGHS + b"<sst><si><t>&a9;</t></si></sst>")),
    "laughs in UTF-16": book(UNREADABLE, lambda: {w.SHEET: (w.LAUGHS + b"<worksheet>&a9;</worksheet>").decode().encode("utf-16")}),
    "laughs behind a long comment": _declared("docProps/core.xml", b"<!--%s-->" % (b"A" * 500_000) + w.LAUGHS),
}


def _cut_off(share: int) -> Hostile:
    """The first so many hundredths of a workbook, all but its last byte at 100."""
    return Hostile(
        UNREADABLE, lambda: w.sound()[: min(len(w.sound()) * share // 100, len(w.sound()) - 1)], heavy=share not in (50, 99)
    )


CUT: Mapping[str, Hostile] = {f"cut off at {share} %": _cut_off(share) for share in (1, 25, 50, 75, 95, 99, 100)}
