"""Normal forms of the texts in an entry: what two ways of writing the same have in common."""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from schemas import folding

_INVISIBLE = re.compile(f"[{folding.INVISIBLE}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_SPACE_OUTSIDE_LATIN = re.compile(r"(?<![0-9A-Za-zÀ-ɏ]) | (?![0-9A-Za-zÀ-ɏ])")
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000\uffe0-\uffe6]")
_TEXT_PREFIX = re.compile(rf"^(?:[\t ]*[{folding.APOSTROPHES}]+|\t+)")
_TIMES = re.compile(rf"(?<=[\d{folding.SUPERSCRIPTS}])\s*[xX*×]\s*(?=\d)")
_EXPONENT = re.compile(rf"(?<=\d)[{folding.SUPERSCRIPTS}]+")
_MODEL_SEPARATORS = re.compile(f"[{folding.MODEL_SEPARATORS}]+")
_CODE_SEPARATORS = re.compile(f"[-{folding.DOTS}]+")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]*)?E\+?[0-9]{1,3}")
_PLACEHOLDER = re.compile(r"[-/\\_~*.·…]*|暂?无|没有|无型号|空|未填写?|不详|待定|待补充?|n[/.]?a\.?|none|null|nil", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:"
    r"(?:\+?86[-\s]?)?(?:1\d{10}|1[3-9]\d[-\s.]?\d{4}[-\s.]?\d{4})"  # mobile
    r"|\(?0(?:10|2\d|[3-9]\d{2})\)?[-\s]?[1-9]\d{2,3}[-\s]?\d{4}"  # landline with area code
    r"|[48]00[-\s]?\d{3}[-\s]?\d{4}|[48]00[-\s]?\d{4}[-\s]?\d{3}"  # service number
    r"|(?<=电话)[:\s]*[1-9]\d{2,3}[-\s]?\d{4}|(?<=致电)[:\s]*[1-9]\d{2,3}[-\s]?\d{4}"
    r")(?:(?:转|-)\d{1,5})?(?![\dA-Za-z])"
)
_PHONE_FORMS = str.maketrans("０１２３４５６７８９（）＋：－—–", "0123456789()+:---")
_MASK = "***"

_NAME_NEEDS_WORK = re.compile(f"[^!-'*-~（）\u4e00-\u9fff]|[{''.join(map(chr, folding.TO_SIMPLIFIED))}]")
_PLAIN_CODE = re.compile("[0-9A-Z]+")
_PLAIN_NUMBER = re.compile("[0-9A-Z]+(?:-[0-9A-Z]+)*")
_PLAIN = re.compile("[!-~\u4e00-\u9fff]*")
_SAYS_MORE = re.compile("[0-9]|[A-Za-z\u4e00-\u9fff]{7}")
"""What no word for "nothing" holds: a digit, or so many letters in a row."""

_PLAIN_MODEL = re.compile("[!-)+-WYZ[-wyz{-~]+")
"""Visible ASCII without `*`, `x` and `X`: most names and models are plain and done at once."""


class Normal(NamedTuple):
    """A normal form, and the names of the warnings (REASONS.md) that say what was put right."""

    value: str
    warnings: tuple[str, ...]


_Step = tuple[str, Callable[[str], str]]
"""The warning for a change, and the change."""


def _settled(raw: str, *steps: _Step) -> Normal:
    """The text after all steps, taken in turn until none changes anything: so a normal form is its own."""
    value, before = _SURROGATE.sub("\ufffd", raw), None
    warnings: dict[str, None] = {}
    while value != before:
        before = value
        for warning, change in steps:
            after = change(value)
            if after != value:
                warnings[warning] = None
            value = after
    return Normal(value, tuple(warnings))


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _without_spaces(text: str) -> str:
    return _SPACES.sub("", _visible(text))


def _single_spaces(text: str) -> str:
    return _SPACES.sub(" ", _visible(text)).strip()


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _half_width(text: str) -> str:
    return _FULL_WIDTH.sub(lambda found: _nfkc(found[0]), text)


def _hyphens(text: str) -> str:
    return text.translate(folding.TO_HYPHEN)


def enterprise_name(raw: str) -> Normal:
    """The name of a firm: no white space, simplified characters, full-width brackets."""
    return _name(raw, _without_spaces)


def product_name(raw: str) -> Normal:
    """The name of a product: like that of a firm, but one space stays between Latin words and numbers."""
    return _name(raw, lambda text: _SPACE_OUTSIDE_LATIN.sub("", _single_spaces(text)))


