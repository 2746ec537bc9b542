"""Cells whose text is the city's own: names, numbers, codes, models, standards; each canonical, or with a reason."""

import re
from collections.abc import Callable
from typing import NamedTuple

from producers.catalogue.privacy import masked
from producers.catalogue.sheet import Cell, CellKind, squeeze
from producers.city_file import CityFile
from schemas import text, uscc

MAX_NAME = 300
MAX_CERTIFICATE = 64
MAX_MODELS = 200
MAX_STANDARDS = 50

_FORMULA = re.compile(r"[=@]|[+-](?:[^\W\d_]|[(\[（［])")
_FORMER_NAME = re.compile(
    r"[(（\[【〔]\s*(?:原名|原(?!材料|料|生态|创)|曾用名?|前身|曾名|旧名|更名前|变更前)|曾用名|更名为|现更名|(?:公司|厂|院|所|社|中心)[\s,，;；、/]*原.{4,}"
)
_ATTACHED = re.compile(
    r"^(?:附后|后附|另附|如附|附件|附表|同附件)|^(?:多|各|若干|全部)(?:种|类|个)?(?:规格|型号|系列)|(?:见|参照|附于).{0,10}(?:附|清单|证书|报告|后页|背面|目录|明细|备注)|等\d+[个种款]|等(?:型号|规格|系列)*$"
)
_MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_AUTOCONVERTED = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}[/-]\d{1,2}[/-]\d{1,2}(?: 0?0:00(?::00)?)?"
    rf"|\d{{1,2}}-{_MONTHS}|{_MONTHS}-\d{{2}}",
    re.IGNORECASE,
)
_TEXT, _NUMBER, _DATE, _ERROR = CellKind.TEXT, CellKind.NUMBER, CellKind.DATE, CellKind.ERROR  # the class takes longer
_LOST = re.compile("[\ufffd\ue000-\uf8ff]|锟斤拷|烫烫烫|屯屯屯")
"""U+FFFD, the private use area, where converters put characters they had no place for, and what both look like in GBK."""


class TextRead(NamedTuple):
    """A canonical text (None when blank or unusable) with reason codes and warnings."""

    value: str | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class ListRead(NamedTuple):
    """Canonical texts, in order, with reason codes and warnings."""

    value: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def is_formula_like(cell: Cell) -> bool:
    """Whether a program that opens the text would take it for a formula; the mark that Excel hides it behind aside."""
    if cell.text[:1].isalnum() or cell.kind is not _TEXT:
        return False
    return _FORMULA.match(squeeze(cell.text).lstrip("'")) is not None


def has_lost_characters(cell: Cell, *, is_remark: bool = False) -> bool:
    """Whether characters were lost in an encoding. A remark may ask a question; nothing else may hold `?`."""
    if cell.kind is not _TEXT:
        return False
    asks = re.search(r"\?\?|\?(?=\w)", cell.text) if is_remark else "?" in cell.text
    return bool(asks) or (not cell.text.isascii() and _LOST.search(cell.text) is not None)


def _is_absent(cell: Cell) -> bool:
    return cell.is_blank or cell.kind is _ERROR or text.is_placeholder(cell.text)


def read_name(cell: Cell, normal: Callable[[str], text.Normal], missing: str) -> TextRead:
    """An enterprise or product name. Without a letter, or too long to be one, it counts as missing."""
    if _is_absent(cell):
        return TextRead(reasons=(missing,))
    name = normal(cell.text)
    if not any(letter.isalpha() for letter in name.value) or len(name.value) > MAX_NAME:
        return TextRead(reasons=(missing,))
    return TextRead(name.value, (), name.warnings)


def holds_more_than_name(cell: Cell) -> bool:
    """A former name, or something about a person, beside the name."""
    if cell.kind is not _TEXT:
        return False
    return _FORMER_NAME.search(cell.text) is not None or masked(cell.text) != cell.text


