"""Which record was accepted under which sequence, for the millions of a source, in 32 bytes each."""

_BLOCK = 64
"""Sequences kept together: a gapless source wastes nothing, a lone sequence 2 KiB."""
_HASH_BYTES = 32


class Seen:
    """sequence → record hash."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}

    def put(self, sequence: int, record_hash: str) -> None:
        """Remember the hash (64 hex digits) of a sequence."""
        block, place = divmod(sequence, _BLOCK)
        found = self._blocks.setdefault(block, bytearray(_BLOCK * _HASH_BYTES))
        found[place * _HASH_BYTES : (place + 1) * _HASH_BYTES] = bytes.fromhex(record_hash)

    def get(self, sequence: int) -> str | None:
        """The hash of a sequence, None when nothing was accepted under it."""
        block, place = divmod(sequence, _BLOCK)
        raw = self._blocks.get(block, b"")[place * _HASH_BYTES : (place + 1) * _HASH_BYTES]
        return raw.hex() if any(raw) else None
