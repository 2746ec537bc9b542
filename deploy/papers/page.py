"""Pages of HTML from templates. Every value is escaped; what can't be seen, or would turn the line around, is shown as code."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from deploy.words import WORDS
from schemas.text import printable

LONGEST = 20_000
"""Characters of one value: more than any text of an event may have."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("deploy.papers"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"zh": in_chinese, "day": chinese_day, "lines": str.splitlines, "chinese": chinese_number}
    return made


def _plain(value: object) -> object:
    """What an expression of a template gives, without control characters; made-up markup of ours stays."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, LONGEST)
    return "" if value is None else value


def page(template: str, **values: object) -> str:
    """The page that `templates/<template>` makes of the values. Raises jinja2's UndefinedError for a missing one."""
    return _environment().get_template(template).render(**values)


def in_chinese(word: str) -> str:
    """A status, outcome or effect in Chinese; a word that we don't know as it is."""
    return WORDS[word][0] if word in WORDS else word


def chinese_day(iso: str | None) -> str:
    """2021年7月22日 for `2021-07-22`, also at the beginning of a time."""
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})", iso or "")
    return f"{int(found[1])}年{int(found[2])}月{int(found[3])}日" if found else ""


_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """一, 十二, 一百零三: how official papers count batches. `number` is 1 to 9999."""
    said, gap = "", False
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + word
            gap = False
        else:
            gap = True
    return said.removeprefix("一") if said.startswith("一十") else said
