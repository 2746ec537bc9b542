"""How kafka-python is set up, and what of its log reaches a person."""

import importlib.util
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.connections import PATIENT_BOOTSTRAP_TIMEOUT_MS, RETRY_BACKOFF_MS, KafkaConnection, opened, prepare
from schemas.errors import SettingsInvalid

SECURE = KafkaConnection(("a:1", "b:2"), "sasl_ssl", "changsha", "secret", Path("ca.pem"))


class FakeClient:
    """A network client that knows whether it was closed."""

    def __init__(self, **configs: Any) -> None:
        self.configs = configs
        self.closed = False
        self.cluster = SimpleNamespace(config={"retry_backoff_ms": 100})

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def test_a_new_client_does_not_wait_between_its_first_questions() -> None:
    """What knows the topics is told how soon to ask again, for which kafka-python passes no setting on."""
    client = opened(lambda kafka_client: kafka_client(), FakeClient, {})
    assert client.cluster.config == {"retry_backoff_ms": RETRY_BACKOFF_MS}


def test_plaintext_needs_addresses_only() -> None:
    """No user and no certificate are passed on."""
    settings = KafkaConnection(("a:1",)).settings()
    assert settings["bootstrap_servers"] == ["a:1"]
    assert not any(name.startswith(("sasl_", "ssl_", "security_")) for name in settings)


def test_sasl_ssl_signs_in_with_scram_over_tls() -> None:
    """SCRAM-SHA-512, the CA file, and never without TLS."""
    settings = SECURE.settings()
    assert settings["security_protocol"] == "SASL_SSL"
    assert settings["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (settings["sasl_plain_username"], settings["sasl_plain_password"]) == ("changsha", "secret")
    assert settings["ssl_cafile"] == "ca.pem"


def test_the_password_is_not_shown() -> None:
    """Neither repr nor the sentence about an outage holds it."""
    assert "secret" not in repr(SECURE)
    assert "secret" not in repr(SECURE.outage(RuntimeError("no")))


def test_an_outage_names_address_and_cause() -> None:
    """The cause is what the log of kafka-python named last, not its closing line."""
    prepare()
    opened(lambda kafka_client: kafka_client(), FakeClient, {})
    log = logging.getLogger("kafka.net.manager")
    log.warning("Bootstrap connection to bootstrap-0 failed: KafkaConnectionError: 111 ECONNREFUSED (backoff 1.69 secs)")
    log.warning("Bootstrap bootstrap-0 not ready; waiting 1.43 secs")
    log.error("Bootstrap failed: KafkaTimeoutError: Unable to bootstrap from a:1")
    sentence = SECURE.outage(RuntimeError("Unable to bootstrap"))
    assert sentence.en == (
        "The Kafka broker at a:1,b:2 can't be used: nothing listens there (KafkaConnectionError: 111 ECONNREFUSED)"
    )
    assert "没有程序在监听" in sentence.zh


def test_a_refused_password_is_not_forgotten() -> None:
    """What is tried again after it, and fails otherwise, does not hide it; the next client starts anew."""
    prepare()
    log = logging.getLogger("kafka.net.manager")
    opened(lambda kafka_client: kafka_client(), FakeClient, {})
    log.error("Connection failed: SaslAuthenticationFailedError: invalid credentials")
    log.error("Connection failed: KafkaConnectionError: socket disconnected")
    assert "invalid credentials" in SECURE.outage(RuntimeError("no")).en
    opened(lambda kafka_client: kafka_client(), FakeClient, {})
    assert SECURE.outage(RuntimeError("no")).en == "The Kafka broker at a:1,b:2 failed us: no"


@pytest.mark.parametrize(
    ("connection", "words"), [(SECURE, "password is refused"), (KafkaConnection(("a:1",)), "one that wants TLS")]
)
def test_a_broker_that_hangs_up_means_something_else_with_tls(connection: KafkaConnection, words: str) -> None:
    """With TLS it is the account, without it the missing TLS; that our own time ran out afterwards hides neither."""
    prepare()
    log = logging.getLogger("kafka.net.manager")
    opened(lambda kafka_client: kafka_client(), FakeClient, {})
    log.warning("Bootstrap connection to bootstrap-0 failed: KafkaConnectionError: socket disconnected (backoff 0.96 secs)")
    log.warning("Bootstrap connection to bootstrap-0 failed: [Error 7] RequestTimedOutError: Request timed out after 270 ms")
    assert words in str(connection.outage(RuntimeError("no")).en)


def test_without_crc32c_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing package is named with the command that installs it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsInvalid, match="crc32c") as caught:
        prepare()
    assert "pip install" in caught.value.next_step


def test_a_constructor_that_raises_leaves_no_client_open() -> None:
    """Its network client is closed, and the error goes on."""
    clients: list[FakeClient] = []

    def make_client(**configs: Any) -> FakeClient:
        clients.append(FakeClient(**configs))
        return clients[-1]

    def make(kafka_client: Any, **settings: Any) -> None:
        kafka_client(**settings)
        raise RuntimeError("no broker")

    with pytest.raises(RuntimeError, match="no broker"):
        opened(make, make_client, {"a": 1})
    assert [(client.configs, client.closed) for client in clients] == [({"a": 1}, True)]


def test_a_constructor_that_returns_keeps_its_client() -> None:
    """What was made is handed back, with its client open."""
    client = opened(lambda kafka_client: kafka_client(), FakeClient, {})
    assert not client.closed


@pytest.mark.parametrize(("said", "attempts"), [("KafkaTimeoutError: Timeout during ApiVersions check", 2), ("ECONNREFUSED", 1)])
def test_a_silent_broker_gets_a_second_and_longer_attempt(said: str, attempts: int) -> None:
    """Where time ran out before anything was heard it is tried once more; a cause that was told is raised at once."""
    prepare()
    waited: list[int] = []

    def make(kafka_client: Any, bootstrap_timeout_ms: int) -> None:
        waited.append(bootstrap_timeout_ms)
        logging.getLogger("kafka.net.manager").warning("Bootstrap connection to bootstrap-0 failed: %s", said)
        raise RuntimeError("no broker")

    with pytest.raises(RuntimeError, match="no broker"):
        opened(make, FakeClient, {"bootstrap_timeout_ms": 7})
    assert waited == [7, PATIENT_BOOTSTRAP_TIMEOUT_MS][:attempts]
