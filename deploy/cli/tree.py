"""The commands that there are, such as `hub run`."""

from collections.abc import Iterator

from deploy.cli.main import tree


def commands() -> list[str]:
    """Every command without `czt`, sorted."""
    return sorted(_below(tree(), ()))


def _below(node: object, path: tuple[str, ...]) -> Iterator[str]:
    children = getattr(node, "commands", None)
    if children is None:
        yield " ".join(path)
        return
    for name, child in children.items():
        yield from _below(child, (*path, name))
