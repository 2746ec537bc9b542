"""A source's key files over time: the next key lies beside the one in use, former ones stay under their ids.

Each step can be repeated after it was cut off at any point.
"""

import os
from pathlib import Path

from deploy.keys import encoded, ensure_key, load_public, load_signer, private_file, public_file
from schemas.signing import keyid_of


def next_name(name: str) -> str:
    """The next key's file name: `changsha-next`."""
    return f"{name}-next"


def former_name(name: str, keyid: str) -> str:
    """A former key's file name: `changsha-0123456789abcdef`."""
    return f"{name}-{keyid}"


def own_keys(directory: Path, name: str) -> dict[str, bytes]:
    """Public keys by id: the one in use, the next, and the former ones, whose records on the source's topic are its own."""
    files = [public_file(directory, name), public_file(directory, next_name(name))]
    files += sorted(directory.glob(f"{name}-{'[0-9a-f]' * 16}.pub"))
    found = [load_public(file) for file in files if file.exists()]
    return {keyid_of(key): key for key in found}


def make_next(directory: Path, name: str) -> bool:
    """Make the next key, unless it is there; whether it was made. Raises `KeyMissing` without a key in use, `KeyUnusable`."""
    load_signer(directory, name)
    if not private_file(directory, next_name(name)).exists():
        public_file(directory, next_name(name)).unlink(missing_ok=True)  # of a key that was cut off on its way into use
    return ensure_key(directory, next_name(name))


def use_next(directory: Path, name: str) -> tuple[str, str]:
    """Put the next key into use; ids of the former and of the new one. Raises `KeyMissing`, `KeyUnusable`.

    The former key stays beside it under its id, until its owner destroys it.
    """
    coming, going = load_signer(directory, next_name(name)), load_signer(directory, name)
    kept = former_name(name, going.keyid)
    if not private_file(directory, kept).exists():
        os.link(private_file(directory, name), private_file(directory, kept))
    public_file(directory, kept).write_text(encoded(going.public_key) + "\n", "ascii")
    public_file(directory, name).write_text(encoded(coming.public_key) + "\n", "ascii")
    os.replace(private_file(directory, next_name(name)), private_file(directory, name))
    public_file(directory, next_name(name)).unlink(missing_ok=True)
    return going.keyid, coming.keyid
