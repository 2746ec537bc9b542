"""What is wrong with a call, in both languages: the parser speaks English only, and knows no city."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

import typer

from deploy.cities.read import Cities
from schemas.errors import Both


class WrongCity(typer.BadParameter):
    """A word that is no city's; `said` names those that take part, and the one that may be meant."""

    def __init__(self, said: Both) -> None:
        super().__init__(said.en)
        self.said = said


def no_city(option: str, word: str | None, cities: Cities) -> WrongCity:
    """`word` was given for `option`, or none was."""
    words = [city.word for city in cities]
    if word is None:
        return WrongCity(_missing_one("option", option, ", ".join(words)))
    meant = cities.meant(word)
    near = _suggested(meant.word) if meant is not None else _meant(word, words)
    choices = ", ".join(words)
    return WrongCity(
        Both(f"{option} 的值“{word}”不对，可填：{choices}。{near.zh}", f"{option}: '{word}' is none of {choices}.{near.en}")
    )


def wrong_call(message: str) -> Both:
    """The parser's message as a sentence in each language."""
    line = " ".join(message.replace("Value error, ", "").split())
    for pattern, words in _PATTERNS:
        if found := re.fullmatch(pattern, line):
            return words(found)
    return Both(f"命令或参数不对：{line}", line)


def _no_command(found: re.Match[str]) -> Both:
    meant = _suggested(found[2]) if found[2] else Both("", "")
    return Both(f"没有“{found[1]}”这个命令。{meant.zh}", f"There is no command '{found[1]}'.{meant.en}")


def _no_option(found: re.Match[str]) -> Both:
    meant = _meant(found[1], found[2].split(", ") if found[2] else [])
    return Both(f"没有“{found[1]}”这个选项。{meant.zh}", f"There is no option {found[1]}.{meant.en}")


def _missing(found: re.Match[str]) -> Both:
    return _missing_one(found[1], found[2], found[3].strip() if found[3] else "")


def _missing_one(kind: str, name: str, choices: str) -> Both:
    which = {"argument": "参数", "option": "选项"}[kind]
    return Both(
        f"缺少{which} {name}" + (f"，可填：{choices}。" if choices else "。"),
        f"The {kind} {name} is missing" + (f": one of {choices}." if choices else "."),
    )


def _no_choice(found: re.Match[str]) -> Both:
    choices = found[3].replace("'", "")
    meant = _meant(found[2], choices.split(", "))
    return Both(
        f"{found[1]} 的值“{found[2]}”不对，可填：{choices}。{meant.zh}",
        f"{found[1]}: '{found[2]}' is none of {choices}.{meant.en}",
    )


def _no_day(found: re.Match[str]) -> Both:
    return Both(
        f"{found[1]} 的值“{found[2]}”不是日期，应写成 2021-07-22 这样。",
        f"{found[1]}: '{found[2]}' is no day; write it like 2021-07-22.",
    )


def _bound(found: re.Match[str]) -> Both:
    than = {"greater": Both("不小于", "at least"), "less": Both("不大于", "at most")}[found[2]]
    return Both(f"{found[1]} 的值应{than.zh} {found[3]}。", f"{found[1]}: expected {than.en} {found[3]}.")


def _no_number(found: re.Match[str]) -> Both:
    return Both(f"{found[1]} 的值应为整数。", f"{found[1]}: expected a whole number.")


def _invalid(found: re.Match[str]) -> Both:
    return Both(f"{found[1]} 的值不对：{found[2]}", f"{found[1]}: {found[2]}")


def _too_much(found: re.Match[str]) -> Both:
    return Both(f"多出了参数：{found[1]}", f"One argument too many: {found[1]}")


_PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Both]], ...] = (
    (r"No such command '(.*?)'\.(?: Did you mean '(.*)'\?)?", _no_command),
    (r"No such option: (\S+?)\.?(?: \(Possible options: (.*)\))?", _no_option),
    (r"Missing (argument|option) '\[?(.*?)\]?'\.(?: Choose from: (.*))?", _missing),
    (r"Invalid value for '\[?(.*?)\]?': '(.*)' is not one of (.*)\.", _no_choice),
    (r"Invalid value for '\[?(.*?)\]?': '(.*)' does not match the formats '%Y-%m-%d'\.", _no_day),
    (r"Invalid value for '\[?(.*?)\]?': Input should be (greater|less) than or equal to (\S+)", _bound),
    (r"Invalid value for '\[?(.*?)\]?': Input should be a valid integer.*", _no_number),
    (r"Invalid value for '\[?(.*?)\]?': (.*)", _invalid),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", _too_much),
)


def _meant(word: str, known: Iterable[str]) -> Both:
    """The nearest known word, as a question; nothing when none is near."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return _suggested(near[0]) if near else Both("", "")


def _suggested(words: str) -> Both:
    return Both(f"是不是 {words}？", f" Did you mean {words}?")
