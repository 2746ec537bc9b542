"""Key files: made once, readable by their owner only, never overwritten, and clear words when they can't be used."""

import base64
import stat
from pathlib import Path

import pytest

from deploy.keys import ensure_key, ensure_trust, load_public, load_signer, private_file, public_file
from schemas.errors import KeyMissing, KeyUnusable
from schemas.signing import is_valid


def test_made_key_signs(tmp_path: Path) -> None:
    """A new key signs what its public file verifies."""
    assert ensure_key(tmp_path / "keys", "changsha") is True
    signer = load_signer(tmp_path / "keys", "changsha")
    public = load_public(public_file(tmp_path / "keys", "changsha"))
    assert public == signer.public_key
    assert is_valid(public, signer.sign(b"message"), b"message")


def test_files_are_as_contracted(tmp_path: Path) -> None:
    """PKCS8 PEM with mode 0600; the public file is one line, base64 of 32 bytes."""
    ensure_key(tmp_path, "zhuzhou")
    private = private_file(tmp_path, "zhuzhou")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    text = public_file(tmp_path, "zhuzhou").read_text()
    assert text.endswith("\n")
    assert len(base64.b64decode(text.strip(), validate=True)) == 32


def test_key_is_made_once(tmp_path: Path) -> None:
    """A second run leaves the key alone, and writes a lost public file again."""
    ensure_key(tmp_path, "changsha")
    before = load_signer(tmp_path, "changsha").keyid
    public_file(tmp_path, "changsha").unlink()
    assert ensure_key(tmp_path, "changsha") is False
    assert load_signer(tmp_path, "changsha").keyid == before
    assert load_public(public_file(tmp_path, "changsha"))


@pytest.mark.parametrize(("name", "command"), [("changsha", "czt init"), ("joint-office", "czt joint init-keys")])
def test_missing_key_names_the_command(tmp_path: Path, name: str, command: str) -> None:
    """Who has no key is told which command makes it."""
    with pytest.raises(KeyMissing) as caught:
        load_signer(tmp_path, name)
    assert command in caught.value.next_step


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """One bit for group or others is too many."""
    ensure_key(tmp_path, "changsha")
    private_file(tmp_path, "changsha").chmod(mode)
    with pytest.raises(KeyUnusable, match=f"{mode:04o}"):
        load_signer(tmp_path, "changsha")


def test_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    """A file that holds no Ed25519 key is an error, not a reason to make a new one over it."""
    file = private_file(tmp_path, "changsha")
    file.touch(0o600)
    file.write_text("not a key")
    with pytest.raises(KeyUnusable, match="PKCS8"):
        ensure_key(tmp_path, "changsha")
    assert file.read_text() == "not a key"


@pytest.mark.parametrize("content", ["", "not base64!", base64.b64encode(bytes(31)).decode(), "钥"])
def test_public_file_that_is_none(tmp_path: Path, content: str) -> None:
    """Anything but 32 bytes in base64 is refused."""
    file = tmp_path / "some.pub"
    file.write_text(content, "utf-8")
    with pytest.raises(KeyUnusable, match="not a public key"):
        load_public(file)


def test_trust_is_never_replaced(tmp_path: Path) -> None:
    """Whom the hub trusts first is decided once, by hand or by the first run."""
    file = tmp_path / "home" / "trust.pub"
    assert ensure_trust(file, bytes(32)) is True
    assert ensure_trust(file, bytes([1] * 32)) is False
    assert load_public(file) == bytes(32)
