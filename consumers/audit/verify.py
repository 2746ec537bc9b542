"""The whole log computed again from its entries, and compared with everything that was ever signed about it."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from consumers.audit.archive import CheckpointArchive
from consumers.audit.chains import Chains
from consumers.audit.checks import Check, Findings, Verification
from consumers.audit.entries import stored_entries
from consumers.audit.form import Form
from consumers.audit.integrate import frontier_of
from consumers.audit.roots import Roots
from consumers.audit.rows import stream
from consumers.core.model import TrustedKey
from schemas import checkpoint
from schemas.checkpoint import Checkpoint
from schemas.note import NoteInvalid
from schemas.tables import store as t

Progress = Callable[[int], None]
"""Told how many entries were read."""

_STEP = 1_000


def verify_log(
    connection: Connection,
    archive: CheckpointArchive,
    origin: str,
    log_public_key: bytes,
    first_joint_key: TrustedKey | None,
    extra_checkpoints: Sequence[str] = (),
    progress: Progress | None = None,
) -> Verification:
    """Check the log that `connection` (one snapshot) sees.

    Both keys come from the auditor's own copy, never from the log. Changed rows, whatever stands in them, are failed
    checks and never raise.
    """
    findings = Findings()
    signed = _signed(findings, archive, origin, log_public_key, extra_checkpoints)
    logs, trees = list(stream(connection, t.audit_log)), list(stream(connection, t.audit_tree))
    roots = Roots([*(size for _, size, _ in trees if type(size) is int), *(found.size for _, found in signed)])
    form, chains = Form(findings), Chains(findings, first_joint_key)
    for stored in stored_entries(connection):
        if stored.entry is not None:
            leaf = stored.entry[0]
            roots.add(leaf if isinstance(leaf, bytes) else b"")
        read = form.add(stored)
        if read is not None:
            chains.add(stored.index, *read)
        if progress is not None and roots.size % _STEP == 0:
            progress(roots.size)
    chains.finish()
    whole = roots.frontier()
    _check_signed(findings, signed, roots)
    _check_sizes(findings, form, logs, trees, roots)
    if whole.size and not signed:
        findings.wrong(
            "checkpoints",
            f"expected a signed checkpoint of {whole.size} entries, got none; run `czt hub run --until-idle`, "
            "which signs, or give one with --checkpoint",
        )
    return Verification(whole.size, whole.root().hex(), _checks(findings, form, signed))


def _signed(
    findings: Findings, archive: CheckpointArchive, origin: str, key: bytes, extra: Sequence[str]
) -> list[tuple[str, Checkpoint]]:
    """Every checkpoint that this log signed, with a name for people."""
    found: list[tuple[str, Checkpoint]] = []
    notes = [(f"archived checkpoint {item.size}", item.note, item.size) for item in archive.all()]
    for name, note, size in [*notes, *((f"given checkpoint {i}", note, None) for i, note in enumerate(extra, 1))]:
        try:
            opened = checkpoint.opened(note, origin, key)
        except NoteInvalid as problem:
            findings.wrong("checkpoints", f"{name}: {problem}")
            continue
        if size is not None and size != opened.size:
            findings.wrong("checkpoints", f"{name}: its note says size {opened.size}")
        found.append((name, opened))
    return sorted(found, key=lambda item: item[1].size)


def _check_signed(findings: Findings, signed: list[tuple[str, Checkpoint]], roots: Roots) -> None:
    for name, found in signed:
        if found.size > roots.size:
            sentence = f"entry {roots.size} is missing: {name} signed {found.size}, the log has {roots.size}"
            findings.wrong("tree", sentence)
        elif roots.at[found.size].root() != found.root:
            expected, got = found.root.hex(), roots.at[found.size].root().hex()
            sentence = f"among entries 0 to {found.size - 1}: {name} signed root {expected}, got {got}"
            findings.wrong("tree", sentence)


def _check_sizes(findings: Findings, form: Form, logs: list[Any], trees: list[Any], roots: Roots) -> None:
    expected = [(1, form.entries, form.last_us if form.entries else 0)]
    if logs != expected:
        findings.wrong("sizes", f"audit_log: expected {expected}, got {logs[:3]}"[:300])
    if len(trees) != 1 or trees[0][0] != 1:
        findings.wrong("sizes", f"audit_tree: expected one row, got {len(trees)}")
        return
    _, size, text = trees[0]
    known = roots.at.get(size) if type(size) is int else None
    if known is None or frontier_of(size, text) != known:
        findings.wrong("sizes", f"audit_tree: its frontier of size {size!r} is not the entries'"[:300])


def _checks(findings: Findings, form: Form, signed: list[tuple[str, Checkpoint]]) -> tuple[Check, ...]:
    newest = signed[-1][1].size if signed else 0
    rewound = f"; read again from the start {form.rewound} times" if form.rewound else ""
    fine = {
        "indexes": f"{form.entries} entries from 0 without a hole",
        "leaves": "canonical JSON, times rising",
        "records": "every entry has the record it names",
        "positions": f"every offset of every source once{rewound}",
        "chains": "every event is vouched for and stands in its source's chain",
        "tree": f"{len(signed)} checkpoints agree; entries from {newest} on are not signed yet",
        "checkpoints": f"{len(signed)} with the log's signature",
        "sizes": "log row and tree row agree with the entries",
    }
    if newest == form.entries:
        fine["tree"] = f"{len(signed)} checkpoints agree, the newest with all {newest} entries"
    return tuple(findings.check(name, text) for name, text in fine.items())
