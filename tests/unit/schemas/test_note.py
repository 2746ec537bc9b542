"""Signed notes against the example of Go's sumdb/note, the C2SP rules, and what strangers send."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from schemas.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteInvalid,
    NoteSignature,
    SignedNote,
    VerifierKey,
    is_name,
    key_id,
    parse,
    sign,
    verify,
)
from schemas.signing import Ed25519Signer

PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
PETER_NOTE = f"{PETER_TEXT}\n{PETER_LINE}"
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

PETER = VerifierKey.parse(PETER_KEY)
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
KEY = VerifierKey("log.example/czt", SIGNER.public_key)

note_texts = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)])), min_size=1
).map(lambda lines: "".join(f"{line}\n" for line in lines))


def test_the_example_of_sumdb_note() -> None:
    """The note of Go's documentation is made byte for byte from its key, and verified."""
    signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(PETER_SEED))
    assert sign(PETER_TEXT, "PeterNeumann", signer).encoded() == PETER_NOTE
    assert VerifierKey("PeterNeumann", signer.public_key).encoded() == PETER_KEY
    verify(parse(PETER_NOTE), PETER)


def test_the_example_of_c2sp() -> None:
    """The note of the C2SP specification is verified."""
    verify(parse(C2SP_NOTE.encode()), VerifierKey.parse(C2SP_KEY))


def test_another_signature_is_kept_and_ignored() -> None:
    """A second signer's line, before or after, changes nothing for the first, and survives a round trip."""
    for block in (PETER_LINE + ENOCH_LINE, ENOCH_LINE + PETER_LINE):
        note = parse(f"{PETER_TEXT}\n{block}")
        verify(note, PETER)
        assert {item.name for item in note.signatures} == {"PeterNeumann", "EnochRoot"}
        assert note.encoded() == f"{PETER_TEXT}\n{block}"


def test_a_namesake_is_ignored() -> None:
    """A signature that shares the name or the key id, but not both, is somebody else's."""
    good = parse(PETER_NOTE).signatures[0]
    for other in (NoteSignature("PeterNeumann", b"\0\0\0\1", b"x" * 64), NoteSignature("Paul", good.key_id, b"x" * 64)):
        verify(SignedNote(PETER_TEXT, (other, good)), PETER)
        with pytest.raises(NoteInvalid, match="a signature by PeterNeumann"):
            verify(SignedNote(PETER_TEXT, (other,)), PETER)


def test_a_bad_signature_of_the_known_key_refuses_the_note() -> None:
    """Also beside a good one, on either side of it (C2SP: clients should reject the whole note)."""
    good = parse(PETER_NOTE).signatures[0]
    for value in (b"x" * 64, good.value[:-1], good.value + b"\0", b"x"):
        bad = NoteSignature(good.name, good.key_id, value)
        for signatures in ((bad,), (bad, good), (good, bad)):
            with pytest.raises(NoteInvalid, match="a good signature by"):
                verify(SignedNote(PETER_TEXT, signatures), PETER)


@given(note_texts)
def test_round_trip(text: str) -> None:
    """Any text a note can carry comes back as it was, and verifies."""
    note = sign(text, KEY.name, SIGNER)
    assert parse(note.encoded()) == parse(note.encoded().encode()) == note
    verify(note, KEY)


@given(st.integers(0, 8 * len(PETER_NOTE.encode()) - 1))
def test_any_bit_flip_fails(bit: int) -> None:
    """One bit turned anywhere in a note: it is no note, or not verified."""
    raw = bytearray(PETER_NOTE.encode())
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NoteInvalid):
        verify(parse(bytes(raw)), PETER)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.text("— \n+=aA\0\ud800", max_size=60)))
