"""Checkpoints (C2SP tlog-checkpoint v1): the signed size and root of a log, as a note."""

import base64
import binascii
import re
from dataclasses import dataclass

from schemas import note
from schemas.note import NoteInvalid, VerifierKey
from schemas.ports import Signer
from schemas.tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x1f]")


class CheckpointInvalid(NoteInvalid):
    """A text that is no checkpoint, or another log's. `expected` and `got` say why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root (32 bytes) of the log `origin`. Raises CheckpointInvalid for values no checkpoint can carry."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointInvalid(f"a tree size from 0 to {MAX_SIZE}", self.size)
        if len(self.root) != HASH_BYTES:
            raise CheckpointInvalid(f"a root hash of {HASH_BYTES} bytes", len(self.root))
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointInvalid(f"root {EMPTY_ROOT.hex()} for an empty log", self.root.hex())
        for line in (self.origin, *self.extensions):
            if not line or _CONTROL.search(line):
                raise CheckpointInvalid("lines that are not empty and hold no control character", line)

    def text(self) -> str:
        """The note text: origin, size, root in base64, extension lines; each ended by a newline."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint of a note text. Raises CheckpointInvalid; `parse(text).text() == text` for all it takes."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise CheckpointInvalid("three lines or more, each ended by a newline", text)
        origin, size, root, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise CheckpointInvalid("a tree size in decimal without leading zeroes", size)
        return cls(origin, int(size), _root(root), tuple(extensions))


def signed(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a note signed in the name of its origin.

    Raises NoteInvalid when the origin can't be a key name (spaces, plus).
    """
    return note.sign(checkpoint.text(), checkpoint.origin, signer).encoded()


def opened(text: str | bytes, origin: str, public_key: bytes) -> Checkpoint:
    """The checkpoint of the log `origin`, signed with `public_key` (32 bytes).

    Raises NoteInvalid (a ValueError) when the text is no note, this key's signature is missing or bad, or the text
    is no checkpoint of this log. Other signatures (witnesses, former keys) are ignored.
    """
    opened_note = note.parse(text)
    note.verify(opened_note, VerifierKey(origin, public_key))
    checkpoint = Checkpoint.parse(opened_note.text)
    if checkpoint.origin != origin:
        raise CheckpointInvalid(f"a checkpoint of {origin}", checkpoint.origin)
    return checkpoint


def _root(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != HASH_BYTES or base64.b64encode(raw).decode() != text:
        raise CheckpointInvalid(f"a root hash as base64 of {HASH_BYTES} bytes", text)
    return raw
