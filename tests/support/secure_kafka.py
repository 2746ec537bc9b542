"""Apache Kafka with the accounts, certificates and rights that deploy/kafka/ describes, on ports of this machine."""

import ipaddress
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from tests.support.compose import ROOT
from tests.support.fleet import until
from tests.support.kafka_server import KafkaServer
from tests.support.ports import free_port

FOLDER = ROOT / "deploy" / "kafka"
ACCOUNTS = ("admin", "changsha", "zhuzhou", "xiangtan", "joint-office", "hub", "console")
DAY = timedelta(days=1)
PATIENCE_SECONDS = 120.0


class SecureKafka:
    """Files of accounts and certificates in a folder, and the broker that knows them. `expired`: a port with an old certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expired_port = free_port()
        _write_certificates(folder)
        for name in ACCOUNTS:
            self.password_file(name).write_text(f"secret-of-{name}\n")
        users = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in self._accounts()]
        words = [word for user in users for word in ("--add-scram", user)]
        self.server = KafkaServer(self._options(), words)

    def start(self) -> None:
        """See `KafkaServer.start`."""
        self.server.start()

    def remove(self) -> None:
        """See `KafkaServer.remove`."""
        self.server.remove()

    def password_file(self, name: str) -> Path:
        """Where the password of an account is, as access.sh wants it."""
        return self.folder / f"kafka-password-{name}"

    def settings(self, account: str) -> dict[str, str]:
        """What a process needs to sign in."""
        return {
            "CZT_BROKER_URL": self.server.url,
            "CZT_KAFKA_SECURITY": "sasl_ssl",
            "CZT_KAFKA_USERNAME": account,
            "CZT_KAFKA_PASSWORD_FILE": str(self.password_file(account)),
            "CZT_KAFKA_CA_FILE": str(self.folder / "kafka-ca.pem"),
        }

    def _options(self) -> dict[str, str]:
        """secure.properties, with files and ports of this machine, and one more port that shows an expired certificate."""
        lines = (FOLDER / "secure.properties").read_text("utf-8").splitlines()
        given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        given = {name: value.replace("/run/secrets/", f"{self.folder}/") for name, value in given.items()}
        internal = free_port()
        clients = f"SASL_SSL://127.0.0.1:@PORT@,INTERNAL://127.0.0.1:{internal},EXPIRED://127.0.0.1:{self.expired_port}"
        here = {
            "listeners": f"{clients},CONTROLLER://127.0.0.1:@CONTROLLER_PORT@",
            "advertised.listeners": clients,
            "controller.quorum.voters": "1@127.0.0.1:@CONTROLLER_PORT@",
            "log.dirs": "@DATA@",
            "listener.security.protocol.map": given["listener.security.protocol.map"] + ",EXPIRED:SASL_SSL",
            "listener.name.expired.ssl.client.auth": "none",
            "listener.name.expired.ssl.keystore.type": "PEM",
            "listener.name.expired.ssl.keystore.location": str(self.folder / "expired.pem"),
            "listener.name.expired.scram-sha-512.sasl.jaas.config": given["listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"],
        }
        return {**given, **here}

    def _accounts(self) -> Iterator[tuple[str, str]]:
        """Name and password of each account that `access.sh users` makes."""
        for words in self._called("kafka-configs.sh", "users", str(self.folder)):
            [line] = [word for word in words if word.startswith("SCRAM-SHA-512=password=")]
            yield words[words.index("--entity-name") + 1], line.removeprefix("SCRAM-SHA-512=password=")

    def give_rights(self) -> None:
        """What `access.sh acls` gives, through the admin's own client; returns when the broker knows of them."""
        wanted = [acl for words in self._called("kafka-acls.sh", "acls") for acl in _acls(words)]
        admin = KafkaAdminClient(
            bootstrap_servers=self.server.bootstrap,
            bootstrap_timeout_ms=60_000,
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_plain_username="admin",
            sasl_plain_password=self.password_file("admin").read_text().strip(),
            ssl_cafile=str(self.folder / "kafka-ca.pem"),
        )
        try:
            assert admin.create_acls(wanted)["failed"] == []
            last = wanted[-1]
            until(lambda: last in admin.describe_acls(last)[0], PATIENCE_SECONDS, "the rights are known")
        finally:
            admin.close()

    def _called(self, program: str, *words: str) -> list[list[str]]:
        """The words with which access.sh calls one of Kafka's scripts, each time; files that it hands over are read."""
        tools = self.folder / "bin"
        tools.mkdir(exist_ok=True)
        # The last argument of kafka-configs.sh is a file of settings.
        shown = 'cat "${@: -1}"' if program == "kafka-configs.sh" else ":"
        (tools / program).write_text(f"#!/bin/bash\nprintf '%s\\n' \"$@\"\n{shown}\necho ---\n")
        (tools / program).chmod(0o755)
        done = subprocess.run(
            [str(FOLDER / "access.sh"), *words],
            env={"PATH": "/usr/bin:/bin", "KAFKA_BIN": str(tools)},
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return [call.split("\n") for call in done.stdout.split("\n---\n") if call]


def _acls(words: list[str]) -> Iterator[ACL]:
    """The rights that one call of kafka-acls.sh gives."""

    def after(option: str) -> list[str]:
        return [words[index + 1] for index, word in enumerate(words) if word == option]

    assert "--add" in words
    [principal] = after("--allow-principal")
    for topic in after("--topic"):
        for operation in after("--operation"):
            pattern = ResourcePattern(ResourceType.TOPIC, topic)
            yield ACL(principal, "*", ACLOperation[operation.upper()], ACLPermissionType.ALLOW, pattern)


def _write_certificates(folder: Path) -> None:
    """An authority, the broker's certificate by it, an expired one, and an authority that nobody asked for."""
    now = datetime.now(UTC)
    key, authority = _authority("czt test authority", now)
    _, other = _authority("another authority", now)
    for name, until_ in (("kafka-server", now + DAY), ("expired", now - timedelta(hours=1))):
        (folder / f"{name}.pem").write_bytes(_server(key, authority, now - DAY, until_))
    (folder / "kafka-ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "other-ca.pem").write_bytes(other.public_bytes(Encoding.PEM))


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _authority(words: str, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(words))
        .issuer_name(_name(words))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    return key, made.sign(key, hashes.SHA256())


def _server(by: ec.EllipticCurvePrivateKey, authority: x509.Certificate, begins: datetime, ends: datetime) -> bytes:
    """Private key, certificate and authority in one file, as Kafka's PEM keystore wants them."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.DNSName("kafka"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(_name("localhost"))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
        .sign(by, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + made.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
