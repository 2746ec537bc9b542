"""Tells the rows of a sheet apart: data, and what is there for the eye (titles, headings, totals, notes, blanks)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from producers.catalogue.header import Header
from producers.catalogue.sheet import CellKind, Sheet, SheetRow, squeeze

_TITLE = re.compile(r"目录|名录|名单|清单|一览表|汇总表|登记表|统计表|台账")
_TOTAL = re.compile(r"(?:全市|本市|目录|全部|总)?(?:合计|总计|共计|累计)(?:[:(,\d共].*)?|共\d+[家个项].*|总共.*")
_SUBTOTAL = re.compile(r".{0,20}(?:小计|分计)(?:[:(,\d共].*)?|.{1,20}(?:合计|总计|共计)(?:[:(,\d共].*)?")
_NOTE = re.compile(
    r"(?:填表)?(?:注|备注|说明|附注|提示|声明)(?:[:1(.、,]|\d*[.、:]).*|[※*★].*|第\d+页.*|共\d+页.*|\(?以下(?:空白|无正文).*"
    r"|(?:填报|填表|制表|审核|复核|经办|打印|负责|联系|主管|单位)(?:人|单位|日期|时间|领导|负责人|电话)?[:(].*"
)
_SECTION = re.compile(
    r"\(?[一二三四五六七八九十百]{1,4}\)?[、.,:)].*"
    r"|第[一二三四五六七八九十\d]+[部类章节批].*|[(\d]{1,3}[)、.]\D.*"
)
_COUNT = re.compile(r"共?\d[\d,]*[家个项种款件条户张]?(?:企业|产品|证书)?|[-/—]*")

_SIGNED = re.compile(
    r".{2,30}(?:局|厅|委|委员会|办公室|政府|中心)(?:\((?:盖章|公章|印章|章)\))?|\(?(?:盖章|公章|签章|签字|签名).*|\d{4}[-年./]\d{1,2}[-月./]\d{1,2}日?"
)
_KEYS = ("enterprise_name", "uscc", "product_name", "certificate_no")

_COLUMN_NUMBER = re.compile(r"\(\d{1,2}\)|\d{1,2}")

MIN_COLUMN_NUMBERS = 5
"""Consecutive numbers side by side that can't be a product any more."""

