"""A real Apache Kafka of one node, from jars: started, stopped, killed, paused, emptied."""

import base64
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.ports import free_port
from tests.support.process import CannotStart, ServerProcess

JARS = Path(__file__).parents[2] / ".cache" / "kafka"
"""Where `make kafka` puts them."""

CLASSES = JARS / "classes.jsa"
"""What tests/support/kafka_classes.py makes of them."""

CONFIGURATION = Path(__file__).parent / "kafka"
START_TIMEOUT_SECONDS = 180
ADMIN_TIMEOUT_MS = 60_000
OUR_TOPICS = "czt."


class KafkaServer:
    """One broker on a free port of 127.0.0.1. Data and port stay the same over stop, kill and start."""

    def __init__(
        self, options: Mapping[str, str] | None = None, format_words: Sequence[str] = (), java_words: Sequence[str] = ()
    ) -> None:
        """`options` are added to plain.properties and overrule it; the words to the formatting and the broker's command.

        Raises CannotStart when Java or the jars are missing.
        """
        self._java = shutil.which("java")
        if self._java is None:
            raise CannotStart("Kafka needs Java 17 or newer", "Install a JDK and Maven (see .ci/run), then `make kafka`")
        if not any(JARS.glob("kafka_*.jar")):
            raise CannotStart("Kafka's jars are not in .cache/kafka", "Install Maven, then `make kafka`")
        self.port = free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="czt-kafka-"))
        self._data = self._directory / "data"
        self._properties = self._directory / "server.properties"
        self._properties.write_text(self._fill_in(options or {}))
        self._format_words = tuple(format_words)
        self._java_words = tuple(java_words)
        self._process: ServerProcess | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port`, as Kafka clients want it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The same as a value of CZT_BROKER_URL."""
        return f"kafka://{self.bootstrap}"

    def start(self) -> None:
        """Start, format first when there is no data, and return when the broker takes requests.

        Does nothing when it runs. Raises CannotStart.
        """
        if self.running():
            return
        if not self._data.exists():
            self._format()
        command = self._command(*self._java_words, "kafka.Kafka", str(self._properties))
        process = ServerProcess(command, self._directory / "output.log")
        process.wait_until(lambda: "Kafka Server started" in process.output(), START_TIMEOUT_SECONDS, "Kafka")
        self._process = process

    def running(self) -> bool:
        """Whether the process is there; a paused one is."""
        return self._process is not None and self._process.running()

    def stop(self) -> None:
        """End cleanly."""
        if self._process is not None:
            self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: what the broker had not written is lost."""
        if self._process is not None:
            self._process.kill_tree()

    def restart(self) -> None:
        """Stop and start on the same port and data."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """SIGSTOP: the port stays open and nobody answers."""
        if self._process is not None:
            self._process.send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: go on after a pause."""
        if self._process is not None:
            self._process.send(signal.SIGCONT)

    def empty(self) -> None:
        """Delete every `czt.*` topic and return when they are gone (0.1 s). Starts or resumes the broker first."""
        # Here, because every test run imports this file and the client takes 0.3 s to import.
        from kafka import KafkaAdminClient

        self.resume()
        self.start()
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=ADMIN_TIMEOUT_MS)
        try:
            ours = [name for name in admin.list_topics() if name.startswith(OUR_TOPICS)]
            if ours:
                admin.delete_topics(ours, timeout_ms=ADMIN_TIMEOUT_MS)
            while any(name.startswith(OUR_TOPICS) for name in admin.list_topics()):
                pass  # each look is a request, and the broker deletes within the first few
        finally:
            admin.close()

    def remove(self) -> None:
        """End and delete the data."""
        if self._process is not None:
            self._process.end(signal.SIGKILL)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _fill_in(self, options: Mapping[str, str]) -> str:
        text = (CONFIGURATION / "plain.properties").read_text()
        text += "".join(f"{key}={value}\n" for key, value in options.items())  # the last of two settings counts
        values = {"PORT": str(self.port), "CONTROLLER_PORT": str(free_port()), "DATA": str(self._data)}
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        return text

    def _format(self) -> None:
        # The first byte fixed: an id that begins with `-` would be read as an option, one time in 64.
        cluster = base64.urlsafe_b64encode(b"c" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        command = self._command(
            "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties), *self._format_words
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise CannotStart(f"Kafka's storage was not formatted: {done.stderr[-2000:]}", "Try `make kafka` again")

    def _command(self, *words: str) -> list[str]:
        """`words`: more options of Java, the class and its arguments."""
        assert self._java is not None
        archive = [f"-XX:SharedArchiveFile={CLASSES}"] if CLASSES.exists() else []
        return [
            self._java,
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *archive,
            f"-Dlog4j2.configurationFile={CONFIGURATION / 'log4j2.properties'}",
            "-cp",
            ":".join(map(str, sorted(JARS.glob("*.jar")))),  # one order: the archive is good for that of its making
            *words,
        ]
