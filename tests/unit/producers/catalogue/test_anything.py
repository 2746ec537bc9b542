"""Whatever comes in: a report or a refusal, never another error, and nothing wrong accepted."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.catalogue.report import CatalogueReport
from schemas import uscc
from schemas.errors import FileRefused
from tests.unit.producers.catalogue.catalogues import LABELS, csv_bytes, grid, read, rewritten, row, xlsx

XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30)
CELLS = st.one_of(
    st.none(),
    XML_TEXT,
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1901, 1, 1), date(2500, 1, 1)),
    st.times().map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(
        [
            "同上",
            "〃",
            "/",
            "合计",
            "小计",
            "一、某类",
            "长期",
            "三年",
            "2021.3.1-2024.2.29",
            "=1+1",
            "详见附件",
            "9.1E+17",
        ]
    ),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(list(LABELS)), CELLS, max_size=6), max_size=4)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _read(data: bytes, name: str) -> CatalogueReport | None:
    try:
        return read(data, name)
    except FileRefused:
        return None


def _is_sound(report: CatalogueReport) -> None:
    numbers = [one.row for one in report.rows] + [one.row for one in report.layout]
    assert len(numbers) == len(set(numbers))
    for one in report.rows:
        assert (one.entry is not None) == (one.outcome == "accept")
        assert bool(one.reasons) == (one.outcome != "accept")
        if one.entry is not None:
            assert uscc.is_valid(one.entry.uscc)
            assert one.entry.valid_from <= one.entry.valid_to
            assert one.entry.certificate_no.startswith("CSLX-")


@FEW
@given(ROWS)
def test_random_cells_of_a_workbook(changes: list[dict[str, Any]]) -> None:
    """Random cells in a good table give a sound report."""
    report = read(xlsx(grid([row(0), *(row(number, **one) for number, one in enumerate(changes, 1))])))
    _is_sound(report)


@FEW
@given(ROWS, st.sampled_from(["gb18030", "utf-8"]))
def test_random_cells_of_a_csv(changes: list[dict[str, Any]], encoding: str) -> None:
    """The same in CSV."""
    report = _read(csv_bytes(grid([row(0), *(row(n, **one) for n, one in enumerate(changes, 1))]), encoding), "目录.csv")
    if report is not None:
        _is_sound(report)


@FEW
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_random_sheets(cells: list[list[Any]]) -> None:
    """A sheet of anything."""
    _read(xlsx(cells), "目录.xlsx")
    _read(csv_bytes(cells or [[]], "utf-8"), "目录.csv")


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["目录.xlsx", "目录.csv", "目录.xls", "目录", "目录.ods"]),
    st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]),
)
def test_random_bytes(data: bytes, name: str, magic: bytes) -> None:
    """Bytes of anything under any name."""
    _read(magic + data, name)


HEAD = "".join(f"<th>{label}</th>" for label in LABELS.values())
LINE = "".join(f"<td>{value or ''}</td>" for value in row(1).values())
PIECES = st.sampled_from(
    [
        *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td rowspan=3>", "<td colspan='2'>", "<td rowspan=99999>"),
        *("<s>", "</s>", "<br/>", "<!--", "-->", "<tr style='display:none'>", "<td x:num>", "<td x:num='1e400'>", "<td style="),
        *(
            "&nbsp;",
            "&#x110000;",
            "&#0;",
            "<",
            ">",
            '"',
            "合计",
            "同上",
            "44256",
            HEAD,
            LINE,
            f"<tr>{HEAD}</tr>",
            f"<tr>{LINE}</tr>",
        ),
    ]
)
MARKS = st.sampled_from(
    ['"', '""', ",", "\t", ";", "|", "\r\n", "\n", "\r", "'", "=", " ", "\ufeff", "合计", "小计", "同上", "长期"]
)
TABLE = "\n".join(",".join(str(value or "") for value in line) for line in grid([row(1), row(2)]))


@FEW
@given(st.lists(PIECES | XML_TEXT, max_size=40), st.sampled_from(["gb18030", "utf-8", "utf-16"]))
def test_random_pages(pieces: list[str], encoding: str) -> None:
    """A web page of any tags in any order, a table within it perhaps."""
    report = _read(("<html><table>" + "".join(pieces)).encode(encoding), "目录.xls")
    if report is not None:
        _is_sound(report)


@FEW
@given(
    st.lists(st.tuples(st.integers(0, len(TABLE)), MARKS | XML_TEXT), max_size=8),
    st.sampled_from(["gb18030", "utf-8-sig", "utf-16"]),
)
def test_random_texts(more: list[tuple[int, str]], encoding: str) -> None:
    """A sound table as text, with marks and words anywhere in it."""
    text = TABLE
    for place, words in more:
        text = text[:place] + words + text[place:]
    for name in ("目录.csv", "目录.xls"):
        report = _read(text.encode(encoding), name)
        if report is not None:
            _is_sound(report)


WHOLE = xlsx(grid([row(1), row(2)]))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_packages(data: st.DataObject) -> None:
    """A workbook with bytes changed anywhere in the archive."""
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    _read(bytes(damaged), "目录.xlsx")


def _damage(position: float, piece: bytes, length: int) -> Callable[[bytes], bytes]:
    def change(part: bytes) -> bytes:
        start = int(position * len(part))
        return part[:start] + piece + part[start + length :]

    return change


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["sheet1.xml", "styles.xml", "workbook.xml", ".rels", "[Content_Types].xml", "sharedStrings.xml"]),
    st.floats(0, 1),
    st.one_of(st.binary(max_size=6), st.sampled_from([b"9" * 30, b"-1", b'"', b"<f>1</f>", b'r="A0"', b't="s"'])),
    st.integers(0, 12),
)
def test_damaged_parts(part: str, position: float, piece: bytes, length: int) -> None:
    """A workbook whose parts were changed inside a whole archive."""
    _read(rewritten(WHOLE, part, _damage(position, piece, length)), "目录.xlsx")


@pytest.mark.parametrize("number", [1e308, -1e308, 10**400, 0.1])
def test_numbers_beyond_sense(number: float) -> None:
    """Numbers of any size in any column."""
    report = read(csv_bytes(grid([row(1, **dict.fromkeys(LABELS, number))])), "目录.csv")
    assert report.rows[0].outcome == "reject"
