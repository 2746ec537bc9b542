"""A key or a password in the environment is refused, whatever it is called and however it is written, and never said."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.environment import read_settings
from deploy.settings import Settings
from schemas.errors import SettingsInvalid
from tests.support.cli import Cli, refused

SEED = bytes(range(100, 132))
_KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
FORMS = {
    "PEM": PEM,
    "PEM on one line": PEM.replace("\n", "\\n"),
    "body of the PEM": PEM.splitlines()[1],
    "hex": SEED.hex(),
    "hex in capitals": f" 0x{SEED.hex().upper()}\n",
    "base64": base64.b64encode(SEED).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(SEED).decode(),
}
NAMES = ("CZT_KEY", "CZT_WHATEVER", "CZT_KEY_DIR", "CZT_STORE_URL", "CZT_METRICS_PORT", "CZT_REGISTER_URL_CHANGSHA", "CZT_LANG")


@pytest.fixture
def czt(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`czt` in a home that isn't there."""
    return Cli(monkeypatch, {"CZT_HOME": str(tmp_path_factory.getbasetemp() / "nowhere")})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_refused_and_not_said(czt: Cli, monkeypatch: pytest.MonkeyPatch, name: str, form: str) -> None:
    """In any variable of ours, a setting or not, and beside other mistakes."""
    monkeypatch.setenv(name, FORMS[form])
    monkeypatch.setenv("CZT_OWNER_LEASE_SECONDS", "soon")
    with pytest.raises(SettingsInvalid, match=f"{name}: keys and passwords are not taken from there") as caught:
        read_settings()
    assert "CZT_KEY_DIR" in caught.value.next_step
    said = caught.value.message + repr(caught.value) + str(caught.value.said("zh"))
    assert FORMS[form].strip() not in said
    assert PEM.splitlines()[1] not in said


@pytest.mark.parametrize("name", ["CZT_PRIVATE_KEY", "CZT_CHANGSHA_SEED", "CZT_KAFKA_PASSWORD", "CZT_KEY_PEM"])
def test_a_name_that_is_a_secrets_is_refused(czt: Cli, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever it holds, in both languages and as JSON; the value is not shown, by `czt doctor` neither."""
    monkeypatch.setenv(name, "hunter2-and-more")
    refused(czt, ("hub", "status"), 2, "settings_invalid", name)
    for ran in (czt("hub", "status", "--debug"), czt("doctor"), czt("doctor", "--json")):
        assert ran.code == 2
        assert name in ran.out + ran.err
        assert "hunter2" not in ran.out + ran.err


def test_what_settings_hold_is_no_secret(czt: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every default, folders and files named after keys, long names and addresses pass."""
    given = {
        "CZT_KEY_DIR": "/srv/czt/keys/of/the/registry/in/changsha-0123456789",
        "CZT_STORE_URL": "postgresql+psycopg://czt@postgres.example.org/store_of_three_cities_and_more",
        "CZT_LOG_ORIGIN": "log.example.org/czt-0123456789abcdef0123456",
        "CZT_KAFKA_USERNAME": "changsha",
        "CZT_TEST_SEED": "12",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert str(read_settings().key_dir) == given["CZT_KEY_DIR"]
    assert {name for name in Settings.model_fields if "key" in name} == {"key_dir"}
