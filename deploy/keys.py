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
from schemas.errors import Both, KeyMissing, KeyUnusable
from schemas.signing import Ed25519Signer

LOG_KEY = source_name(SHARED_STORE)
"""The log's key signs checkpoints only, never events."""


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
        raise KeyMissing(Both(f"没有私钥文件 {path}", f"No private key at {path}"), _next_step(name)) from None
    except OSError as error:
        raise KeyUnusable(_unreadable(path, error), _CHECK_PATH) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        found = f"{stat.S_IMODE(mode):04o}"
        raise KeyUnusable(
            Both(
                f"私钥 {path} 别的用户也能读（权限 {found}，应为 0600）",
                f"{path} can be read by other users (mode {found}, expected 0600)",
            ),
            f"chmod 600 {path}",
        )
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(
            Both(f"{path} 不是 Ed25519 私钥（PKCS8 PEM）", f"{path} is not an Ed25519 private key in PKCS8 PEM"),
            Both("请放回正确的私钥文件（从备份取）；不要新建，新密钥还没有人信任。", _RIGHT_KEY),
        )
    return Ed25519Signer(key)


def _next_step(name: str) -> Both:
    command = "czt joint init-keys" if name == "joint-office" else "czt init"
    return Both(
        f"请运行 {command}；已运行过的，请检查 CZT_KEY_DIR 和 CZT_HOME。",
        f"Run `{command}`; if it was run, check CZT_KEY_DIR and CZT_HOME.",
    )


_CHECK_PATH = Both("请检查路径和权限，用拥有该文件的用户运行。", "Check the path, and run this as the user who owns the file.")
_RIGHT_KEY = "Put the right file there, from your backup: nobody trusts a new key yet."


def _unreadable(path: Path, error: OSError) -> Both:
    return Both(f"读不了 {path}：{error.strerror}", f"{path} can't be read: {error.strerror}")


def load_public(path: Path) -> bytes:
    """The 32 bytes of a `.pub` file. Raises `KeyMissing`, `KeyUnusable`."""
    try:
        text = path.read_text("ascii")
        key = base64.b64decode(text.strip(), validate=True)
    except FileNotFoundError:
        next_step = Both(
            "请检查路径；czt init 和 czt joint init-keys 会建密钥。",
            "Check the path; `czt init` and `czt joint init-keys` make keys.",
        )
        raise KeyMissing(Both(f"没有公钥文件 {path}", f"No public key at {path}"), next_step) from None
    except OSError as error:
        raise KeyUnusable(_unreadable(path, error), _CHECK_PATH) from None
    except (UnicodeDecodeError, binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise KeyUnusable(
            Both(f"{path} 不是公钥文件", f"{path} is not a public key"),
            Both(
                "公钥文件是一行 base64（32 字节），如 keys/*.pub；私钥（.pem）不要交给别人。",
                "Expected one line: 32 bytes in base64, as in keys/*.pub. Never hand out a private key (.pem).",
            ),
        )
    return key


def load_trust(trust_file: Path) -> bytes:
    """The joint office's first public key. Raises `KeyMissing`, `KeyUnusable`."""
    if not trust_file.exists():
        raise KeyMissing(
            Both(f"没有联席办的公钥文件 {trust_file}", f"The joint office's public key is not at {trust_file}"),
            Both(
                "请向联席办索取 joint-office.pub，当面核对密钥编号后放到此处，或设 CZT_TRUST_FILE。",
                "Get joint-office.pub from the joint office, compare key ids face to face, and put it there or set CZT_TRUST_FILE.",
            ),
        )
    return load_public(trust_file)


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
