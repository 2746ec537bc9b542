"""Kafka with accounts, TLS and rights, set up with the files of deploy/kafka/: each party does its part and nothing else."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from consumers.kafka_subscriber import KafkaSubscriber
from producers.kafka_publisher import KafkaPublisher
from schemas.connections import KafkaConnection
from schemas.errors import ServiceError, UsageError
from schemas.ports import Message
from schemas.topics import CHECKPOINTS, JOINT
from tests.support.cli import Cli, ended
from tests.support.samples import DAY, sample
from tests.support.secure_kafka import SecureKafka

ENDED_SECONDS = 150
ATTEMPTS = 4
"""On a machine that is busy enough the time to connect may run out before the broker has said why."""

CHANGSHA, ZHUZHOU = "czt.register.changsha", "czt.register.zhuzhou"

# kafka-python leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning", "ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def secure(start_server: Callable[[Callable[[], SecureKafka]], SecureKafka], tmp_path: Path) -> SecureKafka:
    """A running broker without any topic and without rights."""
    return start_server(lambda: SecureKafka(tmp_path))


class Parties:
    """The command line, as one party after the other."""

    def __init__(self, secure: SecureKafka, patch: pytest.MonkeyPatch, home: Path) -> None:
        self._secure = secure
        self._patch = patch
        self._home = home

    def as_(self, account: str, **settings: str) -> Cli:
        """The command line with this account; `settings` overrule."""
        return Cli(self._patch, {"CZT_HOME": str(self._home), **self._secure.settings(account), **settings})


def test_each_party_does_its_part_and_nothing_else(secure: SecureKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the rights of access.sh a catalogue becomes listings and receipts; nobody writes what is another's to write."""
    parties = Parties(secure, monkeypatch, tmp_path / "home")
    admin = parties.as_("admin")
    assert len(admin.ok("init")["topics"]) == 11
    admin.ok("joint", "init-keys")
    _a_party_without_rights_is_told(parties)
    secure.give_rights()
    _the_line(parties)
    _nobody_writes_for_another(secure)
    _what_is_wrong_is_said(parties, secure, tmp_path)


def _a_party_without_rights_is_told(parties: Parties) -> None:
    """Before it has rights a relay ends with one message about the topic and the rights."""
    ran = parties.as_("changsha")("city", "relay", "--city", "changsha", "--once")
    assert ran.code in (2, 3)
    assert (CHANGSHA in ran.err, "ACL" in ran.err, "Traceback" in ran.err) == (True, True, False)


def _the_line(parties: Parties) -> None:
    """Decisions, a catalogue, its listings and receipts, each by the account whose part it is."""
    office = parties.as_("joint-office")
    answer = office.ok("joint", "key", "trust", "changsha", str(office.home / "keys" / "changsha.pub"))
    assert answer["published"] is True
    office.ok("joint", "rules", "activate")
    office.ok("joint", "day", DAY)
    city = parties.as_("changsha")
    events = city("city", "import", sample("changsha"), "--city", "changsha", "--as-of", DAY, "--json").json()["events"]
    assert city.ok("city", "relay", "--city", "changsha", "--once")["published"] == events
    decided = parties.as_("hub").ok("hub", "run", "--until-idle")
    assert decided["outcomes"] == {"applied": events + 3}
    assert len(parties.as_("changsha").ok("city", "receipts", "--city", "changsha")["receipts"]) == events
    assert {one["lag"] for one in parties.as_("console").ok("hub", "status")["sources"]} == {0}


def _connection(secure: SecureKafka, account: str) -> KafkaConnection:
    password = secure.password_file(account).read_text().strip()
    return KafkaConnection((secure.server.bootstrap,), "sasl_ssl", account, password, secure.folder / "kafka-ca.pem")


def _ends(secure: SecureKafka, topics: Iterable[str]) -> dict[str, int]:
    subscriber = KafkaSubscriber(_connection(secure, "admin"))
    try:
        return {topic: subscriber.end_offset(topic, 0) for topic in topics}
    finally:
        subscriber.close()


def _nobody_writes_for_another(secure: SecureKafka) -> None:
    """A city another city's topic, the hub a register's or the office's, a city the checkpoints: refused, and nothing is there."""
    attempts = [("zhuzhou", CHANGSHA), ("hub", CHANGSHA), ("hub", JOINT), ("joint-office", ZHUZHOU), ("changsha", CHECKPOINTS)]
    before = _ends(secure, {topic for _, topic in attempts})
    for account, topic in attempts:
        publisher = KafkaPublisher(_connection(secure, account))
        with pytest.raises((ServiceError, UsageError), match=topic):
            publisher.publish([Message(topic, b"k", b"forged", partition=0)])
        publisher.close()
    assert _ends(secure, before) == before


def _what_is_wrong_is_said(parties: Parties, secure: SecureKafka, folder: Path) -> None:
    """Wrong password, unknown authority, expired certificate, no TLS: one message each, with the cause, exit 3, no secret."""
    wrong = folder / "wrong-password"
    wrong.write_text("not-the-password\n")
    cases = {
        "the user name or the password is refused": {"CZT_KAFKA_PASSWORD_FILE": str(wrong)},
        "self-signed certificate in certificate chain": {"CZT_KAFKA_CA_FILE": str(folder / "other-ca.pem")},
        "certificate has expired": {"CZT_BROKER_URL": f"kafka://127.0.0.1:{secure.expired_port}"},
        "it hangs up: no Kafka, or one that wants TLS": {"CZT_KAFKA_SECURITY": "plaintext"},
    }
    receipts = ("city", "receipts", "--city", "changsha", "--lang", "en")
    for words, settings in cases.items():
        for _ in range(ATTEMPTS):
            ran = ended(parties.as_("changsha").start(*receipts, **settings), ENDED_SECONDS)
            if words in ran.err:
                break
        assert (ran.code, ran.out) == (3, "")
        assert words in ran.err
        assert "127.0.0.1" in ran.err
        assert not any(never in ran.err for never in ("Traceback", "secret-of", "not-the-password"))
