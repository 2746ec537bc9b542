"""Key files: Ed25519 private keys as PKCS8 PEM that only their owner can read, public keys as one line of base64."""

import base64
import binascii
import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from schemas.city import SHARED_STORE, source_name
from schemas.errors import KeyMissing, UsageError
from schemas.signing import Ed25519Signer

LOG_KEY = source_name(SHARED_STORE)
"""The log's key signs checkpoints only, never events."""


class KeyUnusable(UsageError):
    """A key file is there and can't be used: others can read it, or it holds something else."""


def private_file(directory: Path, name: str) -> Path:
    """`keys/changsha.pem`; `name` is `schemas.city.source_name` of the source, or `LOG_KEY`."""
    return directory / f"{name}.pem"


def public_file(directory: Path, name: str) -> Path:
    """`keys/changsha.pub`."""
    return directory / f"{name}.pub"


def ensure_key(directory: Path, name: str) -> bool:
    """Make the key, unless it is there; whether it was made. The public file is written again when it is missing.

    Raises `KeyUnusable` when a file is there that is no usable key: it is never overwritten.
    """
    made = not private_file(directory, name).exists()
    if made:
        _write_private(private_file(directory, name))
    public = public_file(directory, name)
    if not public.exists():
        public.write_text(encoded(load_signer(directory, name).public_key) + "\n", "ascii")
    return made


def _write_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Created with its final mode, and not at all if somebody was faster: at no moment can others read it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def load_signer(directory: Path, name: str) -> Ed25519Signer:
    """The signer of a private key. Raises `KeyMissing`, `KeyUnusable`."""
    path = private_file(directory, name)
    try:
        mode, pem = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError:
        raise KeyMissing(f"No private key at {path}", _next_step(name)) from None
    except OSError as error:
        raise KeyUnusable(f"{path} can't be read: {error.strerror}", "Run this as the user who owns the key.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnusable(f"{path} can be read by other users (mode {stat.S_IMODE(mode):04o}, expected 0600)", f"chmod 600 {path}")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 private key in PKCS8 PEM", "Put the right file there.")
    return Ed25519Signer(key)


def _next_step(name: str) -> str:
    command = "czt joint init-keys" if name == "joint-office" else "czt init"
    return f"Run `{command}`; if it was run, check CZT_KEY_DIR and CZT_HOME."


def load_public(path: Path) -> bytes:
    """The 32 bytes of a `.pub` file. Raises `KeyMissing`, `KeyUnusable`."""
    try:
        text = path.read_text("ascii")
        key = base64.b64decode(text.strip(), validate=True)
    except FileNotFoundError:
        next_step = "Check the path; `czt init` and `czt joint init-keys` make keys."
        raise KeyMissing(f"No public key at {path}", next_step) from None
    except OSError as error:
        raise KeyUnusable(f"{path} can't be read: {error.strerror}", "Check the path and its permissions.") from None
    except (UnicodeDecodeError, binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise KeyUnusable(f"{path} is not a public key", "Expected one line: 32 bytes in base64, as in keys/*.pub.")
    return key


def encoded(public_key: bytes) -> str:
    """The public key as its file and the decisions write it: base64, one line without its end."""
    return base64.b64encode(public_key).decode("ascii")


def ensure_trust(trust_file: Path, public_key: bytes) -> bool:
    """Write the joint office's first public key where the hub looks for it; False when one is there already."""
    if trust_file.exists():
        return False
    trust_file.parent.mkdir(parents=True, exist_ok=True)
    trust_file.write_text(encoded(public_key) + "\n", "ascii")
    return True