WIDE = 3
"""Columns a merged text covers at least to be read as a heading wherever it begins."""


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """A row that is not data, and why (a layout code of the reason catalogue)."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """All rows after a header was found. `starts` are the numbers of rows of data that begin a new block."""

    layout: tuple[LayoutRow, ...]
    data: tuple[SheetRow, ...]
    starts: frozenset[int]


def lay_out(sheet: Sheet, header: Header, certificate: re.Pattern[str]) -> Layout:
    """Every row of the sheet with its part: layout with a reason, or data.

    A row with a number of the form `certificate` is data without another look, which is nearly every row.
    """
    body_from = header.first + header.height
    found = _before(sheet.rows[: header.first])
    heads = {LayoutRow(row.number, f"header_{min(i, 1) + 1}") for i, row in enumerate(sheet.rows[header.first : body_from])}
    repeats = {_line(row): reason for row, reason in zip(sheet.rows, (one.reason for one in found), strict=False)}
    reader = _Body(sheet, header, certificate, {line: reason for line, reason in repeats.items() if line})
    data: list[SheetRow] = []
    starts: set[int] = set()
    block_ended = True
    for row in sheet.rows[body_from:]:
        reason = reader.reason_of(row)
        if reason is not None:
            found.append(LayoutRow(row.number, reason))
            block_ended = block_ended or reason in ("section_heading", "subtotal_row", "footer_total")
            continue
        data.append(row)
        if block_ended:
            starts.add(row.number)
        block_ended = False
    while len(data) > 1 and reader.signs(data[-1]):
        found.append(LayoutRow(data.pop().number, "footer_note"))
    totals = (one.row for one in found if one.reason in ("footer_total", "subtotal_row"))
    last = max((data[-1].number, *totals)) if data else 0
    layout = sorted({*found, *heads}, key=lambda one: one.row)
    return Layout(tuple(_tail_is_notes(one, last) for one in layout), tuple(data), frozenset(starts))


def _tail_is_notes(one: LayoutRow, last: int) -> LayoutRow:
    """A lone text after the last row of data and totals heads nothing: it is a note."""
    return LayoutRow(one.row, "footer_note") if one.reason == "section_heading" and one.row > last > 0 else one


def _before(rows: Sequence[SheetRow]) -> list[LayoutRow]:
    """The rows above the header: one is the title, the others say who filed it and when."""
    texts = {row.number: _line(row) for row in rows if not row.is_blank}
    title = next((number for number, text in texts.items() if _TITLE.search(text)), next(iter(texts), 0))
    return [
        LayoutRow(row.number, "title_row" if row.number == title else "meta_row" if row.number in texts else "blank_row")
        for row in rows
    ]


def _line(row: SheetRow) -> str:
    return "".join(squeeze(cell.text) for cell in row.cells if not cell.is_blank)


@dataclass(slots=True)
class _Body:
    """Judges the rows below a header one by one; remembers whether a footer was seen."""

    sheet: Sheet
    header: Header
    certificate: re.Pattern[str]
    repeats: Mapping[str, str]
    after_footer: bool = False

    def reason_of(self, row: SheetRow) -> str | None:
        """The layout code of a row, None for data."""
        if self.certificate.fullmatch(row.at(self.header.columns.get("certificate_no", len(row.cells))).text):
            self.after_footer = False
            return None
        texts = {column: squeeze(cell.text) for column, cell in enumerate(row.cells) if not cell.is_blank}
        if not texts or self._only_numbered(texts):
            return "blank_row"
        if _are_column_numbers(tuple(texts.values())):
            return "header_2"
        repeated = self._repeated_header(texts) or self.repeats.get("".join(texts.values()))
        if repeated is not None:
            return repeated
        reason = self._bare_reason(row, texts) if self._is_bare(row, texts) else None
        self.after_footer = reason in ("footer_total", "footer_note") or (self.after_footer and reason is not None)
        return reason

    def _only_numbered(self, texts: Mapping[int, str]) -> bool:
        """A running number was filled down, but nothing stands beside it."""
        column = self.header.columns.get("seq", -1)
        return set(texts) == {column} and re.fullmatch(r"\d{1,6}", texts[column]) is not None

    def _repeated_header(self, texts: Mapping[int, str]) -> str | None:
        for index, labels in reversed(tuple(enumerate(self.header.own_labels))):
            same = sum(1 for column, text in texts.items() if labels.get(column) == text)
            if same >= min(3, len(labels)) and same * 5 >= len(texts) * 4:
                return f"header_{min(index, 1) + 1}"
        return None

    def _is_bare(self, row: SheetRow, texts: Mapping[int, str]) -> bool:
        """No certificate number and no code: at most a count stands there, or a word of the layout itself."""
        columns = [self.header.columns[field] for field in ("certificate_no", "uscc") if field in self.header.columns]
        first = min(texts)
        inside = [texts[column] for column in columns if column in texts and column != first]
        if first in columns and not (_is_layout_word(texts[first]) or _is_wide(self.sheet, row.number, first)):
            return False
        return all(_COUNT.fullmatch(text) or _is_total(text) or _NOTE.fullmatch(text) for text in inside)

    def _bare_reason(self, row: SheetRow, texts: Mapping[int, str]) -> str | None:
        words = tuple(texts.values())
        if any(_TOTAL.fullmatch(text) for text in words):
            return "footer_total"
        if any(_SUBTOTAL.fullmatch(text) for text in words):
            return "subtotal_row"
        if _NOTE.fullmatch(words[0]):
            return "footer_note"
        if self.after_footer and len(words) <= WIDE:
            return "footer_note"
        if _SECTION.fullmatch(words[0]) and len(words) <= WIDE and self._is_heading(row, texts):
            return "section_heading"
        return "section_heading" if len(words) == 1 and self._is_heading(row, texts) else None

    def _is_heading(self, row: SheetRow, texts: Mapping[int, str]) -> bool:
        """A text that begins in the first column, in the running number, or is merged over several columns."""
        column = min(texts)
        if row.cells[column].kind is not CellKind.TEXT or self._hangs_from_above(row):
            return False
        if _SECTION.fullmatch(texts[column]) or column in (0, self.header.columns.get("seq")):
            return True
        return _is_wide(self.sheet, row.number, column)

    def signs(self, row: SheetRow) -> bool:
        """Whether the last row is no product: a few words where neither firm nor product, code nor number stands.

        So bureaus sign: their name and the day at the right, below the table.
        """
        texts = {column: squeeze(cell.text) for column, cell in enumerate(row.cells) if not cell.is_blank}
        if len(texts) > WIDE or self._hangs_from_above(row):
            return False
        if len(texts) == 1 and _SIGNED.fullmatch(next(iter(texts.values()))):
            return True
        return not any(column in texts for column in self._key_columns())

    def _key_columns(self) -> list[int]:
        return [self.header.columns[field] for field in _KEYS if field in self.header.columns]

    def _hangs_from_above(self, row: SheetRow) -> bool:
        """Whether a merged cell from an earlier row reaches into this one: then it is a product of that row's firm."""
        merges = (self.sheet.merge_at(row.number, column) for column in self._key_columns())
        return any(merge is not None and merge.top < row.number for merge in merges)


def _are_column_numbers(texts: Sequence[str]) -> bool:
    """`(1) (2) (3) …` or `1 2 3 …`: the line of numbers that statistical tables put under their labels."""
    if len(texts) < MIN_COLUMN_NUMBERS or not all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
        return False
    numbers = [int(text.strip("()")) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_total(text: str) -> bool:
    return _TOTAL.fullmatch(text) is not None or _SUBTOTAL.fullmatch(text) is not None


def _is_layout_word(text: str) -> bool:
    return _is_total(text) or _NOTE.fullmatch(text) is not None or _SECTION.fullmatch(text) is not None


def _is_wide(sheet: Sheet, number: int, column: int) -> bool:
    merge = sheet.merge_at(number, column)
    return merge is not None and merge.right - merge.left + 1 >= WIDE
