"""How a private key could stand somewhere: the forms to look for."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def forms(private: Path) -> list[bytes]:
    """The 32 secret bytes as somebody might write them: raw, hex, base64 and its URL form, Python's, and the file's own line."""
    key = load_pem_private_key(private.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    raw = key.private_bytes_raw()
    found = [
        raw,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        base64.b64encode(raw).rstrip(b"="),
        base64.urlsafe_b64encode(raw).rstrip(b"="),
    ]
    return [*found, private.read_bytes().splitlines()[1], repr(raw).encode()]


def found_in(folder: Path, artefacts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(key file, artefact) of each private key of this folder that stands in an artefact."""
    secrets = [(file.name, secret) for file in sorted(folder.glob("*.pem")) for secret in forms(file)]
    return sorted({(name, where) for name, secret in secrets for where, artefact in artefacts.items() if secret in artefact})
