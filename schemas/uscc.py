"""Unified social credit codes: GB 32100-2015, with the organisation code of GB 11714-1997 inside."""

import re
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 table 1: no I, O, S, V or Z. A character's value is its place."""

LENGTH = 18
ENTERPRISE_DEPARTMENT = "9"
"""Registering department (first character) of the market regulator: enterprises and individual businesses."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS = "0123456789X"
_FORM = re.compile(rf"(?!0)[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{8}}[0-9X][{ALPHABET}]")
"""No department is 0 (table 2): else eighteen zeros, which both checks let pass, would be somebody's code."""

_FIRST_EIGHT = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}")
_BODY_EIGHT = re.compile(rf"[{ALPHABET}]{{8}}")

_REGISTRATION_NUMBER = re.compile(r"[0-9]{15}")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]*)?E\+?[0-9]{1,3}|[0-9]{2,17}E\+[0-9]{1,3}")
_CUT_OFF = re.compile(r"[0-9]{15}000")
"""Excel keeps 15 significant digits of a number."""

_CONFUSABLE = str.maketrans("OISZV", "0152U")


def _check(first17: str) -> str:
    """GB 32100-2015 annex B: modulus 31 over the first seventeen characters."""
    total = sum(_VALUES[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _organisation_check(body8: str) -> str:
    """GB 11714-1997: modulus 11 over the eight characters of an organisation code; a letter counts from A = 10."""
    total = sum(int(character, 36) * weight for character, weight in zip(body8, _ORGANISATION_WEIGHTS, strict=True))
    return _ORGANISATION_CHECKS[-total % 11]


@lru_cache(maxsize=65_536)
def is_valid(code: str) -> bool:
    """Whether these eighteen characters have the form of a code and pass both checks. Upper case only."""
    return _FORM.fullmatch(code) is not None and code[16] == _organisation_check(code[8:16]) and code[17] == _check(code[:17])


def problem(code: str) -> str | None:
    """The reason code of a canonical text (`schemas.text.uscc_text`) that is not a valid code, else None."""
    if is_valid(code):
        return None
    if _SCIENTIFIC.fullmatch(code):
        return "uscc_precision_lost"
    if _REGISTRATION_NUMBER.fullmatch(code):
        return "uscc_legacy_regno"
    if _ORGANISATION_CODE.fullmatch(code):
        return "uscc_legacy_orgcode"
    if len(code) != LENGTH:
        return "uscc_length"
    if _CUT_OFF.fullmatch(code):
        return "uscc_precision_lost"
    return "uscc_confusable" if confusable_reading(code) else "uscc_checksum"


def confusable_reading(code: str) -> str | None:
    """The code with O I S Z V all read as 0 1 5 2 U, when it holds one of them and both checks then pass."""
    reading = code.translate(_CONFUSABLE)
    return reading if reading != code and is_valid(reading) else None


def region(code: str) -> str:
    """The six digits of the registering authority's division (GB/T 2260), characters 3 to 8."""
    return code[2:8]


def is_enterprise(code: str) -> bool:
    """Whether the market regulator registered the body; others (associations, institutes) are not enterprises."""
    return code.startswith(ENTERPRISE_DEPARTMENT)


def complete(first8: str, body8: str) -> str:
    """A whole valid code for department, kind and region (8 characters) and the body of an organisation code (8).

    Raises ValueError when either has another form.
    """
    if not (_FIRST_EIGHT.fullmatch(first8) and _BODY_EIGHT.fullmatch(body8)):
        raise ValueError("a code is made of two characters, six digits and eight characters, without I O S V Z")
    first17 = first8 + body8 + _organisation_check(body8)
    return first17 + _check(first17)
