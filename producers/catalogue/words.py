"""Cells whose words come from a list: status, batch, district; and what a remark says about the status."""

from typing import NamedTuple

from producers.catalogue.dates import cn_number
from producers.catalogue.privacy import masked
from producers.catalogue.sheet import Cell, CellKind, squeeze
from producers.city_file import CityFile
from schemas import text
from schemas.entry import SourceStatus, StatusReason

_PUNCTUATION = "。.,，、;；:：!！()（）[]【】\"“”'‘’*·-—√✓✔"
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEARS = range(2000, 2100)
MAX_STATUS_TEXT = 500
_ACTIVE, _WITHDRAWN = SourceStatus.ACTIVE, SourceStatus.WITHDRAWN  # asking the class takes ten times as long


class StatusRead(NamedTuple):
    """A status with its canonical words, or a reason code."""

    status: SourceStatus | None = None
    words: str = ""
    reason: str | None = None
    warnings: tuple[str, ...] = ()


class WordRead(NamedTuple):
    """A canonical value (None when the cell is blank), or a reason code."""

    value: str | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()


def read_status(cell: Cell, city_file: CityFile) -> StatusRead:
    """The status a cell says; white space and punctuation around it don't count."""
    if _is_dash(cell):
        return StatusRead(reason="status_missing")
    words = masked(text.plain(cell.text).value)[:MAX_STATUS_TEXT]
    bare = squeeze(cell.text).strip(_PUNCTUATION)
    for status, known in city_file.statuses.items():
        if bare in known.words and squeeze(cell.text) == bare:
            return StatusRead(status, words)
        if bare in known.words or bare in known.synonyms:
            return StatusRead(status, words, warnings=("status_synonym",))
    return StatusRead(words=words, reason="status_unknown")


def status_reason(status: SourceStatus, words: str, remark: str | None, city_file: CityFile) -> StatusReason | None:
    """Why an entry is suspended or withdrawn: from the remark, else from the status cell.

    A withdrawal always has a reason, `other` with the status cell's words when nothing names one; a suspension has one
    only when words are there.
    """
    if status is _ACTIVE:
        return None
    for said in (remark or "", words):
        code = _reason_of(said, city_file)
        if code:
            return StatusReason.model_validate({"code": code, "text": said[:MAX_STATUS_TEXT]})
    if status is _WITHDRAWN:
        return StatusReason(code="other", text=words)
    return StatusReason(code="other", text=remark[:MAX_STATUS_TEXT]) if remark else None


def _reason_of(said: str, city_file: CityFile) -> str | None:
    return next((code for code, words in city_file.status_reasons.items() if words.search(said)), None)


def remark_contradicts(status: SourceStatus, remark: str | None, city_file: CityFile) -> bool:
    """Whether the remark says that the entry is withdrawn (or suspended) and the status says it isn't."""
    if not remark or status is _WITHDRAWN:
        return False
    squeezed = squeeze(remark)
    if city_file.withdrawn_remark.search(squeezed):
        return True
    return status is _ACTIVE and city_file.suspended_remark.search(squeezed) is not None


def read_batch(cell: Cell, city_file: CityFile) -> WordRead:
    """`2020-1` from any form the city's file lists; None for a blank cell."""
    if _is_dash(cell):
        return WordRead()
    written = squeeze(cell.text)
    if cell.kind is not CellKind.TEXT:
        return WordRead(reason="batch_unknown")
    for form in city_file.batch_forms:
        found = form.fullmatch(written)
        if found is not None:
            year, number = _year(found["year"]), cn_number(found["number"])
            if year in _YEARS and number > 0:
                return WordRead(f"{year}-{number}")
    return WordRead(reason="batch_unknown")


def _year(written: str) -> int:
    return int(written.translate(_DIGITS))


def read_district(cell: Cell, city_file: CityFile) -> WordRead:
    """The six-digit code of a district name or code of this city; None for a blank cell."""
    if _is_dash(cell):
        return WordRead()
    written = squeeze(cell.text)
    alias = city_file.district_aliases.get(written)
    if alias is not None:
        return WordRead(alias)
    found = city_file.divisions.read(text.plain(cell.text).value)
    return WordRead(reason="district_unknown") if found is None else WordRead(found[0], None, tuple(found[1]))


def read_remark(cell: Cell) -> str | None:
    """The remark as text, without phone numbers and the names before them; None when blank."""
    if cell.is_blank:
        return None
    return masked(text.plain(cell.text).value) or None


def _is_dash(cell: Cell) -> bool:
    """Blank, or a mark for nothing. Words for nothing (待定, 不详) are words: they are not in the city's lists."""
    return cell.is_blank or (text.is_placeholder(cell.text) and not any(map(str.isalnum, cell.text)))
