"""Masks what points to a person where no contact column stands: columns slip, remarks say whom to call, sheets have names."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from producers.catalogue.sheet import INVISIBLE, Cell, squeeze
from schemas.text import is_placeholder, mask_phones

_MASK = "***"
_GLUED_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_FULL_WIDTH_DIGITS = {ord(wide): str(digit) for digit, wide in enumerate("０１２３４５６７８９")}
_NAMED_PERSON = re.compile(
    r"((?:联系人|经办人|负责人|联络人|联系|电联|致电)[:：]?\s*)[\u4e00-\u9fff]{1,3}(?:先生|女士|经理|主任|工|总)?"
    r"(?=[\s,，。;；、:：()（）]|$|\d|\*)"
)
_BETWEEN_DIGITS = rf"[-\s.:()（）：－—–{INVISIBLE.pattern[1:-1]}]"
"""What may stand between the digits of a phone number, invisible characters included."""

_MANY_DIGITS = re.compile(rf"\d(?:{_BETWEEN_DIGITS}*+\d){{6}}")
"""As many as a phone number has at least: a local one after the word 电话. Models have many digits too, but others between."""

_MAY_NAME = re.compile("联系|经办人|负责人|联络人|电联|致电|@")


def masked(said: str) -> str:
    """Text without phone numbers, mail addresses and the names of people to call; unchanged when it has none.

    Full-width digits and invisible characters inside a number don't hide it, nor do letters before it.
    """
    if not _MANY_DIGITS.search(said) and not _MAY_NAME.search(said if said.isprintable() else INVISIBLE.sub("", said)):
        return said
    bare = INVISIBLE.sub(_kept, said).translate(_FULL_WIDTH_DIGITS)
    hidden = _MAIL.sub(_MASK, _GLUED_PHONE.sub(_MASK, mask_phones(unicodedata.normalize("NFC", bare))))
    return _NAMED_PERSON.sub(rf"\1{_MASK}", said if hidden == bare else hidden)


_WORDS = re.compile(r"[\W_]+|(?<=\d)(?=\D)|(?<=\D)(?=\d)")
_FEWEST_OF_A_NUMBER = 5
"""Digits of a number in a contact column that point to a person: a QQ number has so many at least."""


def people_in(cells: Iterable[Cell]) -> frozenset[str]:
    """Names and numbers that stand in contact cells, one by one."""
    words = (word for cell in cells if not cell.is_blank for word in _WORDS.split(squeeze(cell.text)))
    return frozenset(
        word for word in words if len(word) >= (_FEWEST_OF_A_NUMBER if word.isdigit() else 2) and not is_placeholder(word)
    )


def without(said: str, people: Collection[str]) -> str:
    """Text without these names and numbers, blanks between their characters included; unchanged when it has none."""
    squeezed = squeeze(said)
    found = sorted((word for word in people if word in squeezed), key=len, reverse=True)
    if not found:
        return said
    forms = "|".join(r"\s*".join(map(re.escape, word)) for word in found)
    return re.sub(forms, _MASK, INVISIBLE.sub(_kept, unicodedata.normalize("NFKC", said)))


def _kept(invisible: re.Match[str]) -> str:
    return invisible[0] if invisible[0] in "\t\r\n" else ""
