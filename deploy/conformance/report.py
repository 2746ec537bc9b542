"""The signed report: a C2SP signed note under the city's key. Its first line says what it is, the rest is one JSON object."""

import json
from typing import Any

from schemas import note
from schemas.city import register_source
from schemas.ports import Signer
from schemas.topics import topic_of

HEAD = "czt.city-check/1"
"""No event and no checkpoint begins so: a signature on a report is worth nothing anywhere else."""


def signed(report: dict[str, Any], signer: Signer) -> str:
    """The report as it is handed in. The note's key name is that of the topic on which the key signs."""
    text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True)
    # A path may hold what is no UTF-8; escaped, it is still JSON.
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return note.sign(f"{HEAD}\n{plain}\n", _name(report["city"]), signer).encoded()


def read_signed(data: bytes, public_key: bytes) -> dict[str, Any]:
    """The report that this key (32 bytes) signed, unchanged. Raises `NoteInvalid`."""
    found = note.parse(data)
    head, _, text = found.text.partition("\n")
    if head != HEAD:
        raise note.NoteInvalid(HEAD, head)
    try:
        report: dict[str, Any] = json.loads(text)
        name = _name(report["city"])
    except (ValueError, KeyError, TypeError):
        raise note.NoteInvalid("a report as JSON with a city", text) from None
    note.verify(found, note.VerifierKey(name, public_key))
    return report


def _name(word: str) -> str:
    return topic_of(register_source(word))
