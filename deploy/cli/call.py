"""One call of a command: its settings, its language, and the one place where answers leave the program."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.cli.texts import TEXTS, Lang
from schemas.errors import UsageError
from schemas.text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.settings import Settings
    from schemas.city import City

PIPED_WIDTH = 200
"""Columns when nobody's terminal says how many: a table in a file or a mail should not be cut to 80."""


@dataclass(frozen=True)
class Manner:
    """How a call wants its answers, read from the arguments before they are parsed: wrong ones are answered alike."""

    lang: Lang = "en"
    as_json: bool = False
    debug: bool = False

    @classmethod
    def of(cls, arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> "Manner":
        """`--lang`, else CZT_LANG, else the locale: Chinese if it is a Chinese one."""
        return cls(_lang(arguments, environment), "--json" in arguments, "--debug" in arguments)


def _lang(arguments: Sequence[str], environment: Mapping[str, str]) -> Lang:
    asked = [second for first, second in pairwise(arguments) if first == "--lang"]
    asked += [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    wanted = [*asked, environment.get("CZT_LANG", ""), "zh" if locale.startswith("zh") else "en"]
    found: list[Lang] = [word for word in wanted if word in ("zh", "en")]  # type: ignore[misc]
    return found[0]


@dataclass(frozen=True)
class Call:
    """What a command is given. Answers go to stdout, everything else to stderr."""

    manner: Manner = field(default_factory=Manner)

    @cached_property
    def settings(self) -> "Settings":
        """Read once. Raises `SettingsInvalid`."""
        from deploy.environment import read_settings

        return read_settings()

    def city(self, option: str, word: str | None) -> "City":
        """The city with this word. Raises `WrongCity` when there is none, `SettingsInvalid` when a city's file is wrong."""
        from deploy.cli.wrong_calls import no_city

        found = self.settings.cities.named(word or "")
        if found is None:
            raise no_city(option, word, self.settings.cities)
        return found

    def text(self, key: str, **values: object) -> str:
        """A text of the catalogue in the call's language."""
        zh, en = TEXTS[key]
        return (zh if self.manner.lang == "zh" else en).format(**values)

    def counted(self, counts: Mapping[str, int]) -> str:
        """`生效 4、重复 1`: each word of the catalogue with its number, without those of which there are none."""
        said = [f"{self.text(key)} {count}" for key, count in counts.items() if count]
        return ("、" if self.manner.lang == "zh" else ", ").join(said) or self.text("hub.none")

    def require_file(self, file: Path) -> None:
        """Raises `UsageError` when there is no such file; whoever reads it finds out whether it is a pipe."""
        if not file.exists() or file.is_dir():
            raise UsageError(self.text("no_file", file=file), self.text("no_file_next"))

    def answer(self, result: Mapping[str, Any] | Callable[[], Mapping[str, Any]], human: Callable[[], None]) -> None:
        """The command's answer: one JSON object with `--json`, made only then if `result` makes it, else what `human` prints."""
        if self.manner.as_json:
            sys.stdout.write(json.dumps(result() if callable(result) else result, ensure_ascii=False) + "\n")
        else:
            human()

    def say(self, key: str, **values: object) -> None:
        """A line of the answer for people."""
        self.line(self.text(key, **values))

    def line(self, text: str = "", style: str | None = None) -> None:
        """A line of the answer for people, as it is. No control character of anybody's data reaches the terminal."""
        self._console.print(_safe(text), style=style, soft_wrap=True)

    def note(self, key: str, **values: object) -> None:
        """A line on stderr: what is being done, what to look out for."""
        sys.stderr.write(_safe(self.text(key, **values)) + "\n")

    def remark(self, text: str) -> None:
        """A line on stderr, as it is."""
        sys.stderr.write(_safe(text) + "\n")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> None:
        """A table of the answer. `columns` are keys of the catalogue, `right` those that hold numbers."""
        if not rows:
            self.say("nothing")
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for key in columns:
            table.add_column(self.text(key), justify="right" if key in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*[Text(_safe("" if cell is None else str(cell))) for cell in row])
        self._console.print(table)

    @contextmanager
    def working(self, key: str, **values: object) -> Iterator[Callable[[int, int], object]]:
        """A moving line on stderr while something takes its time, and a function that tells it how many of how many.

        Nothing is shown where there is no terminal.
        """
        from rich.console import Console

        console = Console(stderr=True)
        if self.manner.as_json or not console.is_terminal:
            yield lambda done, total: None
            return
        text = self.text(key, **values)
        with console.status(text) as status:
            yield lambda done, total: status.update(f"{text} {done:,} / {total:,}")

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        console = Console(highlight=False, markup=False, emoji=False)
        if not console.is_terminal:
            console.width = PIPED_WIDTH
        return console


def _safe(text: str) -> str:
    """Line breaks stay; other control characters, which could rewrite the terminal, don't."""
    return "\n".join(printable(line, len(line) * 6) for line in text.split("\n"))
