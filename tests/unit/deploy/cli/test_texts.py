"""The command line's words: both languages say the same with the same values, and nothing is left over."""

import re
from pathlib import Path
from string import Formatter

import pytest

from deploy.cli.texts import TEXTS

SOURCES = "\n".join(
    path.read_text("utf-8") for path in (Path(__file__).parents[4] / "deploy").rglob("*.py") if path.parent.name != "texts"
)
COMPUTED = {"accept", "review", "reject", "skip"} | {
    "model_differs", "ambiguous", "none", "recognized", "suspended", "lapsed", "eligible", "candidate", "inactive", "disputed"
}  # fmt: skip
"""Keys that are words of the data themselves."""


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages(key: str) -> None:
    """Chinese holds Chinese, English doesn't (but for 是 and 否), and both name the same values."""
    zh, en = TEXTS[key]
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[\u4e00-\u9fff]", re.sub("[是否]", "", en))
    assert _values(zh) <= _values(en) | {"directory"}
    assert _values(en) <= _values(zh) | {"directory"}


def test_every_text_is_used() -> None:
    """A text that no command says is one too many."""
    assert [key for key in TEXTS if key not in COMPUTED and f'"{key}"' not in SOURCES] == []
