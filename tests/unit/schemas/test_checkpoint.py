"""Checkpoints against the C2SP example and rules."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from schemas import note
from schemas.checkpoint import Checkpoint, CheckpointInvalid, opened, signed
from schemas.note import NoteInvalid, VerifierKey
from schemas.signing import Ed25519Signer
from schemas.tree import EMPTY_ROOT, MAX_SIZE

SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
ORIGIN = "log.example/czt"
C2SP_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")

lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)]), min_size=1)


def test_the_example_of_c2sp() -> None:
    """The text of the specification is read and written byte for byte."""
    checkpoint = Checkpoint.parse(C2SP_TEXT)
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, ROOT)
    assert checkpoint.text() == C2SP_TEXT


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_round_trip(size: int, root: bytes, extensions: list[str]) -> None:
    """What is signed is what is opened, extensions too."""
    checkpoint = Checkpoint(ORIGIN, size, root, tuple(extensions))
    text = signed(checkpoint, SIGNER)
    assert opened(text, ORIGIN, SIGNER.public_key) == checkpoint
    assert opened(text.encode(), ORIGIN, SIGNER.public_key) == checkpoint


@given(st.text(st.sampled_from(list("a0123=\n /+A")), max_size=30).map(lambda middle: f"o\n{middle}\n"))
def test_one_text_for_one_checkpoint(text: str) -> None:
    """A text that is read is written the same again; all others are CheckpointInvalid."""
    try:
        checkpoint = Checkpoint.parse(text)
    except CheckpointInvalid:
        return
    assert checkpoint.text() == text


def test_an_empty_log() -> None:
    """Size 0 goes with the root of the empty tree and no other."""
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert opened(signed(empty, SIGNER), ORIGIN, SIGNER.public_key) == empty
    with pytest.raises(CheckpointInvalid, match="empty log"):
        Checkpoint(ORIGIN, 0, ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        C2SP_TEXT[:-1],
        C2SP_TEXT + "\n",
        C2SP_TEXT + "\nextension\n",
        "\n" + C2SP_TEXT,
        C2SP_TEXT.replace("20852163", ""),
        C2SP_TEXT.replace("20852163", "020852163"),
        C2SP_TEXT.replace("20852163", "+20852163"),
        C2SP_TEXT.replace("20852163", "-1"),
        C2SP_TEXT.replace("20852163", "20852163 "),
        C2SP_TEXT.replace("20852163", "２０"),
        C2SP_TEXT.replace("20852163", "9223372036854775808"),
        C2SP_TEXT.replace("20852163", "9" * 5000),
        C2SP_TEXT.replace("CsU", "CsV") + "\0\n",
        C2SP_TEXT.replace("q2I=", "q2J="),
        C2SP_TEXT.replace("q2I=", "q2I"),
        C2SP_TEXT.replace("CsUY", ""),
        C2SP_TEXT.replace("CsUY", "石石石石"),
        C2SP_TEXT.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    """Breaking any rule of the format is CheckpointInvalid, with what was expected and what was there."""
    with pytest.raises(CheckpointInvalid) as refusal:
        Checkpoint.parse(text)
    assert str(refusal.value) == f"expected {refusal.value.expected}, got {refusal.value.got}"


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, ROOT, ()),
        ("a\nb", 1, ROOT, ()),
        (ORIGIN, -1, ROOT, ()),
        (ORIGIN, MAX_SIZE + 1, ROOT, ()),
        (ORIGIN, 1, ROOT[:-1], ()),
        (ORIGIN, 1, ROOT, ("",)),
        (ORIGIN, 1, ROOT, ("a\nb",)),
    ],
)
def test_values_no_checkpoint_can_carry(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> None:
    """A checkpoint that could not be read again is not made."""
    with pytest.raises(CheckpointInvalid):
        Checkpoint(origin, size, root, extensions)


def test_another_key_is_refused() -> None:
    """A checkpoint signed by somebody else in the log's name is not the log's."""
    text = signed(Checkpoint(ORIGIN, 7, ROOT), WITNESS)
    with pytest.raises(NoteInvalid, match="a signature by log.example/czt"):
        opened(text, ORIGIN, SIGNER.public_key)


def test_another_origin_is_refused() -> None:
    """The same key under another name is another key; another log's text under our name is refused too."""
    with pytest.raises(NoteInvalid, match="a signature by"):
        opened(signed(Checkpoint("log.example/other", 7, ROOT), SIGNER), ORIGIN, SIGNER.public_key)
    foreign = note.sign(Checkpoint("log.example/other", 7, ROOT).text(), ORIGIN, SIGNER).encoded()
    with pytest.raises(CheckpointInvalid, match="a checkpoint of log.example/czt, got 'log.example/other'"):
        opened(foreign, ORIGIN, SIGNER.public_key)


def test_a_changed_size_is_refused() -> None:
    """The signature covers every line."""
    text = signed(Checkpoint(ORIGIN, 7, ROOT), SIGNER).replace("\n7\n", "\n8\n")
    with pytest.raises(NoteInvalid, match="a good signature"):
        opened(text, ORIGIN, SIGNER.public_key)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    """A good signature does not make a checkpoint."""
    with pytest.raises(CheckpointInvalid, match="three lines or more"):
        opened(note.sign(f"{ORIGIN}\n7\n", ORIGIN, SIGNER).encoded(), ORIGIN, SIGNER.public_key)


def test_witnesses_change_nothing() -> None:
    """A checkpoint that others have signed below opens as before."""
    checkpoint = Checkpoint(ORIGIN, 7, ROOT)
    other = note.sign(checkpoint.text(), "witness.example", WITNESS).signatures[0]
    text = signed(checkpoint, SIGNER) + other.encoded()
    assert opened(text, ORIGIN, SIGNER.public_key) == checkpoint
    note.verify(note.parse(text), VerifierKey("witness.example", WITNESS.public_key))


def test_an_origin_that_is_no_key_name_cannot_sign() -> None:
    """The log signs in the name of its origin, so the origin must be a name a note can carry."""
    with pytest.raises(NoteInvalid, match="key name"):
        signed(Checkpoint("go.sum database tree", 7, ROOT), SIGNER)
