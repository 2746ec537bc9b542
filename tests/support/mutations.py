"""Sound catalogues of every format, spoiled at random: bytes, stretches, members of the archive, tokens of the text."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support.hostile.zips import archive, member
from tests.unit.producers.catalogue.catalogues import TITLE, csv_bytes, grid, row, xlsx

TOKEN = re.compile(rb"<[^<>]*>|[^<>]+")
WORD = re.compile(rb'"[^"]*"|\d+|[^"\d]+')
SPLICED = (
    *(b"", b"0", b"-1", b"9" * 400, b"1e308", b"1E+17", b"NaN", b"\x00", b"\xff\xfe", b'"', b'""', b",", b"\r\n", b"=1+1"),
    *(b"<", b">", b"/>", b"</c>", b"<row>", b"<c>", b"<!--", b"-->", b"<![CDATA[", b"&#x110000;", b"&a;", b"<?x?>"),
    *(b"<!DOCTYPE a>", b"<table>", b"</table>", b"<td rowspan=9>", b"<s>", "同上".encode(), "\u202e\u200b".encode(), b"\xe5\xb7"),
    *(b'r="A1"', b't="s"', b't="d"', b's="99"', b'xmlns="x"', b'ref="A1:XFD9"', b"\xed\xa0\x80", "😀".encode(), b"_x0000_"),
)


def _page(rows: list[list[object]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{value or ''}</td>" for value in line) + "</tr>" for line in rows)
    return f"<html><body><table border=1>{body}</table></body></html>"


@dataclass(frozen=True)
class Sound:
    """A sound file: its name, its bytes, and how its text is encoded, unless it is a workbook."""

    file: str
    data: bytes
    encoding: str | None = None


def catalogues() -> Mapping[str, Sound]:
    """The same catalogue in every format."""
    cells = grid([row(number) for number in range(1, 5)])
    page = _page([[TITLE], *cells[1:]])
    return {
        "workbook": Sound("目录.xlsx", xlsx(cells, lambda sheet: sheet.merge_cells("A1:P1"))),
        **{name: Sound("目录.csv", csv_bytes(cells, name), name) for name in ("gb18030", "utf-8", "utf-8-sig")},
        "utf-16": Sound("目录.csv", csv_bytes(cells, "utf-16", "\t"), "utf-16"),
        "tab text": Sound("目录.xls", csv_bytes(cells, "gb18030", "\t"), "gb18030"),
        "web page": Sound("目录.xls", page.encode("gb18030"), "gb18030"),
    }


def spoiled(rng: random.Random, sound: Sound) -> bytes:
    """The file after one to four mutations: of parts or text, and then, in some, of the bytes it is stored in."""
    data = sound.data if sound.encoding is None else sound.data.decode(sound.encoding).encode()
    for _ in range(rng.randint(1, 4)):
        data = parts_changed(rng, data) if sound.encoding is None else rng.choice(_OF_TEXTS)(rng, data)
    if sound.encoding is not None:
        data = data.decode("utf-8", "replace").encode(sound.encoding, "replace")
    return rng.choice(_OF_BYTES)(rng, data) if rng.random() < 0.2 else data


def flipped(rng: random.Random, data: bytes) -> bytes:
    """One bit the other way, in up to eight places."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8) if out else 0):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _stretch(rng: random.Random, data: bytes) -> tuple[int, int]:
    begin = rng.randint(0, len(data))
    return begin, min(len(data), begin + rng.choice((1, 4, 30, 300, 3_000)))


def cut(rng: random.Random, data: bytes) -> bytes:
    """A stretch is missing."""
    begin, end = _stretch(rng, data)
    return data[:begin] + data[end:]


def repeated(rng: random.Random, data: bytes) -> bytes:
    """A stretch is there twice, or at another place."""
    begin, end = _stretch(rng, data)
    at = rng.choice((end, rng.randint(0, len(data))))
    return data[:at] + data[begin:end] + data[at:]


def truncated(rng: random.Random, data: bytes) -> bytes:
    """The end is missing."""
    return data[: rng.randint(0, len(data))]


def spliced(rng: random.Random, data: bytes) -> bytes:
    """Something that means something in XML, HTML or CSV, where nobody expects it."""
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(SPLICED) + data[at:]


def tokens_changed(rng: random.Random, data: bytes) -> bytes:
    """Tags and texts between them left out, doubled, exchanged, or with another word inside."""
    tokens = TOKEN.findall(data)
    if len(tokens) < 2:
        return spliced(rng, data)
    a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    kind = rng.randrange(5)
    if kind == 0:
        tokens[a] = b""
    elif kind == 1:
        tokens[a] *= rng.choice((2, 3, 50))
    elif kind == 2:
        tokens[a], tokens[b] = tokens[b], tokens[a]
    else:
        words = WORD.findall(tokens[a])
        place = rng.randrange(len(words))
        words[place] = rng.choice((*SPLICED, *WORD.findall(tokens[b])))
        tokens[a] = b"".join(words)
    return b"".join(tokens)


def parts_changed(rng: random.Random, data: bytes) -> bytes:
    """One part inside of a whole archive spoiled, two of them exchanged, one left out, doubled or renamed."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [(one.filename, package.read(one)) for one in package.infolist()]
    a, b = rng.sample(range(len(parts)), 2)
    kind = rng.randrange(10)
    if kind == 0:
        parts[a], parts[b] = (parts[a][0], parts[b][1]), (parts[b][0], parts[a][1])
    elif kind == 1:
        del parts[a]
    elif kind == 2:
        parts.append(parts[a])
    elif kind == 3:
        parts[a] = (parts[a][0] + rng.choice((".bak", "\u200b", "/")), parts[a][1])
    else:
        how = rng.choice((flipped, cut, repeated, truncated, spliced, *[tokens_changed] * 6))
        parts[a] = (parts[a][0], how(rng, parts[a][1]))
    return archive([member(name, content) for name, content in parts])


Mutation = Callable[[random.Random, bytes], bytes]
_OF_TEXTS: tuple[Mutation, ...] = (flipped, cut, repeated, truncated, spliced, tokens_changed, tokens_changed)
_OF_BYTES: tuple[Mutation, ...] = (flipped, cut, truncated, repeated)
