"""Creates the topics in Apache Kafka, and checks those that exist."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    AuthorizationError,
    InvalidReplicationFactorError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)
from kafka.net.compat import KafkaNetClient

from schemas.connections import NEXT_STEP, KafkaConnection, opened, prepare
from schemas.errors import Both, BrokerUnavailable, SettingsInvalid, TopicMismatch, TopicMissing
from schemas.topics import DEAD_LETTERS, TopicSpec

RECORD_BYTES = 1024 * 1024 + 64 * 1024
"""The largest batch a topic takes: a record of 1 MiB with its headers, whatever it is, gets an audit entry. Kafka's
default ends 12 bytes after 1 MiB."""

DEAD_LETTER_BYTES = 2 * RECORD_BYTES
"""Dead letters carry a refused record whole, with headers of their own."""

REQUEST_TIMEOUT_MS = 10_000


class KafkaTopics:
    """A `TopicAdmin` for Apache Kafka. `replication` is CZT_KAFKA_REPLICATION, brokers per record."""

    def __init__(self, connection: KafkaConnection, replication: int = 1) -> None:
        prepare()
        self._connection = connection
        self._replication = replication
        self._admin: Any = None

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> list[str]:
        """See `TopicAdmin.ensure_topics`. Nothing is created when one mismatches.

        Raises also TopicMissing when this user may not create or see topics, SettingsInvalid when the cluster has
        fewer brokers than `replication`.
        """
        try:
            missing = self._check(specs)
            created = self._create(missing)
            # Made by somebody else meanwhile, or without a leader when we looked: there now, so compared now.
            self._check([spec for spec in missing if spec.name not in created])
            return created
        except AuthorizationError as error:
            raise TopicMissing(
                Both(f"该用户无权建立或查看主题：{error}", f"This user may not create or describe the topics: {error}"),
                Both("请用有权限的用户运行 czt init。", "Run `czt init` as a user who may"),
            ) from error
        except KafkaError as error:
            self.close()
            raise BrokerUnavailable(self._connection.outage(error), NEXT_STEP) from error

    def missing(self, topics: Sequence[str]) -> list[str]:
        """Which of the topics do not exist or may not be seen. Raises BrokerUnavailable."""
        try:
            existing = self._partitions(topics)
        except AuthorizationError:
            return list(topics)
        except KafkaError as error:
            self.close()
            raise BrokerUnavailable(self._connection.outage(error), NEXT_STEP) from error
        return [topic for topic in topics if topic not in existing]

    def close(self) -> None:
        """See `TopicAdmin.close`."""
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _opened(self) -> Any:
        if self._admin is None:
            settings = self._connection.settings() | {"request_timeout_ms": REQUEST_TIMEOUT_MS}
            self._admin = opened(KafkaAdminClient, KafkaNetClient, settings)
        return self._admin

    def _partitions(self, topics: Sequence[str]) -> dict[str, int]:
        """Number of partitions of those topics that exist and may be seen."""
        described = self._opened().describe_topics(list(topics))
        return {topic["name"]: len(topic["partitions"]) for topic in described if topic["error_code"] == 0}

    def _check(self, specs: Sequence[TopicSpec]) -> list[TopicSpec]:
        """Those that are missing. Raises TopicMismatch, naming every topic that differs."""
        partitions = self._partitions([spec.name for spec in specs]) if specs else {}
        present = [spec for spec in specs if spec.name in partitions]
        configs = self._configs(present)
        wrong = [
            f"{spec.name}: {difference}"
            for spec in present
            if (difference := _difference(spec, {"partitions": str(partitions[spec.name]), **configs[spec.name]}))
        ]
        if wrong:
            found = "; ".join(wrong)
            raise TopicMismatch(
                Both(f"主题与约定不符：{found}", f"Topics differ from what the contract says: {found}"),
                Both(
                    "请用 Kafka 的 kafka-configs 改正；主题还是空的，可删去后再运行 czt init。",
                    "Correct them with Kafka's kafka-configs, or delete those that are empty; then run `czt init` again",
                ),
            )
        return [spec for spec in specs if spec.name not in partitions]

    def _configs(self, specs: Sequence[TopicSpec]) -> dict[str, dict[str, str]]:
        """For each topic the settings that `_kept` names, as they are."""
        if not specs:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, spec.name, dict.fromkeys(_kept(spec))) for spec in specs]
        described = self._opened().describe_configs(resources, config_filter="all")["topic"]
        return {topic: {name: config["value"] for name, config in found.items()} for topic, found in described.items()}

    def _create(self, specs: Sequence[TopicSpec]) -> list[str]:
        if not specs:
            return []
        admin = self._opened()
        topics = {spec.name: self._new(spec) for spec in specs}
        answers = admin.create_topics(topics, raise_errors=False)["topics"]
        created: list[str] = []
        for answer in answers:
            error = for_code(answer["error_code"])
            if error is InvalidReplicationFactorError:
                raise SettingsInvalid(
                    Both(
                        f"Kafka 集群的节点数少于 CZT_KAFKA_REPLICATION 要求的 {self._replication}。",
                        f"The cluster has fewer brokers than the {self._replication} that CZT_KAFKA_REPLICATION asks for",
                    ),
                    Both(
                        "请把 CZT_KAFKA_REPLICATION 设为不超过节点数。",
                        "Set CZT_KAFKA_REPLICATION to at most the number of brokers",
                    ),
                )
            if answer["error_code"] == 0:
                created.append(answer["name"])
            elif error is not TopicAlreadyExistsError:
                raise error(f"{answer['name']}: {answer.get('error_message') or error.__name__}")
        admin.wait_for_topics(list(topics))
        return created

    def _new(self, spec: TopicSpec) -> dict[str, Any]:
        limit = DEAD_LETTER_BYTES if spec.name == DEAD_LETTERS else RECORD_BYTES
        configs = _kept(spec) | {
            "compression.type": "producer",
            "max.message.bytes": str(limit),
            # One broker may be away without stopping the publishers, and what is acknowledged is on all the others.
            "min.insync.replicas": str(max(1, self._replication - 1)),
        }
        return {"num_partitions": spec.partitions, "replication_factor": self._replication, "configs": configs}


def _kept(spec: TopicSpec) -> dict[str, str]:
    """The settings that decide what a topic keeps; those that must be so when it exists already."""
    if spec.compacted:
        return {"cleanup.policy": "compact"}
    return {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def _difference(spec: TopicSpec, found: dict[str, str]) -> str:
    """In words, empty when there is none."""
    expected = {"partitions": str(spec.partitions), **_kept(spec)}
    return ", ".join(
        f"{name} is {found.get(name)}, expected {value}" for name, value in expected.items() if found.get(name) != value
    )