def test_anything_else_is_refused_in_one_way(junk: Any) -> None:
    """Whatever comes in, the answer is NoteInvalid, short enough to log."""
    with pytest.raises(NoteInvalid) as refusal:
        verify(parse(junk), PETER)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        PETER_TEXT,
        PETER_TEXT + "\n",
        PETER_TEXT + PETER_LINE,
        PETER_NOTE[:-1],
        PETER_NOTE + "\n",
        PETER_NOTE.replace("\n", "\r\n"),
        PETER_NOTE + "— \n",
        PETER_NOTE.replace("— ", "- "),
        PETER_NOTE.replace("— ", "—\u00a0"),
        PETER_NOTE.replace("— ", "—  "),
        PETER_NOTE.replace("PeterNeumann", "Peter+Neumann"),
        PETER_NOTE.replace("PeterNeumann", "Peter Neumann"),
        PETER_NOTE.replace("PeterNeumann", "Peter\u2028Neumann"),
        PETER_NOTE.replace("nAM=", "nAM"),
        PETER_NOTE.replace("nAM=", "nAN="),
        PETER_NOTE.replace("nAM=", "nAM= "),
        PETER_NOTE.replace("you", "y\0u", 1),
        PETER_NOTE.replace("you", "y\tu", 1),
        PETER_NOTE.replace("you", "y\ud800u", 1),
        PETER_NOTE.encode().replace(b"you", b"y\xffu", 1),
        f"{PETER_TEXT}\n— PeterNeumann x08gow==\n",
        f"{PETER_TEXT}\n{PETER_LINE * (MAX_SIGNATURES + 1)}",
        "a" * MAX_NOTE_BYTES + f"\n\n{PETER_LINE}",
        "石" * (MAX_NOTE_BYTES // 3) + f"\n\n{PETER_LINE}",
    ],
)
def test_what_is_no_note(note: str | bytes) -> None:
    """Breaking any rule of the format or a limit refuses the whole note."""
    with pytest.raises(NoteInvalid):
        parse(note)


def test_as_many_signatures_as_allowed() -> None:
    """Sixteen signers must be accepted (C2SP); we take a hundred lines."""
    note = parse(f"{PETER_TEXT}\n{ENOCH_LINE * (MAX_SIGNATURES - 1)}{PETER_LINE}")
    verify(note, PETER)


def test_empty_lines_belong_to_the_text() -> None:
    """The last empty line separates; those before it are text."""
    note = sign("one\n\n— two x\n\n\n", KEY.name, SIGNER)
    assert parse(note.encoded()).text == "one\n\n— two x\n\n\n"


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\ud800\n", "\r\n"])
def test_a_text_that_cannot_be_signed(text: str) -> None:
    """A note nobody could read is not made."""
    with pytest.raises(NoteInvalid, match="a text that ends with a newline"):
        sign(text, KEY.name, SIGNER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\u0085b", "a\nb", "a\0b", "\ud800"])
def test_a_name_that_cannot_be_carried(name: str) -> None:
    """Names are not empty and hold no space of any script, no plus, nothing unprintable by note."""
    assert not is_name(name)
    with pytest.raises(NoteInvalid, match="key name"):
        sign("text\n", name, SIGNER)


def test_chinese_names_are_names() -> None:
    """A key may be called in Chinese; its line is UTF-8."""
    assert VerifierKey.parse(VerifierKey("长株潭", SIGNER.public_key).encoded()).name == "长株潭"
    verify(parse(sign("text\n", "长株潭", SIGNER).encoded()), VerifierKey("长株潭", SIGNER.public_key))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER_KEY[:-1],
        PETER_KEY + "\n",
        PETER_KEY.replace("c74f20a3", "C74F20A3"),
        PETER_KEY.replace("c74f20a3", "c74f20a4"),
        PETER_KEY.replace("Peter", "Paul"),
        PETER_KEY.replace("+ARpc", "+BRpc"),
        PETER_KEY.replace("+ARpc", "+ARpd"),
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        f"short+{key_id('short', b'abc').hex()}+AWFiYw==",
    ],
)
def test_what_is_no_verifier_key(text: str) -> None:
    """A verifier key of another form or type, or whose key id is not its own, is refused."""
    with pytest.raises(NoteInvalid) as refusal:
        VerifierKey.parse(text)
    assert refusal.value.expected in str(refusal.value)
    assert refusal.value.got in str(refusal.value)


def test_the_kind_of_signature_is_part_of_the_key_id() -> None:
    """The same key and name have another id for cosignatures (type 04), so neither passes for the other."""
    assert key_id("w", SIGNER.public_key) != key_id("w", SIGNER.public_key, 0x04)
