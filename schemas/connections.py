"""How to reach Apache Kafka: the settings both sides share, and what kafka-python tells only its log."""

import gc
import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from schemas.errors import SettingsInvalid

BOOTSTRAP_TIMEOUT_MS = 5_000
"""Wrong password, unknown authority, no broker: kafka-python retries all of them in silence until this runs out."""

RECONNECT_BACKOFF_MAX_MS = 1_000
"""kafka-python's default of 30 s delays the recovery after an outage by as much."""

NEXT_STEP = (
    "Check that the broker runs and that CZT_BROKER_URL is right; with CZT_KAFKA_SECURITY=sasl_ssl also the user name, "
    "the password file and the CA file"
)


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Addresses (`host:port`) of one Kafka cluster and how to sign in. The password is never shown."""

    bootstrap: tuple[str, ...]
    security: Literal["plaintext", "sasl_ssl"] = "plaintext"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    @property
    def address(self) -> str:
        """`host:port,host:port`, for people."""
        return ",".join(self.bootstrap)

    def settings(self) -> dict[str, Any]:
        """Arguments every kafka-python client takes. SASL is SCRAM-SHA-512 over TLS, the certificate is checked."""
        common: dict[str, Any] = {
            "bootstrap_servers": list(self.bootstrap),
            "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
            "reconnect_backoff_max_ms": RECONNECT_BACKOFF_MAX_MS,
        }
        if self.security == "plaintext":
            return common
        return common | {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
            "ssl_cafile": str(self.ca_file) if self.ca_file else None,
        }

    def outage(self, error: Exception) -> str:
        """The sentence for a person about what kafka-python raised, with the cause its log named last."""
        detail = str(error) or type(error).__name__
        cause = _last_failure.text
        return f"The Kafka broker at {self.address} failed us: {detail}" + (f" ({cause})" if cause else "")


def prepare() -> None:
    """Call before the first client is made. Raises SettingsInvalid when the crc32c package is missing.

    kafka-python then falls back, silently, to checksums in Python: reading is nine times slower. Its loggers are
    silenced unless somebody has set their level: an outage of 4 s writes a hundred lines, and we raise what matters.
    """
    if importlib.util.find_spec("crc32c") is None:
        raise SettingsInvalid(
            "Kafka can't be used without the Python package crc32c: reading would be nine times slower",
            "pip install 'kafka-python[crc32c,lz4,zstd]'",
        )
    everything = logging.getLogger("kafka")
    if everything.level == logging.NOTSET:
        everything.setLevel(logging.CRITICAL)
        _manager_log.propagate = False
    _manager_log.setLevel(logging.WARNING)
    _manager_log.addHandler(_last_failure)  # a handler that is there already is not added again


class Client(Protocol):
    """kafka-python's network client, as far as we need it."""

    def close(self) -> None:
        """End its thread and close its sockets."""
        ...


Opened = TypeVar("Opened")


def opened(make: Callable[..., Opened], make_client: Callable[..., Client], settings: dict[str, Any]) -> Opened:
    """`make(**settings)`, leaving nothing behind when it raises.

    A constructor of kafka-python that can't reach the broker raises without ending the thread and the sockets it has
    opened: a service that tries again every few seconds would run out of both.
    """
    clients: list[Client] = []

    def remembered(**configs: Any) -> Client:
        clients.append(make_client(**configs))
        return clients[-1]

    _last_failure.text = ""
    made = None
    try:
        made = make(kafka_client=remembered, **settings)
        return made
    finally:
        if made is None:
            for client in clients:
                client.close()
            gc.collect()  # refused sockets hang in reference cycles; a service may have made collections rare


TELLING = ("SaslAuthenticationFailed", "CERTIFICATE_VERIFY_FAILED")
"""A refused password or certificate is tried again, and the next attempts fail with less to say."""


class _LastFailure(logging.Handler):
    """Remembers why a connection failed last, in this process, or what told most."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # "Bootstrap failed: … Unable to bootstrap" repeats what is raised; the lines before it hold the cause.
        says_why = "failed: " in message and not message.startswith("Bootstrap failed")
        if says_why and not any(word in self.text for word in TELLING):
            self.text = message.split("failed: ", 1)[1].split(" (backoff", 1)[0]


_last_failure = _LastFailure()
_manager_log = logging.getLogger("kafka.net.manager")
