"""The search for private keys, on which other tests rely, finds them."""

from pathlib import Path

from deploy.keys import ensure_key
from tests.support.private_keys import forms, found_in


def test_each_form_of_a_key_is_found(tmp_path: Path) -> None:
    """Wherever it stands; a public key is none."""
    ensure_key(tmp_path, "changsha")
    for form in forms(tmp_path / "changsha.pem"):
        assert found_in(tmp_path, {"a log": b"key=" + form + b";"}) == [("changsha.pem", "a log")]
    assert found_in(tmp_path, {"public": (tmp_path / "changsha.pub").read_bytes()}) == []
