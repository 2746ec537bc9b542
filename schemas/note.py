"""Signed notes (C2SP signed-note v1): a text and the Ed25519 signatures below it, readable by other people's tools."""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from schemas.ports import Signer
from schemas.signing import is_valid

ED25519 = 0x01
"""Signature type of a plain Ed25519 note signature; the registry of types is in C2SP signed-note."""

MAX_NOTE_BYTES = 256 * 1024
"""Room for a text and 16 post-quantum signatures of 5 kB, which every reader must accept (C2SP); parsing is linear."""
MAX_SIGNATURES = 100
"""As in Go's sumdb/note: nobody has more witnesses, and each signature of a known key costs a verification."""

KEY_ID_BYTES = 4
_SHOWN = 120
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VERIFIER_KEY = re.compile(r"(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+=*)")


class NoteInvalid(ValueError):
    """A note, key or checkpoint that must not be believed. `expected` and `got` say why, short and printable."""

    def __init__(self, expected: str, got: object) -> None:
        self.expected = expected
        self.got = ascii(got)[:_SHOWN]
        super().__init__(f"expected {self.expected}, got {self.got}")


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    """The four bytes that, with the name, say which key signed: SHA-256(name ‖ LF ‖ kind ‖ public key), cut short."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the Ed25519 public key (32 bytes) it signs with. Raises NoteInvalid for a name no note can carry."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise NoteInvalid("a key name without spaces and plus signs", self.name)
        if len(self.public_key) != 32:
            raise NoteInvalid("a public key of 32 bytes", len(self.public_key))

    @property
    def id(self) -> bytes:
        """See `key_id`."""
        return key_id(self.name, self.public_key)

    def encoded(self) -> str:
        """`<name>+<key id, hex>+<base64(0x01 ‖ public key)>`: the line that other tools are configured with."""
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([ED25519]) + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of an `encoded` line. Raises NoteInvalid for another type, form or a key id that isn't the key's."""
        match = _VERIFIER_KEY.fullmatch(text)
        if match is None:
            raise NoteInvalid("a verifier key as <name>+<8 hex digits>+<base64>", text)
        raw = _bytes_of(match["key"])
        if raw is None or raw[:1] != bytes([ED25519]):
            raise NoteInvalid("an Ed25519 verifier key (type 01)", match["key"])
        key = cls(match["name"], raw[1:])
        if key.id.hex() != match["id"]:
            raise NoteInvalid(f"key id {key.id.hex()} for this name and key", match["id"])
        return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, verified or not. What `value` holds depends on the key's type."""

    name: str
    key_id: bytes
    value: bytes

    def encoded(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text, final newline included, and its signatures. Nothing is known to be true of it before `verify`."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encoded(self) -> str:
        """The note as it is stored and sent."""
        return f"{self.text}\n{''.join(signature.encoded() for signature in self.signatures)}"


def is_name(name: str) -> bool:
    """Whether a note can carry this key name: not empty, no Unicode space, plus, control character, lone surrogate."""
    return (
        bool(name)
        and "+" not in name
        and not _CONTROL.search(name)
        and not any(character.isspace() for character in name)
        and _is_utf8(name)
    )


def sign(text: str, name: str, signer: Signer) -> SignedNote:
    """A note signed by one key. Raises NoteInvalid when the text or the name can't stand in a note."""
    key = VerifierKey(name, signer.public_key)
    if not text.endswith("\n") or _CONTROL.search(text) or not _is_utf8(text):
        raise NoteInvalid("a text that ends with a newline and has no other control character", text)
    return SignedNote(text, (NoteSignature(name, key.id, signer.sign(text.encode())),))


def parse(note: str | bytes) -> SignedNote:
    """Text and signatures of a note. Raises NoteInvalid for anything that isn't one; verifies nothing."""
    whole = _decoded(note)
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise NoteInvalid("a text, an empty line and signature lines, each ended by a newline", whole[-_SHOWN:])
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteInvalid(f"at most {MAX_SIGNATURES} signatures", len(lines))
    return SignedNote(text + "\n", tuple(_signature(line) for line in lines))


def verify(note: SignedNote, key: VerifierKey) -> None:
    """Raises NoteInvalid unless `key` signed the text; signatures of other keys are ignored, as C2SP asks.

    A bad signature under this key's name and id refuses the note, also beside a good one.
    """
    own = [item for item in note.signatures if (item.name, item.key_id) == (key.name, key.id)]
    if not own:
        seen = ", ".join(f"{item.name}+{item.key_id.hex()}" for item in note.signatures)
        raise NoteInvalid(f"a signature by {key.name}+{key.id.hex()}", seen)
    if not all(is_valid(key.public_key, item.value, note.text.encode()) for item in own):
        raise NoteInvalid(f"a good signature by {key.name}+{key.id.hex()}", "one that does not match the text")


def _decoded(note: str | bytes) -> str:
    try:
        raw = note.encode() if isinstance(note, str) else note
        text = raw.decode()
    except UnicodeError:
        raise NoteInvalid("a note in UTF-8", note[:_SHOWN]) from None
    if len(raw) > MAX_NOTE_BYTES:
        raise NoteInvalid(f"a note of at most {MAX_NOTE_BYTES} bytes", len(raw))
    if _CONTROL.search(text):
        raise NoteInvalid("no control character but newline", text)
    return text


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, value = rest.partition(" ")
    raw = _bytes_of(value)
    if dash != "—" or not is_name(name) or raw is None or len(raw) <= KEY_ID_BYTES:
        raise NoteInvalid("a signature line: — <key name> <base64 of key id and signature>", line)
    return NoteSignature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes_of(text: str) -> bytes | None:
    """Bytes of canonical base64 (RFC 4648 §4), else None: one value must not have two spellings."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _base64(raw) == text else None


def _is_utf8(text: str) -> bool:
    """Whether `text` can be encoded: a lone surrogate can't."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
