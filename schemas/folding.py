"""The tables that fold one way of writing into another: versioned data, because product keys depend on them."""

import json
from importlib.metadata import distribution

FOLDING_TABLES = 1
"""Version of everything in this module. A rule set names it; a changed table is a new version and a new rule set."""

KEPT = frozenset("乾剋劄吒夥徵扞於昇氾爇甦甯瞭祕缐脩蒐薳薹醯釐钜锺陞麹麽")
"""Characters that zhconv would replace although they are standard in their own right.

These are all the characters of 通用规范汉字表 (State Council, 2013; 8105 characters) that zhconv's single-character
table changes. Names of firms and persons use them lawfully: 昇, 钜, 乾 and 甯 are not slips for 升, 巨, 干 and 宁.
"""

_CORRECTED = {"鉅": "钜"}
"""In a name 鉅 is the traditional form of 钜 (通用规范汉字表, note to 巨), where zhconv writes 巨."""


def _single_characters() -> dict[int, str]:
    """Traditional to simplified, one character for one, from zhconv's `zh2Hans` (MediaWiki's table); no words.

    Words are left out because they translate (記憶體 to 内存), and so is `zh2CN`, which would make 硅 of the 矽 in a
    firm's name. The file is read without importing zhconv, which would load far more than a table.
    """
    with open(str(distribution("zhconv").locate_file("zhconv/zhcdict.json")), encoding="utf-8") as file:
        table: dict[str, str] = json.load(file)["zh2Hans"]
    single = {old: new for old, new in table.items() if len(old) == 1 == len(new) and old != new and _is_han(old)}
    single |= _CORRECTED
    return {ord(old): new for old, new in single.items() if old not in KEPT}


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


TO_SIMPLIFIED = _single_characters()
"""For `str.translate`."""

BRACKETS = str.maketrans("()﹙﹚", "（）（）")
"""Half-width brackets to full-width ones, as the registers of firms write them."""

DASHES = "\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\u2500\u2501\u2796\ufe58\ufe63\uff0d"
TO_HYPHEN = dict.fromkeys(map(ord, DASHES), "-")

DOTS = ".·•‧∙⋅・。｡．･"

APOSTROPHES = "'‘’`´＇"
"""What marks a cell as text, typed or left over from a spreadsheet."""

INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters that are not white space
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Inside of a regular expression's class: what can't be seen (Default_Ignorable_Code_Point, blanks, controls)."""

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"

MODEL_SEPARATORS = "、\ufe11\ufe14﹑､；;﹔\u037e\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
"""Inside of a regular expression's class: what stands between two models, in every width; line breaks too."""
