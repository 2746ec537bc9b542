"""Ed25519 (RFC 8032) over record values: key ids, signature headers, verification. Pure; key files are deploy's."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.ports import Headers, Signer

SIGNATURE = "signature"
KEYID = "keyid"
CONTENT_TYPE = "content-type"
CLOUDEVENTS_JSON = b"application/cloudevents+json"


def keyid_of(public_key: bytes) -> str:
    """First 16 hex digits of the SHA-256 of the 32 public key bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


class Ed25519Signer:
    """A `Signer` over a private key held in memory."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private = private_key
        self._public = private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def keyid(self) -> str:
        """See `keyid_of`."""
        return keyid_of(self._public)

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._private.sign(message)


def is_valid(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) is good for `message` under `public_key` (32 bytes); False for any malformed input."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def plain_headers() -> Headers:
    """Headers of an unsigned record."""
    return ((CONTENT_TYPE, CLOUDEVENTS_JSON),)


def signed_headers(signer: Signer, value: bytes) -> Headers:
    """Headers of a record whose value `signer` vouches for: the signature is base64 text."""
    return ((CONTENT_TYPE, CLOUDEVENTS_JSON), *signature_headers(signer.keyid, signer.sign(value)))


def signature_headers(keyid: str, signature: bytes) -> Headers:
    """The two headers of a signature made elsewhere."""
    return ((SIGNATURE, base64.b64encode(signature)), (KEYID, keyid.encode()))


def claimed_signature(headers: Headers) -> tuple[str, str] | None:
    """(keyid, signature as base64 text) when a record carries both headers as ASCII text, else None."""
    found = dict(headers)
    if KEYID not in found or SIGNATURE not in found:
        return None
    try:
        return found[KEYID].decode("ascii"), found[SIGNATURE].decode("ascii")
    except UnicodeDecodeError:
        return None


def decoded(signature: str) -> bytes | None:
    """The signature's bytes, or None when the text isn't base64."""
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
