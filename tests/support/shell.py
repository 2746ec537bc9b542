"""The `czt` commands in the shell blocks of a Markdown page, as lists of words: loops unrolled, the rest left out."""

import re
import shlex
from collections.abc import Iterator

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LOOP = re.compile(r"for (\w+) in ([^;]+);\s*do\s(.*?)(?:;\s*|\n)done", re.DOTALL)
BETWEEN_COMMANDS = re.compile(r"\n|;|&&")


def blocks(page: str) -> list[str]:
    """The text of each block that a shell would run, in order."""
    return BLOCK.findall(page)


def czt_commands(block: str) -> list[list[str]]:
    """The words after `czt` of each of its calls, in the order in which a shell makes them."""
    return [words[1:] for words in _simple_commands(block) if words[:1] == ["czt"]]


def _simple_commands(block: str) -> Iterator[list[str]]:
    unrolled = LOOP.sub(_unrolled, re.sub(r"\\\n", " ", block))
    for command in BETWEEN_COMMANDS.split(unrolled):
        if "{" not in command and "(" not in command:  # a function or a subshell of the page's own
            yield shlex.split(command, comments=True)


def _unrolled(loop: re.Match[str]) -> str:
    name, values, body = loop.groups()
    return "\n".join(re.sub(rf"\${name}\b", value, body) for value in values.split())
