"""The answer of a verification: a line for each thing that was checked, with the first place where it is not so."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; `detail` says what was found, or the first index that is wrong, expected and got."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of all checks. `size` and `root` (hex) are the log's, computed from its entries."""

    size: int
    root: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check held."""
        return all(check.ok for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """`{ok, size, root, checks: [{name, ok, detail}]}`."""
        return {"ok": self.ok, "size": self.size, "root": self.root, "checks": [asdict(check) for check in self.checks]}


class Findings:
    """What is wrong so far: the first sentence of each check, and how many more there were."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._count: dict[str, int] = {}

    def wrong(self, name: str, sentence: str) -> None:
        """Something is not as it must be."""
        self._first.setdefault(name, sentence)
        self._count[name] = self._count.get(name, 0) + 1

    def check(self, name: str, fine: str) -> Check:
        """The check `name`; `fine` is its detail when nothing was wrong."""
        if name not in self._first:
            return Check(name, True, fine)
        more = self._count[name] - 1
        return Check(name, False, self._first[name] + (f" (and {more} more)" if more else ""))
