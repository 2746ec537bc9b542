"""Keys and passwords that somebody put into the environment: other programs can read them there, so none of them is used."""

import re
from collections.abc import Collection, Mapping

_SECRET_NAME = re.compile(r".*_(KEY|PRIVATE|PEM|SEED|SECRET|PASSWORD|PASSPHRASE|TOKEN)")
_PEM = re.compile(r"-----BEGIN |PRIVATE KEY|^MC4CAQAwBQYDK2Vw")
"""PEM, or the beginning of any Ed25519 private key in PKCS8, in base64 (RFC 8410 §7)."""
_KEY_BYTES = re.compile(r"(0x)?[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=")
"""32 bytes in hex or base64, as nothing else is written that a setting may hold."""


def exposed(variables: Mapping[str, str], settings: Collection[str]) -> list[str]:
    """Names of variables that hold a key, or by their name should; those of `settings` may be called what they are."""
    given = {name: value.strip() for name, value in variables.items() if value.strip()}
    return sorted(
        name
        for name, value in given.items()
        if _PEM.search(value) or _KEY_BYTES.fullmatch(value) or (name not in settings and _SECRET_NAME.fullmatch(name))
    )