def _name(raw: str, spaces: Callable[[str], str]) -> Normal:
    if not _NAME_NEEDS_WORK.search(raw):
        return Normal(raw, ())
    return _settled(
        raw,
        ("whitespace_stripped", spaces),
        ("symbols_normalised", _nfc),
        ("traditional_to_simplified", lambda text: text.translate(folding.TO_SIMPLIFIED)),
        ("brackets_normalised", lambda text: text.translate(folding.BRACKETS)),
    )


def certificate_no(raw: str) -> Normal:
    """The number of a certificate: NFKC, upper case, `-` for every dash, no white space."""
    if _PLAIN_NUMBER.fullmatch(raw):
        return Normal(raw, ())
    return _settled(raw, *_CODE_STEPS)


def uscc_text(raw: str) -> Normal:
    """What was meant as a unified social credit code: as a certificate number, without dashes and dots.

    A number in scientific notation keeps its dot, so that it is seen as one (`schemas.uscc.problem`).
    """
    if _PLAIN_CODE.fullmatch(raw):
        return Normal(raw, ())
    return _settled(raw, *_CODE_STEPS, ("separators_stripped", _without_separators))


def _without_separators(text: str) -> str:
    return text if _SCIENTIFIC.fullmatch(text) else _CODE_SEPARATORS.sub("", text)


_CODE_STEPS: tuple[_Step, ...] = (
    ("whitespace_stripped", _visible),
    ("text_prefix_stripped", lambda text: _TEXT_PREFIX.sub("", text)),
    ("whitespace_stripped", _without_spaces),
    ("fullwidth_normalised", _half_width),
    ("symbols_normalised", lambda text: _hyphens(_nfkc(_hyphens(text)))),
    ("case_normalised", str.upper),
)


def standard(raw: str) -> Normal:
    """A standard's number and title as written, trimmed, with one space for any run of white space."""
    return plain(raw)


def plain(raw: str) -> Normal:
    """A text as written, trimmed, without invisible characters, with one space for any run of white space."""
    if _PLAIN.fullmatch(raw):
        return Normal(raw, ())
    return _settled(raw, ("whitespace_stripped", _single_spaces))


def model(raw: str) -> Normal:
    """One model: NFKC (`Ⅱ` to `II`, `m³` to `m3`, but `10³` stays), `-` for every dash, `×` between digits.

    Everything else that separates (`/ . + ,` and single spaces) is part of the model.
    """
    if _PLAIN_MODEL.fullmatch(raw):
        return Normal(raw, ())
    return _settled(
        raw,
        ("whitespace_stripped", _single_spaces),
        ("fullwidth_normalised", _half_width),
        ("symbols_normalised", _model_symbols),
    )


def _model_symbols(text: str) -> str:
    pieces: list[str] = []
    end = 0
    for exponent in _EXPONENT.finditer(text):
        pieces += (_hyphens(_nfkc(text[end : exponent.start()])), exponent[0])
        end = exponent.end()
    pieces.append(_hyphens(_nfkc(text[end:])))
    return _TIMES.sub("×", _single_spaces("".join(pieces)))


def models(raw: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The models of a cell, in order and each once, and the warnings. Split on `、；;` and line breaks."""
    found: list[str] = []
    warnings: list[str] = []
    parts = 0
    for part in _MODEL_SEPARATORS.split(raw):
        is_plain = _PLAIN_MODEL.fullmatch(part)
        if not is_plain and not _without_spaces(part):
            continue
        parts += 1
        if is_placeholder(part):
            warnings.append("model_placeholder_null")
        elif is_plain:
            found.append(part)
        elif (normal := model(part)).value:
            found.append(normal.value)
            warnings += normal.warnings
    if parts > 1:
        warnings.insert(0, "models_split")
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(warnings))


def is_placeholder(text: str) -> bool:
    """Whether a text stands for "nothing": empty, or `/`, `—`, `-`, 无, 暂无, N/A and the like."""
    if _SAYS_MORE.search(text):
        return False
    bare = text if _PLAIN.fullmatch(text) else _hyphens(_nfkc(_without_spaces(text)))
    return _PLACEHOLDER.fullmatch(bare.strip("()")) is not None


def mask_phones(text: str) -> str:
    """The text with every phone-like number, in either width, replaced by `***`."""
    pieces: list[str] = []
    end = 0
    for phone in _PHONE.finditer(text.translate(_PHONE_FORMS)):
        pieces += (text[end : phone.start()], _MASK)
        end = phone.end()
    return "".join(pieces) + text[end:]


def printable(text: str, limit: int = 200) -> str:
    r"""The text on one line, at most `limit` characters; what can't be seen is escaped (`\u202e`)."""
    shown = "".join(map(_shown, text[: limit + 1]))
    return shown if len(shown) <= limit else shown[: max(limit - 1, 0)] + "…" * (limit > 0)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("ascii", "backslashreplace").decode() if character > "\x7f" else repr(character)[1:-1]
