"""The signed report: good under the city's key as long as nothing of it is changed, and under no other key or name."""

import pytest

from deploy.conformance.report import HEAD, read_signed, signed
from schemas import note
from schemas.note import NoteInvalid
from tests.support.sources import signer_of

SIGNER = signer_of("loudi")
REPORT = {"city": "loudi", "ok": True, "cases": [{"name": "key", "found": {"zh": "密钥", "en": "a\nkey \udc80"}}]}


def test_a_report_is_read_as_it_was_signed() -> None:
    """Whatever its texts hold."""
    assert read_signed(signed(REPORT, SIGNER).encode(), SIGNER.public_key) == REPORT


def test_another_key_did_not_sign_it() -> None:
    """The key that a city hands in must be the one that signed."""
    with pytest.raises(NoteInvalid):
        read_signed(signed(REPORT, SIGNER).encode(), signer_of("somebody").public_key)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"ok": true', '"ok": false'), ("loudi", "yueyang"), ("密钥", "密匙"), (HEAD, "czt.city-check/2"), ("{", "["), ("— ", "- ")],
)
def test_a_changed_report_is_refused(old: str, new: str) -> None:
    """A single word that was changed is found."""
    text = signed(REPORT, SIGNER)
    assert old in text
    with pytest.raises(NoteInvalid):
        read_signed(text.replace(old, new, 1).encode(), SIGNER.public_key)


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"city": 1}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    """Also under the right key."""
    made = note.sign(f"{HEAD}\n{text}\n", "czt.register.loudi", SIGNER).encoded()
    with pytest.raises(NoteInvalid):
        read_signed(made.encode(), SIGNER.public_key)
