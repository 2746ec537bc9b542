"""How to reach Apache Kafka: the settings both sides share, and what kafka-python tells only its log."""

import gc
import importlib.util
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from schemas.errors import Both, SettingsInvalid

BOOTSTRAP_TIMEOUT_MS = 5_000
"""Wrong password, unknown authority, no broker: kafka-python retries all of them in silence until this runs out."""

PATIENT_BOOTSTRAP_TIMEOUT_MS = 20_000
"""The second attempt's, where something listens but has told no cause yet: a busy broker, or a busy machine of ours."""

RETRY_BACKOFF_MS = 20
"""kafka-python's default of 100 ms passes two or three times before a new client has learnt of a topic and read from it."""

RECONNECT_BACKOFF_MAX_MS = 1_000
"""kafka-python's default of 30 s delays the recovery after an outage by as much."""

NEXT_STEP = Both(
    "请检查 Kafka 是否在运行、CZT_BROKER_URL 是否正确；CZT_KAFKA_SECURITY 为 sasl_ssl 的，还要检查用户名、密码文件和 CA 证书。",
    "Check that the broker runs and that CZT_BROKER_URL is right; with CZT_KAFKA_SECURITY=sasl_ssl also the user name, "
    "the password file and the CA file",
)
NOT_SEEN = Both("请运行 czt init 建立主题，或请 Kafka 管理员检查该用户的权限（ACL）。", "Run `czt init`, or check the user's ACL")

CAUSES: tuple[tuple[str, Both], ...] = (
    ("ECONNREFUSED", Both("那里没有程序在监听", "nothing listens there")),
    ("DNS Resolution", Both("主机名解析不了", "there is no host of that name")),
    ("SaslAuthenticationFailed", Both("用户名或密码不对", "the user name or the password is refused")),
    ("CERTIFICATE_VERIFY_FAILED", Both("证书不是这个 CA 签发的，或已过期", "the certificate is not of this CA, or has expired")),
    ("socket disconnected", Both("对方断开了：不是 Kafka，或要求加密连接", "it hangs up: no Kafka, or one that wants TLS")),
    (
        "RequestTimedOut",
        Both("那里有程序在监听，但不像 Kafka 那样应答", "what listens there does not answer as Kafka does"),
    ),
    ("WRONG_VERSION_NUMBER", Both("对方不用加密连接", "it does not speak TLS")),
)
"""What kafka-python's log names as the cause, in words."""

HANGS_UP = (
    "socket disconnected",
    Both(
        "对方断开了：用户名或密码不对，或对方不用加密连接",
        "it hangs up: the user name or the password is refused, or it does not speak TLS",
    ),
)
"""Over TLS the broker's answer to a wrong password does not reach us: it ends the connection first."""


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
            "retry_backoff_ms": RETRY_BACKOFF_MS,
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

    def outage(self, error: Exception) -> Both:
        """The sentence for a person about what kafka-python raised, with the cause its log named last."""
        cause = _last_failure.text
        causes = CAUSES if self.security == "plaintext" else (HANGS_UP, *CAUSES)
        known = next((words for part, words in causes if part in cause), None)
        if known is not None:
            return Both(
                f"连不上 Kafka（{self.address}）：{known.zh}（{cause}）",
                f"The Kafka broker at {self.address} can't be used: {known.en} ({cause})",
            )
        detail = (str(error) or type(error).__name__) + (f" ({cause})" if cause else "")
        return Both(f"Kafka（{self.address}）出错：{detail}", f"The Kafka broker at {self.address} failed us: {detail}")


def prepare() -> None:
    """Call before the first client is made. Raises SettingsInvalid when the crc32c package is missing.

    kafka-python then falls back, silently, to checksums in Python: reading is nine times slower. Its loggers are
    silenced unless somebody has set their level: an outage of 4 s writes a hundred lines, and we raise what matters.
    """
    if importlib.util.find_spec("crc32c") is None:
        raise SettingsInvalid(
            Both(
                "没有 Python 包 crc32c，不能使用 Kafka：读取会慢九倍。",
                "Kafka can't be used without the Python package crc32c: reading would be nine times slower",
            ),
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

    cluster: Any

    def close(self) -> None:
        """End its thread and close its sockets."""
        ...


Opened = TypeVar("Opened")


def opened(make: Callable[..., Opened], make_client: Callable[..., Client], settings: dict[str, Any]) -> Opened:
    """`make(**settings)`, leaving nothing behind when it raises. Where nobody said why, it is tried once more, with more time."""
    try:
        return _opened(make, make_client, settings)
    except Exception:
        if not _last_failure.untold():
            raise
    return _opened(make, make_client, settings | {"bootstrap_timeout_ms": PATIENT_BOOTSTRAP_TIMEOUT_MS})


def _opened(make: Callable[..., Opened], make_client: Callable[..., Client], settings: dict[str, Any]) -> Opened:
    """One attempt.

    A constructor of kafka-python that can't reach the broker raises without ending the thread and the sockets it has
    opened: a service that tries again every few seconds would run out of both.
    """
    clients: list[Client] = []

    def remembered(**configs: Any) -> Client:
        client = make_client(**configs)
        client.cluster.config["retry_backoff_ms"] = RETRY_BACKOFF_MS  # what knows the topics is not told of the setting
        clients.append(client)
        return client

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

    def untold(self) -> bool:
        """Whether time ran out before the broker said anything."""
        return re.search("time(d )?out", self.text, re.IGNORECASE) is not None

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # "Bootstrap failed: … Unable to bootstrap" repeats what is raised; the lines before it hold the cause.
        says_why = "failed: " in message and not message.startswith("Bootstrap failed")
        cut_short = "RequestTimedOut" in message and self.text  # our own time for bootstrapping ran out
        if says_why and not cut_short and not any(word in self.text for word in TELLING):
            self.text = message.split("failed: ", 1)[1].split(" (backoff", 1)[0]


_last_failure = _LastFailure()
_manager_log = logging.getLogger("kafka.net.manager")