def read_uscc(cell: Cell, city_file: CityFile) -> TextRead:
    """The code; `value` only when both its checks pass."""
    if cell.kind is _NUMBER:
        return TextRead(reasons=("uscc_precision_lost",))
    if _is_absent(cell):
        return TextRead(reasons=("uscc_missing",))
    code = text.uscc_text(cell.text)
    reason = uscc.problem(code.value)
    if reason is not None:
        return TextRead(reasons=(reason,))
    notes = list(code.warnings)
    if uscc.region(code.value)[:4] not in (city_file.city.code[:4], city_file.city.code[:2] + "00"):
        notes.append("registered_outside_city")
    if not uscc.is_enterprise(code.value):
        notes.append("non_enterprise_body")
    return TextRead(code.value, (), tuple(notes))


def read_certificate(cell: Cell, city_file: CityFile) -> TextRead:
    """The certificate number; `value` also when its form is unknown, so that copies and doubles are seen."""
    if _is_absent(cell):
        return TextRead(reasons=("certificate_missing",))
    number = text.certificate_no(cell.text)
    if not number.value:
        return TextRead(reasons=("certificate_missing",))
    if any(_has_prefix(number.value, prefix) for prefix in city_file.other_prefixes):
        return TextRead(number.value[:MAX_CERTIFICATE], ("wrong_issuer",))
    if not city_file.certificate_pattern.fullmatch(number.value) or len(number.value) > MAX_CERTIFICATE:
        return TextRead(number.value[:MAX_CERTIFICATE], ("certificate_pattern",))
    return TextRead(number.value, (), number.warnings)


def _has_prefix(number: str, prefix: str) -> bool:
    return number.startswith(prefix) and not "A" <= number[len(prefix) : len(prefix) + 1] <= "Z"


def read_models(cell: Cell) -> ListRead:
    """The models of a product; none for a blank cell or a placeholder."""
    if cell.is_blank:
        return ListRead()
    if cell.kind is _ERROR:
        return ListRead(reasons=("encoding_loss",))
    if cell.kind is _DATE or _AUTOCONVERTED.fullmatch(cell.text.strip()):
        return ListRead(reasons=("model_autoconverted_date",))
    if text.is_placeholder(cell.text):
        return ListRead(warnings=("model_placeholder_null",))
    if _ATTACHED.search(squeeze(cell.text)):
        return ListRead(reasons=("model_in_attachment",))
    models, notes = text.models(cell.text)
    if len(models) > MAX_MODELS or any(len(model) > MAX_NAME for model in models):
        return ListRead(reasons=("model_in_attachment",))
    numbers = ("model_number_to_text",) if cell.kind is _NUMBER else ()
    return ListRead(models, (), (*numbers, *notes))


def read_category(cell: Cell) -> TextRead:
    """The category in the city's words; None when blank."""
    if cell.is_blank or (cell.kind is _TEXT and text.is_placeholder(cell.text)):
        return TextRead()
    category = text.plain(masked(cell.text))
    if len(category.value) > MAX_NAME or cell.kind in (_ERROR, _DATE):
        return TextRead(reasons=("encoding_loss",))
    return TextRead(category.value or None, (), category.warnings)


def read_standards(cell: Cell) -> ListRead:
    """The standards, split on `；;、` and line breaks; none when blank, and none where only a placeholder stands."""
    if cell.is_blank or (cell.kind is _TEXT and text.is_placeholder(cell.text)):
        return ListRead()
    parts = [text.standard(part) for part in re.split(r"[；;、\r\n]+", cell.text)]
    values = tuple(dict.fromkeys(part.value for part in parts if part.value and not text.is_placeholder(part.value)))
    too_long = len(values) > MAX_STANDARDS or any(len(value) > MAX_NAME for value in values)
    if too_long or cell.kind in (_ERROR, _DATE):
        return ListRead(reasons=("encoding_loss",))
    return ListRead(values, (), tuple(warning for part in parts for warning in part.warnings))
