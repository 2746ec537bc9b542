"""The processes of docker-compose.yml without containers: same commands, same variables, with addresses of this machine."""

import os
import re
import shlex
import signal
import sys
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import make_url

from tests.support import compose
from tests.support.cli import ROOT
from tests.support.compose import COMPLETED, HEALTHY, Service
from tests.support.fleet import until
from tests.support.ports import free_port
from tests.support.process import ServerProcess

KAFKA_PLACES = ("listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs")
"""Settings of the broker that say where it is: here that is another place."""

DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text("utf-8")
START_SECONDS, ONCE_SECONDS = 150.0, 150.0

# `czt` on a machine whose clock says another day. Leases follow the database's clock, as ever.
_SCRIPT = """#!{python}
import sys
sys.path.insert(0, {root!r})
from datetime import timedelta
import deploy.wiring
class ThatDay(deploy.wiring.SystemClock):
    def now(self):
        return super().now() - timedelta(seconds={seconds!r})
deploy.wiring.SystemClock = ThatDay
from deploy.cli.main import run
run()
"""


def kafka_options() -> dict[str, str]:
    """The broker's settings, but for where it is."""
    lines = (ROOT / "deploy" / "kafka" / "plain.properties").read_text("utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    return {name: value for name, value in pairs if name not in KAFKA_PLACES}


def postgres_options() -> tuple[str, ...]:
    """What the database's command sets: `fsync=on` and others."""
    words = compose.services()["postgres"].command
    assert words[0] == "postgres"
    assert set(words[1::2]) == {"-c"}
    return words[2::2]


class Composed:
    """Every service that runs `czt`, started in the order of `depends_on`. Leaving the context kills what is left."""

    def __init__(self, folder: Path, kafka: str, postgres: str, now: datetime) -> None:
        """`kafka`: host:port; `postgres`: the address of the server with its password; `now`: what clocks say."""
        server = make_url(postgres)
        self.home = folder / "czt"
        self._folder = folder
        self._password = folder / "postgres-password"
        self._places = {
            "kafka:9092": kafka,
            "czt@postgres/": f"{server.username}@{server.host}:{server.port}/",
            "/var/lib/czt": str(self.home),
            "/run/secrets/postgres-password": str(self._password),
            "0.0.0.0": "127.0.0.1",
        }
        self.ports: dict[str, str] = {}
        self._processes: dict[str, ServerProcess] = {}
        self._password.write_text(f"{server.password}\n")
        for volume in ("keys", "checkpoints"):
            (self.home / volume).mkdir(parents=True, mode=0o700)
        script = folder / "bin" / "czt"
        script.parent.mkdir()
        seconds = (datetime.now(UTC) - now).total_seconds()
        script.write_text(_SCRIPT.format(python=sys.executable, root=str(ROOT), seconds=seconds))
        script.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for name, process in self._processes.items():
            process.end(signal.SIGKILL)
            if error is not None:
                error.add_note(f"--- {name}\n{process.output()[-3000:]}")

    def environment(self, service: Service) -> dict[str, str]:
        """Its variables and the image's, with addresses, folders and port of this machine."""
        image = dict(re.findall(r"\b(CZT_[A-Z]+)=(\S+)", DOCKERFILE))
        given = {name: self._here(value) for name, value in {**image, **service.environment}.items()}
        if "CZT_METRICS_PORT" in given:
            self.ports.setdefault(service.name, str(free_port()))
            given["CZT_METRICS_PORT"] = self.ports[service.name]
        if "CZT_CONSOLE_PORT" in given:
            given["CZT_CONSOLE_PORT"] = self.ports.setdefault(f"{service.name} api", str(free_port()))
        return given

    def _here(self, value: str) -> str:
        for there, here in self._places.items():
            value = value.replace(there, here)
        return value

    def up(self, services: Mapping[str, Service]) -> None:
        """Start them as Compose would: each when those it waits for are as they must be. The servers are there."""
        for service in compose.in_order(services):
            for other, condition in service.waits_for.items():
                if condition == COMPLETED:
                    until(lambda name=other: not self._processes[name].running(), ONCE_SECONDS, f"{other} ended")  # type: ignore[misc]
                    assert self._processes[other].code == 0, self._processes[other].output()
                else:
                    assert condition == HEALTHY
            if service.is_ours:
                self._start(service)

    def _start(self, service: Service) -> None:
        entry_point = re.search(r"^ENTRYPOINT \[(.*)\]", DOCKERFILE, re.MULTILINE)
        assert entry_point
        shell, script = shlex.split(entry_point[1].replace(",", " "))
        copied = re.search(rf"^COPY (\S+) {re.escape(script)}$", DOCKERFILE, re.MULTILINE)
        assert copied
        environment = {**_plain(), **self.environment(service), "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}"}
        command = [shell, str(ROOT / copied[1]), *service.command]
        self._processes[service.name] = ServerProcess(command, self._folder / f"{service.name}.log", environment=environment)

    def answer(self, name: str, path: str) -> str:
        """What its port answers; empty when that is no success, or nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=30) as answer:
                body: bytes = answer.read()
                return body.decode()
        except OSError:
            return ""

    def wait_ready(self, services: Mapping[str, Service]) -> None:
        """Wait for all that run on."""
        for name in _running_on(services):
            until(lambda one=name: self.answer(one, "/readyz") != "", START_SECONDS, f"{name} is ready")  # type: ignore[misc]

    def unhealthy(self, services: Mapping[str, Service]) -> list[str]:
        """Those whose health check, the very command, fails now."""
        probes = {name: self._probe(service) for name, service in _running_on(services).items()}
        until(lambda: not any(probe.running() for probe in probes.values()), START_SECONDS, "the health checks ended")
        return [name for name, probe in probes.items() if probe.code != 0]

    def _probe(self, service: Service) -> ServerProcess:
        kind, program, *words = service.health
        assert (kind, program) == ("CMD", "python")
        asked = [word.replace(service.environment["CZT_METRICS_PORT"], self.ports[service.name]) for word in words]
        return ServerProcess([sys.executable, *asked], self._folder / "health.log", environment=_plain())

    def down(self, services: Mapping[str, Service]) -> dict[str, int | None]:
        """SIGTERM to all that run on, as `docker compose down` sends it; exit codes. Each leaves within its grace."""
        left = _running_on(services)
        for name in left:
            self._processes[name].send(signal.SIGTERM)
        for name, service in left.items():
            grace = float(str(service.raw["stop_grace_period"]).removesuffix("s"))
            until(lambda one=name: not self._processes[one].running(), grace, f"{name} left")  # type: ignore[misc]
        return {name: self._processes[name].code for name in left}


def _running_on(services: Mapping[str, Service]) -> dict[str, Service]:
    """Our services that don't end by themselves."""
    return {name: service for name, service in services.items() if service.is_ours and service.health}


def _plain() -> dict[str, str]:
    """This process's environment without anything that a container wouldn't have."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CZT_", "PG"))}
