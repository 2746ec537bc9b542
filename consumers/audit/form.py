"""Whether each entry, taken by itself and after the one before it, is as the hub writes entries."""

from typing import Any

from consumers.audit.checks import Findings
from consumers.audit.entries import Leaf, NotAsWritten, Stored, headers_of, leaf_of, read_of, time_text
from consumers.core.vouch import Read
from schemas.city import is_source
from schemas.codec import sha256_hex
from schemas.signing import claimed_signature
from schemas.text import printable
from schemas.topics import topic_of


class Form:
    """Checks `indexes`, `leaves`, `records` and `positions`, entry after entry."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._last_us = -1
        self._offsets: dict[str, int] = {}
        self.entries = 0
        self.rewound = 0
        self.last_us: Any = 0

    def add(self, stored: Stored) -> tuple[Leaf, Read] | None:
        """Check the next index; returns leaf and record when both can be read."""
        if stored.entry is None:
            self._wrong("records", stored.index, "a record without an entry")
            return None
        if type(stored.index) is not int or stored.index != self.entries:
            self._wrong("indexes", stored.index, f"expected index {self.entries}")
        self.entries += 1
        leaf = self._leaf(stored.index, *stored.entry)
        if leaf is None:
            return None
        self._position(stored.index, leaf)
        read = self._record(stored, leaf)
        return None if read is None else (leaf, read)

    def _wrong(self, name: str, index: Any, sentence: str) -> None:
        self._findings.wrong(name, f"entry {printable(str(index), 40)}: {sentence}")

    def _leaf(self, index: Any, raw: Any, recorded_us: Any) -> Leaf | None:
        self.last_us = recorded_us
        try:
            leaf = leaf_of(raw)
        except NotAsWritten as problem:
            self._wrong("leaves", index, str(problem))
            return None
        expected = time_text(recorded_us)
        if leaf["recorded_at"] != expected:
            self._wrong("leaves", index, f"recorded_at {leaf['recorded_at'][:40]!r}, its column says {expected}")
        elif recorded_us <= self._last_us:
            self._wrong("leaves", index, f"recorded_at {expected} is not later than the entry before")
        self._last_us = recorded_us if expected is not None else self._last_us
        return leaf

    def _position(self, index: Any, leaf: Leaf) -> None:
        """A source is read from offset 0 on without a hole. From 0 again: an operator rewound it (`czt hub rewind`)."""
        source, expected = leaf["source"], self._offsets.get(leaf["source"], 0)
        place, topic = (leaf["topic"], leaf["partition"]), topic_of(source) if is_source(source) else None
        if place != (topic, 0):
            self._wrong("positions", index, f"expected topic {topic}, partition 0, got {place[0][:80]!r}, {place[1]}")
        if "released_by" in leaf:
            if leaf["offset"] >= expected:
                self._wrong("positions", index, f"decided again, expected an offset below {expected}, got {leaf['offset']}")
            return
        if leaf["offset"] == 0 and expected:
            self.rewound += 1
        elif leaf["offset"] != expected:
            self._wrong("positions", index, f"expected offset {expected} of {source[:60]}, got {leaf['offset']}")
        self._offsets[source] = leaf["offset"] + 1

    def _record(self, stored: Stored, leaf: Leaf) -> Read | None:
        if stored.record is None:
            self._wrong("records", stored.index, "its record is missing")
            return None
        value, raw_headers = stored.record
        try:
            headers = headers_of(raw_headers)
            read = read_of(leaf, value, headers)
        except NotAsWritten as problem:
            self._wrong("records", stored.index, str(problem))
            return None
        claimed = claimed_signature(headers)
        pairs = {
            "record_hash": read.envelope.record_hash,
            "headers_hash": sha256_hex(raw_headers.encode()),
            "keyid": None if claimed is None else printable(claimed[0], 64),
            "signature": None if claimed is None else printable(claimed[1], 128),
            "null": 1 if value is None else None,
        }
        for name, expected in pairs.items():
            if leaf.get(name) != expected:
                self._wrong("records", stored.index, f"{name} in the leaf {leaf.get(name)}, of the record {expected}")
        return read
