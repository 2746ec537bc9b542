"""A table of a TOML file, read key by key: what is missing, of another kind or unknown is named by its full key."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.errors import Both

_TEXT = Both("一段文字", "a text")
_TEXTS = Both("文字的列表", "a list of texts")
_TABLE = Both("一个表", "a table")


class Wrong(Exception):
    """What is wrong with a file, as one sentence."""

    def __init__(self, said: Both) -> None:
        super().__init__(said.en)
        self.said = said


class Table:
    """One table, and where it stands in the file. It remembers what was asked for, so that nothing mistyped is passed over."""

    def __init__(self, raw: Mapping[str, Any], place: str = "") -> None:
        self._raw = raw
        self._place = place
        self._read: set[str] = set()
        self._below: dict[str, Table] = {}

    def require_read(self) -> None:
        """Raises `Wrong` when the file says something that nobody asked for."""
        if unknown := sorted(set(self._raw) - self._read):
            names = ", ".join(map(self._key, unknown))
            raise Wrong(Both(f"不认识 {names}", f"{names}: there is no such key"))
        for table in self._below.values():
            table.require_read()

    def text(self, name: str, form: str, expected: Both) -> str:
        """A text of this form."""
        found = self._get(name, str, expected)
        if re.fullmatch(form, found) is None:
            raise self.wrong(name, expected)
        return str(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._get(name, list, _TEXTS)
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(name, _TEXTS)
        return tuple(found)

    def words(self, name: str, known: Collection[str]) -> tuple[tuple[str, ...], ...]:
        """A list of known words, or of several with `|` between."""
        found = tuple(tuple(one.split("|")) for one in self.texts(name))
        if any(word not in known for words in found for word in words):
            raise self.wrong(name, Both(f"只用 {'、'.join(known)}", f"none but {', '.join(known)}"))
        return found

    def share(self, name: str) -> float:
        """A number from 0 to 1."""
        expected = Both("0 到 1 之间的数", "a number from 0 to 1")
        found = self._get(name, (int, float), expected)
        if isinstance(found, bool) or not 0 <= found <= 1:
            raise self.wrong(name, expected)
        return float(found)

    def one_of(self, name: str, known: Collection[str]) -> str:
        """One of these words."""
        expected = Both(f"{'、'.join(known)} 之一", f"one of {', '.join(known)}")
        found = self._get(name, str, expected)
        if found not in known:
            raise self.wrong(name, expected)
        return str(found)

    def pattern(self, name: str) -> re.Pattern[str]:
        """A regular expression."""
        return self._compiled(name, self._get(name, str, _TEXT), ())

    def patterns(self, name: str, groups: Collection[str]) -> tuple[re.Pattern[str], ...]:
        """A list of regular expressions that have these groups."""
        return tuple(self._compiled(name, one, groups) for one in self.texts(name))

    def table(self, name: str) -> "Table":
        """A table inside."""
        found = self._get(name, dict, _TABLE)
        return self._below.setdefault(name, Table(found, self._key(name)))

    def optional(self, name: str) -> "Table":
        """A table inside, or an empty one."""
        return self.table(name) if self.has(name) else Table({})

    def has(self, name: str) -> bool:
        """Whether the key is there."""
        return name in self._raw

    def names(self, known: Collection[str] | None = None) -> Iterator[str]:
        """The keys. Unknown ones are left for `require_read`."""
        return (name for name in self._raw if known is None or name in known)

    def _compiled(self, name: str, text: str, groups: Collection[str]) -> re.Pattern[str]:
        expected = Both("正则表达式", "a regular expression")
        if groups:
            expected = Both(f"含 {'、'.join(groups)} 的正则表达式", f"regular expressions with the groups {', '.join(groups)}")
        try:
            made = re.compile(text)
        except re.error as error:
            raise self.wrong(name, Both(f"{expected.zh}（{error}）", f"{expected.en} ({error})")) from None
        if not set(groups) <= set(made.groupindex):
            raise self.wrong(name, expected)
        return made

    def _get(self, name: str, kind: type | tuple[type, ...], expected: Both) -> Any:
        self._read.add(name)
        if name not in self._raw:
            raise Wrong(Both(f"缺少 {self._key(name)}，应为{expected.zh}", f"{self._key(name)} is missing, expected {expected.en}"))
        found = self._raw[name]
        if not isinstance(found, kind):
            raise self.wrong(name, expected)
        return found

    def wrong(self, name: str, expected: Both) -> Wrong:
        """What is wrong with a key: what was found, what was expected."""
        key, found = self._key(name), str(self._raw[name])[:80]
        return Wrong(Both(f"{key} 现为 {found!r}，应为{expected.zh}", f"{key}: found {found!r}, expected {expected.en}"))

    def _key(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name
