"""Row images in the order in which they count: what one transaction made of a row is one step, and no step of a row is left out.

A trigger takes its image's id while it holds the row's lock, so the ids of one row rise in the order of its commits, and
so do the last ids of the transactions that wrote it. Between rows no order is needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Image:
    """What a trigger wrote of one row. `transaction` is None where the database doesn't tell (SQLite); `row` is JSON text.

    `key_before` is None for a row that is new, `key_after` for one that is gone; both for a table that was emptied.
    """

    id: int
    captured_at: str
    key_before: str | None
    key_after: str | None
    row: str | None = None
    transaction: str | None = None


@dataclass(slots=True)
class Wave:
    """Steps that are judged together: at most one of each row. `rows` holds None for a row that is gone.

    `emptied`: every row that isn't in `rows` is gone.
    """

    rows: dict[str, Image | None] = field(default_factory=dict)
    emptied: bool = False
    last_at: str = ""

    def take(self, image: Image) -> None:
        """Let an image of the same transaction follow."""
        self.last_at = max(self.last_at, image.captured_at)
        if image.key_before is None and image.key_after is None:
            self.rows.clear()
            self.emptied = True
        if image.key_before is not None:
            self.rows[image.key_before] = None
        if image.key_after is not None:
            self.rows[image.key_after] = image

    def admits(self, step: "Wave", *, in_one: bool) -> bool:
        """Whether a later transaction can be judged together with this wave: it writes no row for the second time.

        `in_one`: where transactions aren't known, a row that is gone and comes back was replaced, in one step.
        """
        if step.emptied:
            return False
        return all(key not in self.rows or (in_one and self.rows[key] is None) for key in step.rows)

    def join(self, step: "Wave") -> None:
        """Take a later transaction's rows in."""
        self.rows |= step.rows
        self.last_at = max(self.last_at, step.last_at)


def waves(images: Iterable[Image]) -> list[Wave]:
    """The steps of all rows, as few waves as keep each row's order. `images` are whole transactions, ids rising."""
    found: list[Wave] = []
    for transaction in _transactions(images):
        step = Wave()
        for image in transaction:
            step.take(image)
        in_one = transaction[0].transaction is None
        if found and found[-1].admits(step, in_one=in_one):
            found[-1].join(step)
        else:
            found.append(step)
    return found


def _transactions(images: Iterable[Image]) -> list[Sequence[Image]]:
    """Images by transaction, in the order of their last ids."""
    named: dict[str, list[Image]] = {}
    alone: list[list[Image]] = []
    for image in images:
        if image.transaction is None:
            alone.append([image])
        else:
            named.setdefault(image.transaction, []).append(image)
    return sorted([*named.values(), *alone], key=lambda one: one[-1].id)
