"""Settings are read once, lie under CZT_HOME, and all mistakes are told together without any secret."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.environment import masked, read_settings, unknown_names
from deploy.readme import settings_table
from deploy.settings import Settings
from schemas.errors import SettingsInvalid


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CZT_")]:
        monkeypatch.delenv(name)


def test_every_default_lies_under_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable moves every file."""
    monkeypatch.setenv("CZT_HOME", "/data/czt")
    settings = read_settings()
    assert settings.store_url == "sqlite:////data/czt/store.db"
    assert settings.broker_file == Path("/data/czt/broker.db")
    assert settings.register_of("zhuzhou") == "sqlite:////data/czt/register-zhuzhou.db"
    assert settings.joint_url == "sqlite:////data/czt/joint.db"
    assert settings.key_dir == Path("/data/czt/keys")
    assert settings.trust_file == Path("/data/czt/trust.pub")
    assert settings.checkpoints_file == Path("/data/czt/checkpoints.db")


def test_defaults_without_any_variable() -> None:
    """Nothing set: everything under `var`, no port, no Kafka."""
    settings = read_settings()
    assert settings.broker_url == "sqlite:///var/broker.db"
    assert (settings.metrics_port, settings.bootstrap, settings.lang) == (0, (), None)


def test_a_register_for_each_city(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any city's register has a setting, whoever takes part; what is wrong with one is told under its name."""
    monkeypatch.setenv("CZT_REGISTER_URL_LOUDI", "sqlite:////data/loudi.db")
    monkeypatch.setenv("CZT_REGISTER_URL_ZHUZHOU", "")
    settings = read_settings()
    assert settings.register_of("loudi") == "sqlite:////data/loudi.db"
    assert settings.register_of("zhuzhou") == "sqlite:///var/register-zhuzhou.db"
    monkeypatch.setenv("CZT_REGISTER_URL_LOUDI", "mysql://czt:very-secret@host/db")
    monkeypatch.setenv("CZT_REGISTER_URL", "sqlite:///x.db")
    with pytest.raises(SettingsInvalid, match="CZT_REGISTER_URL_LOUDI: found 'mysql://czt:") as caught:
        read_settings()
    assert "very-secret" not in caught.value.message
    monkeypatch.delenv("CZT_REGISTER_URL_LOUDI")
    with pytest.raises(SettingsInvalid, match="CZT_REGISTER_URL: found 'sqlite:///x.db', expected one setting for each city"):
        read_settings()


def test_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CZT_STORE_URL=` in a compose file means the default."""
    monkeypatch.setenv("CZT_STORE_URL", "")
    assert read_settings().store_url == "sqlite:///var/store.db"


def test_kafka_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several brokers stand in one address; there is no embedded file then."""
    monkeypatch.setenv("CZT_BROKER_URL", "kafka://one:9092,two:9093")
    settings = read_settings()
    assert settings.bootstrap == ("one:9092", "two:9093")
    assert settings.broker_file is None


def test_all_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each wrong setting: its name, what was found, what is expected."""
    wrong = {
        "CZT_BROKER_URL": "kafka://nowhere",
        "CZT_STORE_URL": "postgresql://czt:very-secret@host/db",
        "CZT_METRICS_PORT": "65536",
        "CZT_LANG": "fr",
        "CZT_LOG_ORIGIN": "two words",
        "CZT_KAFKA_CA_FILE": "/no/such/file",
        "CZT_OWNER_LEASE_SECONDS": "0",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as caught:
        read_settings()
    first, *lines = caught.value.message.splitlines()
    assert first == f"{len(wrong)} settings are wrong:"
    assert {line.split(":")[0].strip() for line in lines} == set(wrong)
    assert all("found" in line and "expected" in line for line in lines)
    assert "very-secret" not in caught.value.message
    assert caught.value.exit_code == 2


def test_sign_in_needs_name_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sasl_ssl` without a user name or password file is a mistake in both."""
    monkeypatch.setenv("CZT_BROKER_URL", "kafka://one:9092")
    monkeypatch.setenv("CZT_KAFKA_SECURITY", "sasl_ssl")
    with pytest.raises(SettingsInvalid, match=r"2 settings are wrong(.|\n)*USERNAME(.|\n)*PASSWORD_FILE"):
        read_settings()


def test_settings_are_frozen_and_keep_addresses_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody changes a setting while the process runs, and `repr` shows no address that may hold a password."""
    monkeypatch.setenv("CZT_STORE_URL", "postgresql+psycopg://czt:very-secret@host/db")
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.metrics_port = 1  # type: ignore[misc]
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://czt:p@ss@host/db", "postgresql+psycopg://czt:***@host/db"),
        ("postgresql+psycopg://czt@host/db", "postgresql+psycopg://czt@host/db"),
        ("sqlite:///var/store.db", "sqlite:///var/store.db"),
    ],
)
def test_masked(url: str, shown: str) -> None:
    """The password of an address becomes `***`, all of it."""
    assert masked(url) == shown


def test_mistyped_names_are_found() -> None:
    """A name that begins like a setting and is none is named."""
    environment = {"CZT_STORE_URL": "x", "CZT_STOREURL": "x", "PATH": "x"}
    environment |= {"CZT_REGISTER_URL_CHANGSHA": "x", "CZT_REGISTER_URL_LOUDI": "x"}
    assert unknown_names(["changsha"], environment) == ["CZT_REGISTER_URL_LOUDI", "CZT_STOREURL"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_table_names_every_setting(lang: str) -> None:
    """The README's table has a line with a meaning for each setting, in both languages."""
    lines = settings_table("zh" if lang == "zh" else "en").splitlines()[2:]
    assert len(lines) == len(Settings.model_fields)
    for name, line in zip(Settings.model_fields, lines, strict=True):
        _, setting, _, meaning, _ = line.split("|")
        each = "_<city>" if name == "register_url" else ""
        assert setting.strip() == f"`CZT_{name.upper()}{each}`"
        assert meaning.strip()


@pytest.mark.parametrize(
    ("given", "kept"), [("https://czt.example.org/", "https://czt.example.org"), ("http://h:8/a", "http://h:8/a")]
)
def test_public_address(monkeypatch: pytest.MonkeyPatch, given: str, kept: str) -> None:
    """The address that codes on paper lead to, without a slash at its end."""
    monkeypatch.setenv("CZT_PUBLIC_URL", given)
    assert read_settings().public_url == kept


@pytest.mark.parametrize("given", ["czt.example.org", "ftp://h/", "https://u@h/", "https://h/?a=1", "https://h/#x", "https://"])
def test_not_a_public_address(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """What a code can't lead to is said at start, not found on paper."""
    monkeypatch.setenv("CZT_PUBLIC_URL", given)
    with pytest.raises(SettingsInvalid, match="PUBLIC_URL"):
        read_settings()
